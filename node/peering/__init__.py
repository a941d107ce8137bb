"""Peering: who follows whom, and whom this node hears.

Words: a **follow** is a relation between two actors, one of them ours, and its state; a **policy** is what this node
does with a host (`suspended`: nothing of it is heard and nothing is sent to it). Following is a decision of the group;
so is suspending a host. A Follow of our group is accepted unless its host is suspended or the group has chosen to be
asked (`choices`): then it is a **request**, which waits until the group admits it or declines it with a reason
(`admission`). It is never answered by following back.

A key is told in words that two people can compare over the telephone (`fingerprints`), and a name or an address that
looks like that of a group already known is pointed out (`likeness`).

A remote actor's **handle** is shown as both the actor and the handle's host give it (`handles`). Where they do not
agree, the actor is shown under the host that its id lies at.

A **block** is somebody else's wish to hear nothing of one of our groups: it ends the follows between the two, keeps
its inbox out of what is sent, and is shown to nobody (`blocks`). A **move** is an actor's going to another address,
where whoever followed it follows on (`moves`).

A peer that comes back after it was unreachable gets what it missed from the log (`catching_up`), and where a shared
inbox is gone, everybody behind it gets the same at her own. Servers compare who follows whom (`synchronisation`).

Invariants: one row for each pair; an Accept or Reject counts only from the one who was followed; an Undo that comes
before its Follow wins over it.
"""

from node.peering import admission, catching_up, handles, inbox, log, moves, policies, synchronisation
from node.peering.actions import ACTS, EFFECTS
from node.peering.store import followed_hosts, is_heard, prune_follows

HANDLERS = inbox.HANDLERS
NEWCOMERS = (policies.admit,)
JOBS = handles.JOBS | moves.JOBS | catching_up.JOBS | synchronisation.JOBS
PRUNINGS = (prune_follows, admission.prune, moves.prune_moves, log.prune)

__all__ = ["ACTS", "EFFECTS", "HANDLERS", "JOBS", "NEWCOMERS", "PRUNINGS", "followed_hosts", "is_heard"]
