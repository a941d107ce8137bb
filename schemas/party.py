"""Who takes part as a body, and what stands behind it."""

from __future__ import annotations

from schemas import codes
from schemas.fields import wire, wire_value
from schemas.kinds import BOOLEAN, IRI, LABEL, TEXT, code, many, nested


@wire_value()
class ChainLink:
    """Who stands behind a party: its owner, its franchisor, the buyer of what it makes."""

    name: str = wire(LABEL, "name", doc="Its name.")
    role: str = wire(code(codes.CHAIN_ROLES), "chainRole", doc="What it is to the one before it.")
    same_as: tuple[str, ...] = wire(
        many(IRI, skip_unreadable=True), "sameAs", default=(), lenient=True, doc="Where else it is described."
    )


@wire_value()
class Party:
    """Somebody who takes part as a body: an employer, an authority, an organisation.

    A natural person only as the holder of an `office`, or where her `consent` is recorded.
    """

    name: str = wire(LABEL, "name", doc="Its name.")
    kind: str | None = wire(code(codes.PARTY_KINDS), "partyKind", default=None, doc="What it is in this struggle.")
    same_as: tuple[str, ...] = wire(
        many(IRI, skip_unreadable=True), "sameAs", default=(), lenient=True,
        doc="Where else it is described: Wikidata, the LEI register, Open Supply Hub, a register, its own actor.",
    )  # fmt: skip
    chain: tuple[ChainLink, ...] = wire(
        many(nested(ChainLink)), "chain", default=(), doc="What stands behind it, the nearest first."
    )
    office: str | None = wire(TEXT, "office", default=None, doc="Of a person: the office for whose acts she is named.")
    consent: bool | None = wire(
        BOOLEAN, "consent", default=None, doc="Of a person without an office: that she has agreed to be named."
    )
