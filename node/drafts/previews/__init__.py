"""What other servers will show of a text, before it leaves: pure, from the document that they would get.

Each module says what one program does with a document, and where that was read. They know nothing of each other, and
none of them claims more than the text and what hides it: how a page looks is theirs.
"""

from __future__ import annotations

from typing import Any

from node.drafts.previews import gotosocial, mastodon, misskey, peer
from node.drafts.previews.seen import Preview

SERVERS = (mastodon, gotosocial, misskey, peer)

__all__ = ["SERVERS", "Preview", "of"]


def of(document: dict[str, Any]) -> list[Preview]:
    """What each of the programs we know will show of `document`, a statement as it is sent."""
    return [server.preview(document) for server in SERVERS]
