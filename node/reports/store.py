"""Tables and queries of struggles and the reports on them; those of imports are in `transcriptions`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    Double,
    ForeignKey,
    Index,
    Integer,
    Row,
    Select,
    Table,
    Text,
    UniqueConstraint,
    case,
    delete,
    exists,
    false,
    func,
    select,
    update,
)

from node.context import Transaction
from node.database import Moment, insert, metadata
from node.objects import objects
from node.peering.standing import not_hidden
from node.reports import counts
from node.reports.building import BLANKED
from node.reports.facts import Facts
from node.statements.store import statements

struggles = Table(
    "struggles",
    metadata,
    Column("iri", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("field", Text),
    Column("actor", Text, nullable=False),  # who minted it, or from whom we first heard of it
    Column("local", Boolean, nullable=False),
    Column("key", Text),  # the name of the struggle in a table, so that the next report of it finds it
    Column("since", Moment, nullable=False),
    Column("named_by", Text),  # the report that gave the name: "" while there is none, none for a name of no report
    UniqueConstraint("actor", "key"),
    Index("struggles_by_naming", "named_by"),
)

reports = Table(
    "reports",
    metadata,
    Column("iri", Text, ForeignKey("statements.iri", ondelete="CASCADE"), primary_key=True),
    Column("sort_id", BigInteger, nullable=False),
    Column("struggle", Text, ForeignKey("struggles.iri"), nullable=False),
    Column("author", Text, nullable=False),
    Column("import_iri", Text),
    Column("import_key", Text),
    Column("action_kind", Text, nullable=False),
    Column("field", Text),
    Column("country", Text),
    Column("region", Text),
    Column("locality", Text),
    Column("began", Text),
    Column("ended", Text),
    Column("sector", Text),
    Column("section", Text),  # of ISIC Rev. 4, whatever scheme the sector is of
    Column("started_by", Text),
    Column("status", Text),
    Column("outcome", Text),
    Column("as_of", Text),
    Column("basis", Text),
    Column("confidence", Text),
    Column("withdrawn", Boolean, nullable=False, server_default=false()),
    Column("left_out", Text),  # why it is in no figure, in words: another's report that we cannot count
    Column("digest", Text, nullable=False, server_default=""),  # of what is counted
    UniqueConstraint("author", "import_key"),
    Index("reports_by_import", "import_iri"),
    Index("reports_by_struggle", "struggle", "sort_id"),
    Index("reports_by_time", "sort_id"),
    *(
        Index(f"reports_by_{name}", name, "sort_id")
        for name in ("country", "field", "section", "action_kind", "status")
    ),
    Index("reports_by_beginning", "began"),
)

report_measures = Table(
    "report_measures",
    metadata,
    Column("report", Text, ForeignKey("reports.iri", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True),
    Column("measure", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("low", Double),
    Column("high", Double),
    Column("basis", Text),
    Column("computed", Boolean, nullable=False),
    Column("absent", Text),
)

report_terms = Table(
    "report_terms",
    metadata,
    Column("report", Text, ForeignKey("reports.iri", ondelete="CASCADE"), primary_key=True),
    Column("dimension", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Index("report_terms_by_value", "dimension", "value", "label"),
)


REPORTS_OF_ONE = 10
"""So many reports on one struggle are expected among the latest, when struggles are looked for by their reports."""


def name_stands() -> ColumnElement[bool]:
    """That anybody may read a struggle's name: the report that gave it is public, or none did."""
    giving = objects.c.iri == struggles.c.named_by, objects.c.public.is_(True), objects.c.deleted.is_(None)
    return struggles.c.named_by.is_(None) | exists().where(*giving)


def _struggles() -> Select[Any]:
    """Struggles, each under its name if that stands, else under the oldest public title, else its address."""
    said = statements.join(reports, reports.c.iri == statements.c.iri).join(objects, objects.c.iri == reports.c.iri)
    public = objects.c.public.is_(True), objects.c.deleted.is_(None), statements.c.title.is_not(None)
    titles = select(statements.c.title).select_from(said).where(reports.c.struggle == struggles.c.iri, *public)
    oldest = titles.order_by(reports.c.sort_id).limit(1).correlate(struggles).scalar_subquery()
    name = case((name_stands(), struggles.c.name), else_=func.coalesce(oldest, struggles.c.iri)).label("name")
    return select(name, *(column for column in struggles.c if column.name != "name"))


def find_struggle(tx: Transaction, iri: str) -> Row[Any] | None:
    """One struggle."""
    return tx.execute(_struggles().where(struggles.c.iri == iri)).one_or_none()


def find_struggles(tx: Transaction, iris: Collection[str]) -> dict[str, Row[Any]]:
    """Those of `iris` that are known, by their addresses."""
    return {row.iri: row for row in tx.execute(_struggles().where(struggles.c.iri.in_(iris)))}


def struggles_by_key(tx: Transaction, actor: str, keys: Sequence[str]) -> dict[str, str]:
    """The struggles a group has minted for rows of tables: key -> IRI."""
    query = select(struggles.c.key, struggles.c.iri).where(struggles.c.actor == actor, struggles.c.key.in_(keys))
    return {row.key: row.iri for row in tx.execute(query)}


def add_struggles(tx: Transaction, rows: list[dict[str, Any]]) -> None:
    """Enter struggles; one that is known is left as it is. The first report of one is the one that names it."""
    if rows:
        complete = [{"key": None, "since": tx.now, "named_by": ""} | row for row in rows]
        tx.execute(insert(tx, struggles).on_conflict_do_nothing(index_elements=["iri"]), complete)


def set_struggle(tx: Transaction, iri: str, **values: Any) -> None:
    """Change a struggle's row."""
    tx.execute(update(struggles).where(struggles.c.iri == iri).values(**values))


def latest_struggles(tx: Transaction, *, author: str | None = None, limit: int = 100) -> list[Row[Any]]:
    """The struggles of the latest public reports that stand in feeds (by `author`), each once, the latest first."""
    query = (
        select(reports.c.struggle)
        .join(objects, objects.c.iri == reports.c.iri)
        .where(objects.c.public.is_(True), objects.c.deleted.is_(None), reports.c.import_iri.is_(None))
        .where(*not_hidden(tx, reports.c.author))
    )
    if author is not None:
        query = query.where(reports.c.author == author)
    latest = tx.execute(query.order_by(reports.c.sort_id.desc()).limit(limit * REPORTS_OF_ONE)).scalars()
    chosen = list(dict.fromkeys(latest))[:limit]
    found = find_struggles(tx, chosen)
    return [found[iri] for iri in chosen]


def reports_on(tx: Transaction, *struggle: str, after: int = 0, limit: int = 200) -> list[Row[Any]]:
    """The public reports on a struggle, or on several that are one, oldest first; none of a suspended host."""
    query = (
        select(objects)
        .join(reports, reports.c.iri == objects.c.iri)
        .where(
            reports.c.struggle.in_(struggle),
            objects.c.public.is_(True),
            objects.c.deleted.is_(None),
            objects.c.sort_id > after,
            *not_hidden(tx, reports.c.author),
        )
        .order_by(objects.c.sort_id)
        .limit(limit)
    )
    return list(tx.execute(query))


def count_reports_on(tx: Transaction, *struggle: str) -> int:
    """How many public reports there are on a struggle, or on several that are one; none of a suspended host."""
    query = (
        select(func.count())
        .select_from(reports.join(objects, reports.c.iri == objects.c.iri))
        .where(reports.c.struggle.in_(struggle), objects.c.public.is_(True), objects.c.deleted.is_(None))
        .where(*not_hidden(tx, reports.c.author))
    )
    return int(tx.execute(query).scalar_one())


def add_reports(tx: Transaction, found: Sequence[Facts]) -> None:
    """Enter reports whose objects are held; one that is entered is left as it is."""
    known = of(tx, [one.row["iri"] for one in found])
    fresh = list({one.row["iri"]: one for one in found if one.row["iri"] not in known}.values())
    if fresh:
        tx.touched.update(one.row["iri"] for one in fresh)
        tx.execute(insert(tx, reports), [one.row for one in fresh])
        _let_name(tx, {one.row["struggle"]: one.row["iri"] for one in reversed(fresh)})
        _add_details(tx, fresh)


def _let_name(tx: Transaction, first: dict[str, str]) -> None:
    """Write down which report gave a struggle its name, where none has: struggle -> its first report."""
    query = select(struggles.c.iri).where(struggles.c.iri.in_(first), struggles.c.named_by == "")
    query = query.where(struggles.c.name != BLANKED)  # what is blank bears the oldest title
    for iri in tx.execute(query).scalars().all():
        set_struggle(tx, iri, named_by=first[iri])


def replace_report(tx: Transaction, newer: Facts) -> None:
    """Put a newer version in place of the one there is; its struggle, author and import stay."""
    iri = newer.row["iri"]
    tx.touched.add(iri)
    fixed = {"iri", "sort_id", "struggle", "author", "import_iri", "import_key"}
    values = {name: value for name, value in newer.row.items() if name not in fixed}
    tx.execute(update(reports).where(reports.c.iri == iri).values(**values))
    for table in (report_measures, report_terms):
        tx.execute(delete(table).where(table.c.report == iri))
    _add_details(tx, [newer])


def _add_details(tx: Transaction, found: Sequence[Facts]) -> None:
    if measures := [row for one in found for row in one.measures]:
        tx.execute(insert(tx, report_measures), measures)
    if terms := [row for one in found for row in one.terms]:
        tx.execute(insert(tx, report_terms), terms)
    counts.enter(tx, found)


def of(tx: Transaction, iris: Sequence[str]) -> dict[str, Row[Any]]:
    """The reports among `iris`."""
    return {row.iri: row for row in tx.execute(select(reports).where(reports.c.iri.in_(iris)))}


def known_keys(tx: Transaction, author: str, keys: Sequence[str]) -> set[str]:
    """Those of `keys` whose rows a group has imported already."""
    query = select(reports.c.import_key).where(reports.c.author == author, reports.c.import_key.in_(keys))
    return set(tx.execute(query).scalars())


def count_held(tx: Transaction) -> int:
    """How many public reports this node holds, its own and others'."""
    query = (
        select(func.count())
        .select_from(reports.join(objects, reports.c.iri == objects.c.iri))
        .where(objects.c.public.is_(True), objects.c.deleted.is_(None))
    )
    return int(tx.execute(query).scalar_one())


def prune_struggles(tx: Transaction) -> int:
    """Delete struggles of others on which no report is held any more; how many there were."""
    reported = select(reports.c.iri).where(reports.c.struggle == struggles.c.iri).exists()
    return int(tx.execute(delete(struggles).where(struggles.c.local.is_(False), ~reported)).rowcount)
