"""What reports of struggles and the figures made from them need."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """One function for each part of the node, below."""
    _reports()


def downgrade() -> None:
    """Back to reports of which nothing is counted."""
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
