"""What a text quotes, as apps read it (Mastodon 4.5): the quoted text, or why it is not shown.

A quotation is shown where the author of what is quoted has allowed it. One in an older form, which asks nobody, is a
link in the text and no more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from node.context import Transaction
from node.statements import quotes, quotings

OF_OTHERS = {
    quotes.Consent.CLAIMED.value: "pending",
    quotes.Consent.ALLOWED.value: "accepted",
    quotes.Consent.REFUSED.value: "rejected",
    quotes.Consent.REVOKED.value: "revoked",
}
OF_OURS = {
    quotings.Consent.PENDING.value: "pending",
    quotings.Consent.GIVEN.value: "accepted",
    quotings.Consent.REFUSED.value: "rejected",
}


def states(tx: Transaction, iris: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Of those of `iris` that quote something: the state of it, and what they quote."""
    found: dict[str, tuple[str, str]] = {}
    for table, words in ((quotes.quotes, OF_OTHERS), (quotings.quotings, OF_OURS)):
        key = table.c.quoting if table is quotes.quotes else table.c.iri
        query = select(key.label("iri"), table.c.quoted, table.c.state).where(key.in_(iris))
        for row in tx.execute(query):
            if row.state in words:
                found[row.iri] = (words[row.state], row.quoted)
    return found


def body(state: str, quoted: bytes | None, *, number: int | None) -> bytes:
    """The Quote: with what is quoted (or, inside of another quotation, its number), where that may be shown."""
    if state == "accepted" and quoted is None and number is None:
        state = "deleted"
    if number is not None:
        shown = f'"{number}"'.encode() if state == "accepted" else b"null"
        return b'{"state":"' + state.encode() + b'","quoted_status_id":' + shown + b"}"
    shown = quoted if quoted is not None and state == "accepted" else b"null"
    return b'{"state":"' + state.encode() + b'","quoted_status":' + shown + b"}"


def allowed(found: Mapping[str, tuple[str, str]]) -> list[str]:
    """What is quoted and may be shown."""
    return list(dict.fromkeys(quoted for state, quoted in found.values() if state == "accepted"))
