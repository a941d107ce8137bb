"""Marks: what a reader or member notes for herself. Nothing here ever leaves the node, or is seen by anyone else.

Words: a **viewer** is an account as apps meet it (`node.members.viewers`), and whatever stands here is hers; a **mark**
stands on a text: favourite, bookmark, or that its thread is to be quiet; an account can be **muted** (for a time, with
or without its notifications), **hidden** (what apps call a block: here it is her wish alone, and nobody is told) or
followed in **private** (a reader has no actor: what she follows is a choice among what the node holds); a **host** can
be hidden; a **note** is on an account; a **list** is accounts under a title; a **filter** is words and texts that are
not to be seen, where and how; a **place** is how far she has read.

Files: `store` (marks on texts), `accounts` (mutes, hidden accounts and hosts, notes), `followings` (private follows,
tags), `lists`, `filters` and `matching` (what a filter finds: pure), `places`, `hiding` (what of it shortens a time
line, for the rooms that query them), `differing` (which viewers see the same of a text), `relations` (how a viewer
stands to accounts), `actions`, `copying` (all of it in her hands, and forgetting it).

Invariants: no function here sends, promises, or writes a row that another room reads to send. Every row hangs on
`viewers.id` and goes with it, and with the text or the account that it is about, also where that leaves a tombstone.
Every kind has a limit, so that nobody fills the disk by being careful. A group's follows are its acts and stand in
`peering`; what a member has for herself beside them (whether boosts are shown) stands here.
"""

from node.marks import actions, places

SETTLINGS = (actions.settle,)
PRUNINGS = (actions.prune,)

__all__ = ["PRUNINGS", "SETTLINGS", "places"]
