"""The addresses of struggles: whoever reports first mints one, others refer to it.

Nobody else mints an address of ours, and what a struggle's own server says of its name stands above what a stranger
has said of it before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from federation import origin
from federation.errors import Malformed
from node import identifiers
from node.context import Transaction
from node.errors import Invalid
from node.identifiers import spell
from node.intake import Ignored
from node.reports import building, naming, store
from node.reports.imports import Draft
from node.statements import hearing as statements
from schemas import reading
from schemas.struggle_report import StruggleReport


def mint(tx: Transaction, drafts: Sequence[Draft], actor: str) -> dict[str, str]:
    """The struggle of each draft, minted where this group has not reported on it yet: key -> IRI."""
    keys = list(dict.fromkeys(draft.struggle_key for draft in drafts))
    known = store.struggles_by_key(tx, actor, keys)
    titles = {known[one.struggle_key]: one.struggle_title for one in reversed(drafts) if one.struggle_key in known}
    naming.give(tx, titles)
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
    if own and not is_ours(tx, iri):
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
    if origin.same_origin(iri, tx.node.config.origin) and not is_ours(tx, iri):
        raise Invalid("{iri} is not a struggle of this node", field="struggle", iri=iri)
    return iri


def check_heard(tx: Transaction, report: StruggleReport) -> None:
    """Raise Ignored if another's report names a struggle of this node that there is not; Malformed for a long address.

    Otherwise anybody could take an address of ours, and give it a name.
    """
    iri = report.struggle
    identifiers.check_length(iri)
    if origin.same_origin(iri, tx.node.config.origin) and not is_ours(tx, iri):
        raise Ignored(f"{iri} is no struggle of this node")


def hear(tx: Transaction, reports: Sequence[StruggleReport]) -> None:
    """Enter the struggles of others' reports, each by its first report, or the first of its own server's."""
    rows: list[dict[str, Any]] = [
        {
            "iri": report.struggle,
            "name": statements.shown(report).title or building.meaning(report.action_kind),
            "field": report.field,
            "actor": report.attributed_to,
            "local": False,
            "named_by": report.id,
        }
        for report in reports
    ]
    store.add_struggles(tx, rows)
    for row in rows:
        if origin.same_origin(row["iri"], row["actor"]):
            _hear_own(tx, row)


def _hear_own(tx: Transaction, told: dict[str, Any]) -> None:
    """Let what a struggle's own server says of it stand in place of what a stranger has said first."""
    row = store.find_struggle(tx, told["iri"])
    if row is not None and not row.local and not origin.same_origin(row.iri, row.actor):
        store.set_struggle(tx, row.iri, **{name: told[name] for name in ("name", "field", "actor", "named_by")})


def is_ours(tx: Transaction, iri: str) -> bool:
    """Whether a group of this node has minted the address of a struggle."""
    row = store.find_struggle(tx, iri)
    return row is not None and bool(row.local)
