"""What figures of many reports are added up from without asking each of them. Part of version 0006."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

RANKS = ("people_rank", "days_rank", "span_rank")
SETS = {"demand": "demands", "family": "families", "organisation": "organisations"}
ONE_BY_ONE = sa.text("shared AND NOT ranked")
BY_RANKS = sa.text("shared AND ranked")


def upgrade() -> None:
    """Room for the ranks of figures, which a job enters, and for all that a report says of something, at once."""
    op.add_column("counted_reports", sa.Column("ranked", sa.Boolean(), server_default=sa.false(), nullable=False))
    for name in RANKS:
        op.add_column("counted_reports", sa.Column(name, sa.SmallInteger(), nullable=True))
    op.add_column("counted_measures", sa.Column("rank", sa.SmallInteger(), nullable=True))
    as_list = "json_group_array(value)" if op.get_bind().dialect.name == "sqlite" else "CAST(json_agg(value) AS text)"
    for dimension, name in SETS.items():
        op.add_column("counted_reports", sa.Column(name, sa.Text(), nullable=True))
        of_it = "counted_terms.sort_id = counted_reports.sort_id AND dimension = :dimension"
        told = sa.text(
            f"UPDATE counted_reports SET {name} = (SELECT {as_list} FROM counted_terms WHERE {of_it}) "
            f"WHERE EXISTS (SELECT 1 FROM counted_terms WHERE {of_it})"
        )
        op.execute(told.bindparams(dimension=dimension))
    op.create_index(
        "counted_reports_one_by_one", "counted_reports", ["sort_id"],
        sqlite_where=ONE_BY_ONE, postgresql_where=ONE_BY_ONE,
    )  # fmt: skip
    op.create_index(
        "counted_reports_by_ranks", "counted_reports", ["struggle"], sqlite_where=BY_RANKS, postgresql_where=BY_RANKS
    )
    op.drop_index("report_terms_by_value", "report_terms")
    op.create_index("report_terms_by_value", "report_terms", ["dimension", "value", "label"])
    op.create_table(
        "recountings",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("reached", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def downgrade() -> None:
    """Back to figures of which each is asked for."""
    op.drop_table("recountings")
    op.drop_index("report_terms_by_value", "report_terms")
    op.create_index("report_terms_by_value", "report_terms", ["dimension", "value"])
    op.drop_index("counted_reports_by_ranks", "counted_reports")
    op.drop_index("counted_reports_one_by_one", "counted_reports")
    op.drop_column("counted_measures", "rank")
    for name in ("ranked", *RANKS, *SETS.values()):
        op.drop_column("counted_reports", name)
