"""What groups need to say which struggles are one, and what is new in a report."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """One function for each part of the node, below."""
    _merges()
    _developments()
    _names()


def downgrade() -> None:
    """Back to struggles that each stand alone, and reports that only are corrected."""
    _forget_names()
    _forget_developments()
    _forget_merges()


def _merges() -> None:
    """Which struggles are one, and who says so."""
    op.create_table(
        "merges",
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("one", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("iri"),
    )
    op.create_index("merges_by_one", "merges", ["one"])
    op.create_index("merges_by_other", "merges", ["other"])
    op.create_index("merges_by_author", "merges", ["author"])


def _forget_merges() -> None:
    op.drop_table("merges")


def _developments() -> None:
    """What is new in reports, and was or will be said below them."""
    op.create_table(
        "developments",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("said", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["report"], ["reports.iri"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("developments_by_report", "developments", ["report", "id"])


def _forget_developments() -> None:
    op.drop_table("developments")


def _names() -> None:
    """Which report gave a struggle its name: the one that bears it, else the first of whoever was first to report."""
    op.add_column("struggles", sa.Column("named_by", sa.Text(), nullable=True))
    op.create_index("struggles_by_naming", "struggles", ["named_by"])
    told = "SELECT reports.iri FROM reports JOIN statements ON statements.iri = reports.iri"
    of_it = "WHERE reports.struggle = struggles.iri AND"
    borne = f"({told} {of_it} statements.title = struggles.name ORDER BY reports.sort_id LIMIT 1)"
    first = f"({told} {of_it} reports.author = struggles.actor ORDER BY reports.sort_id LIMIT 1)"
    op.execute(f"UPDATE struggles SET named_by = COALESCE({borne}, {first}, '')")


def _forget_names() -> None:
    op.drop_index("struggles_by_naming", "struggles")
    op.drop_column("struggles", "named_by")
