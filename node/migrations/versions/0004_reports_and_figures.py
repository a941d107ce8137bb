"""What reports of struggles and the figures made from them need."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from node.migrations import appeals_and_conditions

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """One function for each part of the node, below."""
    _reports()
    _figures()
    _search()
    _wire()
    appeals_and_conditions.create()
    _corrections()


def downgrade() -> None:
    """Back to reports of which nothing is counted."""
    _forget_corrections()
    _forget_search()
    appeals_and_conditions.drop()
    _forget_figures()
    _forget_wire()
    _forget_reports()


def _reports() -> None:
    """What of a report is counted. Reports that are held are counted when they are next heard or imported."""
    for column in (
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("started_by", sa.Text(), nullable=True),
        sa.Column("status", sa.Text(), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("as_of", sa.Text(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Text(), nullable=True),
        sa.Column("withdrawn", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("left_out", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), server_default="", nullable=False),
    ):
        op.add_column("reports", column)
    op.create_table(
        "report_measures",
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("computed", sa.Boolean(), nullable=False),
        sa.Column("absent", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["report"], ["reports.iri"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("report", "place"),
    )
    op.create_table(
        "report_terms",
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["report"], ["reports.iri"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("report", "dimension", "value"),
    )
    op.create_index("report_terms_by_value", "report_terms", ["dimension", "value"])


def _forget_reports() -> None:
    op.drop_table("report_terms")
    op.drop_table("report_measures")
    for name in (
        "digest", "left_out", "withdrawn", "confidence", "basis", "as_of", "outcome", "status", "started_by", "section",
    ):  # fmt: skip
        op.drop_column("reports", name)


def _figures() -> None:
    """The numbers that are added up; what is held already is counted by a job, in its own time."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "counted_reports",
        sa.Column("sort_id", number, autoincrement=False, nullable=False),
        sa.Column("newest", number, nullable=True),
        *_columns(sa.Boolean(), "counts", "shared", nullable=False),
        *_columns(sa.SmallInteger(), "year"),
        *_columns(sa.Integer(), "quarter", "month"),
        *_columns(sa.Double(), "people_low", "people_high", "days_low", "days_high", "span_low", "span_high"),
        *_columns(sa.SmallInteger(), "people_computed", "people_banded", "days_computed", "days_banded"),
        *_columns(sa.BigInteger(), "lane0", "lane1", "lane2", "lane3", nullable=False),
        *_columns(sa.Integer(), "began", "began_last"),
        *_columns(sa.SmallInteger(), "bucket", nullable=False),
        *_columns(sa.Integer(), "said", nullable=False),
        *_columns(sa.Text(), "country", "section", "field"),
        *_columns(sa.Text(), "kind", nullable=False),
        *_columns(sa.Text(), "status", "outcome"),
        *_columns(sa.Text(), "author", nullable=False),
        *_columns(sa.Text(), "started_by", "basis", "people_basis", "days_basis", "region"),
        *_columns(sa.Text(), "struggle", "report", nullable=False),
        sa.ForeignKeyConstraint(["newest"], ["counted_reports.sort_id"], ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["report"], ["reports.iri"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sort_id"),
        sa.UniqueConstraint("report"),
    )
    op.create_index("counted_reports_by_struggle", "counted_reports", ["struggle"])
    op.create_index("counted_reports_by_people", "counted_reports", ["people_low"])
    op.create_index("counted_reports_by_days", "counted_reports", ["days_low"])
    op.create_index("counted_reports_by_country", "counted_reports", ["country", "author", "counts", "began"])
    op.create_index(op.f("ix_counted_reports_newest"), "counted_reports", ["newest"])
    op.create_table(
        "counted_measures",
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("sort_id", number, nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("computed", sa.SmallInteger(), nullable=False),
        sa.Column("banded", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["sort_id"], ["counted_reports.sort_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("measure", "sort_id"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_counted_measures_sort_id"), "counted_measures", ["sort_id"])
    op.create_table(
        "counted_terms",
        sa.Column("sort_id", number, nullable=False),
        sa.Column("dimension", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["sort_id"], ["counted_reports.sort_id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sort_id", "dimension", "value"),
        sqlite_with_rowid=False,
    )
    op.create_index("counted_terms_by_value", "counted_terms", ["dimension", "value", "sort_id"])
    op.execute(
        "INSERT INTO jobs (kind, payload, lane, priority, key, promised, due, attempts, parked) "
        "SELECT 'count_reports', '{}', '', 9, 'count_reports', 0, 0, 0, false "
        "WHERE EXISTS (SELECT 1 FROM reports)"
    )


def _columns(kind: Any, *names: str, nullable: bool = True) -> list[sa.Column[Any]]:
    return [sa.Column(name, kind, nullable=nullable) for name in names]


def _forget_figures() -> None:
    op.drop_table("counted_terms")
    op.drop_table("counted_measures")
    op.drop_table("counted_reports")
    op.execute("DELETE FROM jobs WHERE kind = 'count_reports'")


def _search() -> None:
    """What texts are found by. What is held already enters by a job, in small transactions."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "search_entries",
        sa.Column("sort_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("words", sa.Text() if is_sqlite else _vector(), nullable=False),
        sa.PrimaryKeyConstraint("sort_id"),
        sa.UniqueConstraint("iri"),
    )
    if is_sqlite:
        op.execute(
            "CREATE VIRTUAL TABLE search_words USING fts5"
            "(words, content='search_entries', content_rowid='sort_id', columnsize=0, tokenize='ascii')"
        )
    else:
        op.create_index("search_entries_by_words", "search_entries", ["words"], postgresql_using="gin")
        # Or it takes a word that nobody uses for one of some hundred texts, and looks through all, newest first.
        op.execute("ALTER TABLE search_entries ALTER COLUMN words SET STATISTICS 1000")
    op.execute(
        "INSERT INTO jobs (kind, payload, priority, promised, due)"
        """ SELECT 'index_texts', '{"after": 0}', 9, 0, 0 WHERE EXISTS (SELECT 1 FROM objects)"""
    )


def _vector() -> sa.types.TypeEngine[str]:
    from sqlalchemy.dialects.postgresql import TSVECTOR

    return TSVECTOR()


def _forget_search() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_words")
    op.drop_table("search_entries")
    op.execute("DELETE FROM jobs WHERE kind IN ('index_texts', 'index_import', 'forget_words')")


_BY = {
    "reports_by_time": ("reports", ["sort_id"]),
    "reports_by_beginning": ("reports", ["began"]),
    **{
        f"reports_by_{name}": ("reports", [name, "sort_id"])
        for name in ("country", "field", "section", "action_kind", "status")
    },
    "statements_by_language": ("statements", ["language"]),
    "actors_by_tendency": ("actors", ["tendency"]),
}


def _wire() -> None:
    """What readers filter by. The tendency of a group that is known is entered when it is next seen."""
    op.add_column("actors", sa.Column("tendency", sa.Text(), nullable=True))
    for name, (table, columns) in _BY.items():
        op.create_index(name, table, columns)


def _forget_wire() -> None:
    for name, (table, _) in _BY.items():
        op.drop_index(name, table)
    op.drop_column("actors", "tendency")


def _corrections() -> None:
    """What readers ask a group to correct, and what it has answered."""
    op.create_table(
        "correction_requests",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("sameness", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), server_default="1", nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("closed", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(["group"], ["local_actors.iri"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("text", "sameness"),
    )
    op.create_index("correction_requests_by_group", "correction_requests", ["group", "closed", "id"])
    op.create_index("correction_requests_by_day", "correction_requests", ["day"])
    op.create_index("correction_requests_by_answer", "correction_requests", ["answer"])
    op.create_table(
        "correction_answers",
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("iri"),
    )
    op.create_index("correction_answers_by_text", "correction_answers", ["text"])


def _forget_corrections() -> None:
    op.drop_table("correction_answers")
    op.drop_table("correction_requests")
