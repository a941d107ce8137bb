"""Uploads: pictures and films that an app sends in before the text they belong to, and what it has sent already.

Words: an **upload** is a cleaned picture, film or sound with its description, and belongs to the viewer who sent it
until a text of hers takes it; a film has no file as long as it is worked on. A **sending** remembers by its
Idempotency-Key what became of a text, so that an app that heard no answer can ask again without saying all of it twice.

Invariants: metadata of a picture never touches the disk (node.media), that of a film only in a file without a name; an
upload is told to nobody but its viewer until a text takes it, but its file, named by the digest of what it shows, is
served to whoever knows that name: apps show it before it is sent. One that no text has taken goes after a day, with its
file; a picture without a description is not published.
"""

from node.uploads import actions, store

KEEPERS = (store.keeps,)
PRUNINGS = (actions.prune, store.prune_sendings)

__all__ = ["KEEPERS", "PRUNINGS"]
