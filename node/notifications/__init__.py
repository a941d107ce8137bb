"""Notifications: what others do that concerns a group, as its members find it in their apps.

Words: a **notification** is that somebody named the group, liked or boosted or quoted what it says, follows it, or
that something was put to the vote in it; each member **dismisses** it for herself, or **clears** all that there is.
A **policy** says of a member's account what of strangers waits as a **request** until she looks at it.

Invariants: one notification a deed, however often the deed is told; it goes when the deed is taken back, when the text
is deleted, when the group blocks whoever did it, and after thirty days; nothing is ever sent because of it. It is the
group's, and what a member has dismissed is hers: what one member reads, the others do not see. A reader's account is
known to nobody else, so nobody can do anything that concerns it: her list is empty.
"""

from node.notifications import actions, policies, store

PRUNINGS = (store.prune,)
SETTLINGS = (actions.settle,)

__all__ = ["PRUNINGS", "SETTLINGS", "policies"]
