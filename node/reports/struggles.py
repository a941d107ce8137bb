"""The addresses of struggles: whoever reports first mints one, others refer to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from federation import origin
from federation.errors import Malformed
from node.context import Transaction
from node.errors import Invalid
from node.identifiers import spell
from node.reports import store
from node.reports.imports import Draft
from schemas import reading


def mint(tx: Transaction, drafts: Sequence[Draft], actor: str) -> dict[str, str]:
    """The struggle of each draft, minted where this group has not reported on it yet: key -> IRI."""
    keys = list(dict.fromkeys(draft.struggle_key for draft in drafts))
    known = store.struggles_by_key(tx, actor, keys)
    rows: dict[str, dict[str, Any]] = {}
    for draft in drafts:
        key, address = draft.struggle_key, named(draft.struggle_key)
        if key in known:
            continue
        known[key] = address or tx.node.address(f"/struggles/{spell(tx.new_id())}")
        rows[key] = {
            "iri": known[key],
            "name": draft.struggle_title,
            "field": draft.field,
            "actor": actor,
            "local": origin.same_origin(known[key], tx.node.config.origin),
            "key": None if address else key,
        }
    store.add_struggles(tx, list(rows.values()))
    return known


def named(key: str) -> str | None:
    """The struggle's address, where a table or a writer gives one: somebody has reported on it before."""
    name = key.partition(":")[2]
    return name if name.startswith(("https://", "http://")) else None


def check(tx: Transaction, draft: Draft) -> None:
    """Raise Invalid if a draft names a struggle of this node that there is not, or an address that is none."""
    iri = named(draft.struggle_key)
    if iri is None:
        return
    try:
        own = origin.same_origin(iri, tx.node.config.origin)
    except Malformed as error:
        raise Invalid("{iri!r}: {reason}", field="struggle", iri=iri, reason=error.why) from None
    if own and store.find_struggle(tx, iri) is None:
        raise Invalid("{iri} is not a struggle of this node", field="struggle", iri=iri)


def addressed(tx: Transaction, written: str | None, *, actor: str) -> str | None:
    """The address of the struggle that was written: itself, or that of the name by which the group reports on it.

    Raises Invalid where this node knows no such struggle, or the address is none.
    """
    if written is None:
        return None
    if not written.startswith(("https://", "http://")):
        key = f"commonwire:{written}"
        if (known := store.struggles_by_key(tx, actor, [key]).get(key)) is None:
            raise Invalid("the group has reported on no struggle “{name}”; give its address", field="struggle",
                          name=written[:60])  # fmt: skip
        return known
    try:
        iri = reading.iri(written)
    except Malformed as error:
        raise Invalid(
            "“{iri}” is no address: {reason}", field="struggle", iri=written[:100], reason=error.why
        ) from None
    if origin.same_origin(iri, tx.node.config.origin) and store.find_struggle(tx, iri) is None:
        raise Invalid("{iri} is not a struggle of this node", field="struggle", iri=iri)
    return iri
