"""Backfill: what those whom a group follows have said before they were followed.

Words: a **backfill** is one walk through the past of one actor, in three **phases**: what it has `featured` (`pinned`
reads it), its `outbox`, and the `threads` of what came. A **step** is all that is pinned, one page (or a few threads):
one job, one request or two, and one transaction that keeps what the page holds and promises the next step, so that the
walk goes on where it was after a restart or kill -9. It begins when a follow is accepted, and again when somebody says
`commonwire backfill`.

A group that asked to follow one of ours and was admitted by a decision is read too, although nobody here follows it.

Invariants: only the past of somebody who has accepted a follow, or was admitted, is read; a walk ends at its limits
(entries, age), at a page that came before, at another origin, and at the first 403 or 429, and its row says why; what
a page embeds is believed only if page, object and author are of one origin, the author is the actor itself and a proof,
if there is one, holds, and everything else is fetched at its own origin; old things take the place of their date and
are news to nobody.

What it knows of other rooms is how to hear: what a statement or a report is, is their business.
"""

from node.backfill.actions import JOBS
from node.backfill.store import prune_backfills

PRUNINGS = (prune_backfills,)

__all__ = ["JOBS", "PRUNINGS"]
