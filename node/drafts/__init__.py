"""Drafts: where members write together what the group is to say, until the group has decided.

Words: a **draft** is a text on its way to a decision, perhaps in several languages that are decided together; a
**version** is what one member has saved, and is never changed; the **head** is the version that stands. A version that
could not be joined with the head because both have changed the same words is **set aside**: it is kept and shown until
somebody has **settled** it, by taking it in or leaving it out. A **comment** is said about a version.

Invariants: a draft is seen by those alone who hold a mandate in its group; nothing that was saved is lost while it is
written; while the group decides, the text that it decides on cannot be changed; once the group has adopted it the
versions, the comments and with them the names of the writers are deleted, and what is left is the publication.

This room knows no kind of text: it finds out how to propose one by its kind (`rooms.proposing`), and what it will look
like (`rooms.makings`).
"""

from node.drafts import actions, store
from node.drafts.store import prune_drafts

ADOPTIONS = (actions.adopted,)
JOBS = actions.JOBS
KEEPERS = (store.keeps,)
PRUNINGS = (prune_drafts, actions.prune_of_retired)
TABLES = (store.drafts, store.versions, store.comments)

__all__ = ["ADOPTIONS", "JOBS", "KEEPERS", "PRUNINGS", "TABLES"]
