"""Streams: what apps are told as it happens, in every process that serves this database.

Words: an **event** is a row that says what happened to a text, a boost or a notification; a **tail** is where one
process stands in the events; a **stream** is what an app asks to be told of (home, public, a hashtag ...), which is the
web's business (node.web.mastodon.streaming).

Invariants: an event stands in the table if, and only if, what it tells was committed, because it is written at the end
of the same transaction; only what is public and new is told, so that a past that is fetched is not news; an event names
a text and never holds one, so that whoever is told reads it as she may see it; events are let go of after an hour.
Whoever was not there when something happened reads her time line: a stream promises nothing that was missed.

Processes learn that there are events as they learn of jobs (node.watching). PostgreSQL numbers rows before they are
committed, so a tail looks back a little and passes each number on once.
"""

from node.streams import actions, store

PRUNINGS = (store.prune,)
SETTLINGS = (actions.settle,)

__all__ = ["PRUNINGS", "SETTLINGS"]
