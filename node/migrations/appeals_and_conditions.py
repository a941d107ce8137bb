"""The tables of appeals, answers and conditions, for the migration that makes them (0004)."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op


def create() -> None:
    """Make them. What is held is entered when it is next heard."""
    _appeals()
    _conditions()


def drop() -> None:
    """Back to a node without them."""
    for table in ("conditions", "conditions_reports", "appeal_answers", "appeal_kinds", "appeals"):
        op.drop_table(table)


def _appeals() -> None:
    """What groups ask of others, and what is answered. What is held is entered when it is next heard."""
    op.create_table(
        "appeals",
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("sort_id", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("struggle", sa.Text(), nullable=True),
        sa.Column("until", sa.Text(), nullable=True),
        sa.Column("open_until", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        *_amount("goal"),
        sa.ForeignKeyConstraint(["iri"], ["statements.iri"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("iri"),
    )
    op.create_index("appeals_open", "appeals", ["status", "open_until"])
    op.create_index("appeals_by_struggle", "appeals", ["struggle", "sort_id"])
    op.create_index("appeals_by_author", "appeals", ["author", "sort_id"])
    op.create_table(
        "appeal_kinds",
        sa.Column("appeal", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["appeal"], ["appeals.iri"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("appeal", "kind"),
    )
    op.create_table(
        "appeal_answers",
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("sort_id", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("appeal", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        *_amount("pledge"),
        sa.ForeignKeyConstraint(["iri"], ["statements.iri"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("iri"),
    )
    op.create_index("appeal_answers_by_appeal", "appeal_answers", ["appeal", "sort_id"])


def _amount(name: str) -> list[sa.Column[Any]]:
    return [
        sa.Column(name, sa.Double(), nullable=True),
        sa.Column(f"{name}_currency", sa.Text(), nullable=True),
        sa.Column(f"{name}_unit", sa.Text(), nullable=True),
    ]


def _conditions() -> None:
    """What groups report of how people work, live or are held. What is held is entered when it is next heard."""
    op.create_table(
        "conditions_reports",
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("sort_id", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("struggle", sa.Text(), nullable=True),
        sa.Column("field", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=True),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("gathered", sa.Text(), nullable=True),
        sa.Column("respondents", sa.BigInteger(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("left_out", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["iri"], ["statements.iri"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("iri"),
    )
    op.create_index("conditions_reports_by_author", "conditions_reports", ["author", "sort_id"])
    op.create_index("conditions_reports_by_struggle", "conditions_reports", ["struggle", "sort_id"])
    op.create_table(
        "conditions",
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("low", sa.Double(), nullable=True),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("measured", sa.Boolean(), nullable=False),
        sa.Column("measured_in", sa.Text(), nullable=False),
        sa.Column("is_money", sa.Boolean(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["report"], ["conditions_reports.iri"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("report", "place"),
    )
    op.create_index("conditions_by_topic", "conditions", ["topic", "measured_in", "period"])
