"""Moderation: what of others waits for a person before anybody sees it, what is removed, whom a group does not hear.

Words: what is **held** came from others, waits for a delegate of the group that it concerns, and is **admitted** or
**refused**; a **filter** is a group's own rule by words or domains; the **settings** are its rules about strangers
(first contact, new accounts); an account is **muted** or **blocked** by the group. Whom it concerns: the group below
whose text something stands, else the one that it names, else one that follows its author (`screening`).

Invariants: what is held stands in the table `held` and nowhere else: it is no object, is shown to nobody but delegates,
counted nowhere, and no other room knows of it. Admitting it is hearing it anew. What is refused is forgotten but for
its address, so that it does not come back; both go after thirty days. Each rule counts by day what it did, and no
person is named in that. No pattern takes longer than its text is long, whatever a member writes or a stranger sends.
Every act is one of the group, under its rule for limiting peers. Of a mute, of what is held, refused or removed nobody
is told; of a block its actor's server is, so that it ends the follows on its side.
"""

from node.moderation import pacing, screening, store
from node.moderation.actions import ACTS, EFFECTS

DELETIONS = (screening.forget,)
LOOPS = (pacing.run,)
PRUNINGS = (store.prune,)
SCREENS = (screening.look,)
SETTLINGS = (screening.settle,)

__all__ = ["ACTS", "DELETIONS", "EFFECTS", "LOOPS", "PRUNINGS", "SCREENS", "SETTLINGS"]
