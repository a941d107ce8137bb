"""What a group needs to decide together."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """One function for each part of the node, below."""
    _deciding()
    _members()
    _drafts()
    _results()
    _positions()
    _signatories()
    _redaction()
    _desk()


def downgrade() -> None:
    """Back to acts that one member decides."""
    _forget_desk()
    _forget_redaction()
    _forget_signatories()
    _forget_positions()
    _forget_results()
    _forget_drafts()
    _forget_members()
    _forget_deciding()


def _deciding() -> None:
    """Rules of a group, the roll of a proposal, receipts."""


def _forget_deciding() -> None: ...


def _members() -> None:
    """Invitations, second factors, mandates with a remit, several groups."""


def _forget_members() -> None: ...


def _drafts() -> None:
    """Drafts, their versions and comments."""
    op.create_table(
        "drafts",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("actor", sa.Text, sa.ForeignKey("local_actors.iri"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("head", sa.Integer, nullable=False),
        sa.Column("publication", sa.Text, sa.ForeignKey("publications.iri")),
        sa.Column("began", sa.BigInteger, nullable=False),
        sa.Column("changed", sa.BigInteger, nullable=False),
    )
    op.create_index("drafts_by_actor", "drafts", ["actor", "changed"])
    op.create_index("drafts_by_publication", "drafts", ["publication"], unique=True)
    op.create_table(
        "draft_versions",
        sa.Column("draft", sa.Integer, sa.ForeignKey("drafts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("based_on", sa.Integer),
        sa.Column("place", sa.Text, nullable=False),
        sa.Column("writer", sa.Integer, sa.ForeignKey("members.id", ondelete="SET NULL")),
        sa.Column("at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("draft", "number"),
    )
    op.create_table(
        "draft_comments",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("draft", sa.Integer, sa.ForeignKey("drafts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("writer", sa.Integer, sa.ForeignKey("members.id", ondelete="SET NULL")),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_draft_comments_draft", "draft_comments", ["draft"])


def _forget_drafts() -> None:
    for table in ("draft_comments", "draft_versions", "drafts"):
        op.drop_table(table)


def _results() -> None:
    """What a statement says of how it was decided; minority reports."""


def _forget_results() -> None: ...


def _positions() -> None:
    """Positions of groups on each other's texts."""


def _forget_positions() -> None: ...


def _signatories() -> None:
    """Texts that several groups sign."""


def _forget_signatories() -> None: ...


def _redaction() -> None:
    """What was blanked."""


def _forget_redaction() -> None: ...


def _desk() -> None:
    """The language of a member, her feeds and notices."""


def _forget_desk() -> None: ...
