"""Uploads: pictures that an app sends in before the text they belong to, and what it has sent already.

Words: an **upload** is a cleaned picture with its description, and belongs to the viewer who sent it until a text of
hers takes it; a **sending** remembers by its Idempotency-Key what became of a text, so that an app that heard no
answer can ask again without saying everything twice.

Invariants: metadata of a picture never touches the disk (node.media); an upload is told to nobody but its viewer until
a text takes it, but its file, named by the digest of what it shows, is served to whoever knows that name: apps show it
before it is sent. One that no text has taken goes after a day, with its file; a picture without a description is not
published.
"""

from node.uploads import actions, store

KEEPERS = (store.keeps,)
PRUNINGS = (actions.prune, store.prune_sendings)

__all__ = ["KEEPERS", "PRUNINGS"]
