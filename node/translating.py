"""What people read, in their language: marking sentences here, so that they are found, and translating them when shown.

`N_` marks a sentence that stands in a table or an error and is translated where it is shown, by whoever knows for whom.
"""

from __future__ import annotations

from node.errors import NodeError


def N_(sentence: str) -> str:
    """The sentence as it is, marked to be entered into the catalogues."""
    return sentence


def translated(sentence: str) -> str:
    """The sentence in the language of whoever it is shown to."""
    return sentence


def said(what: NodeError | str) -> str:
    """An error, or a sentence that was marked with `N_`, in the language of whoever it is shown to."""
    return what.said(translated) if isinstance(what, NodeError) else translated(what)
