"""What a group needs to decide together."""

import hashlib

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
    op.create_table(
        "rules",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("under", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["actor"], ["local_actors.iri"]),
        sa.PrimaryKeyConstraint("actor", "under"),
    )
    for column in (
        sa.Column("fingerprint", sa.Text(), nullable=True),
        sa.Column("voters", sa.Text(), nullable=True),
        sa.Column("urgent", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("eligible", sa.Integer(), nullable=True),
        sa.Column("words", sa.Text(), nullable=True),
        sa.Column("failed", sa.Text(), nullable=True),
    ):
        op.add_column("decisions", column)
    op.create_index("decisions_by_fingerprint", "decisions", ["fingerprint"])
    op.create_index("decisions_by_state", "decisions", ["state", "actor"])
    op.add_column("ballots", sa.Column("words", sa.Text(), nullable=True))
    op.add_column("electorate", sa.Column("voted", sa.Boolean(), server_default="1", nullable=False))
    op.add_column("electorate", sa.Column("choice", sa.Text(), nullable=True))
    _ballots_that_were_counted()
    _find_decisions_by_what_they_are_about()


def _ballots_that_were_counted() -> None:
    op.create_table(
        "receipts",
        sa.Column("receipt", sa.Text(), nullable=False),
        sa.Column("decision", sa.Integer(), nullable=False),
        _of_a_decision(),
        sa.PrimaryKeyConstraint("receipt"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_receipts_decision"), "receipts", ["decision"], unique=False)
    op.create_table(
        "proposers",
        sa.Column("decision", sa.Integer(), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        _of_a_decision(),
        _of_a_member(),
        sa.PrimaryKeyConstraint("decision"),
    )
    op.create_table(
        "confirmations",
        sa.Column("decision", sa.Integer(), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("tally", sa.Text(), nullable=False),
        _of_a_decision(),
        _of_a_member(),
        sa.PrimaryKeyConstraint("decision", "member"),
        sqlite_with_rowid=False,
    )


def _of_a_decision() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["decision"], ["decisions.id"], ondelete="CASCADE")


def _of_a_member() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["member"], ["members.id"], ondelete="CASCADE")


def _find_decisions_by_what_they_are_about() -> None:
    table = sa.table("decisions", sa.column("id"), sa.column("kind"), sa.column("subject"), sa.column("fingerprint"))
    connection = op.get_bind()
    for row in connection.execute(sa.select(table.c.id, table.c.kind, table.c.subject)).all():
        value = hashlib.sha256(f"{row.kind}\0{row.subject}".encode()).hexdigest()
        connection.execute(sa.update(table).where(table.c.id == row.id).values(fingerprint=value))


def _forget_deciding() -> None:
    for table in ("confirmations", "proposers", "receipts", "rules"):
        op.drop_table(table)
    for name in ("choice", "voted"):
        op.drop_column("electorate", name)
    op.drop_column("ballots", "words")
    op.drop_index("decisions_by_state", "decisions")
    op.drop_index("decisions_by_fingerprint", "decisions")
    for name in ("failed", "words", "eligible", "until", "not_before", "urgent", "voters", "fingerprint"):
        op.drop_column("decisions", name)


def _members() -> None:
    """Invitations, second factors, mandates with a remit, several groups."""
    op.add_column("mandates", sa.Column("remit", sa.Text(), server_default="", nullable=False))
    op.add_column("mandates", sa.Column("turns", sa.Integer(), nullable=True))
    op.add_column("sessions", sa.Column("seen", sa.BigInteger(), server_default="0", nullable=False))
    op.add_column("sessions", sa.Column("waits", sa.Boolean(), server_default="0", nullable=False))
    op.create_table(
        "second_factors",
        sa.Column("member", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("proven", sa.BigInteger(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["member"], ["members.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member"),
    )
    op.create_table(
        "paper_codes",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_paper_codes_member", "paper_codes", ["member"], unique=False)
    op.create_table(
        "resets",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("member", sa.Integer(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.Column("second_factor", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["member"], ["members.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("ix_resets_member", "resets", ["member"], unique=False)
    _invitations()


def _invitations() -> None:
    op.create_table(
        "invitations",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("begins", sa.BigInteger(), nullable=True),
        sa.Column("ends", sa.BigInteger(), nullable=True),
        sa.Column("remit", sa.Text(), server_default="", nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("lasts", sa.Integer(), nullable=False),
        sa.Column("open_until", sa.BigInteger(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["actor"], ["local_actors.iri"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("digest"),
    )
    op.create_index("ix_invitations_actor", "invitations", ["actor"], unique=False)
    _offices_and_groups()


def _offices_and_groups() -> None:
    op.add_column("local_actors", sa.Column("retired", sa.BigInteger(), nullable=True))
    op.create_table(
        "office_acts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("office", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=True),
        sa.Column("member", sa.Integer(), nullable=True),
        sa.Column("day", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["actor"], ["local_actors.iri"]),
        sa.ForeignKeyConstraint(["member"], ["members.id"], ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_office_acts_member", "office_acts", ["member"], unique=False)
    op.create_index("office_acts_by_actor", "office_acts", ["actor", "id"], unique=False)
    op.create_table(
        "role_changes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["actor"], ["local_actors.iri"]),
        sa.PrimaryKeyConstraint("id"),
    )


def _forget_members() -> None:
    op.drop_column("local_actors", "retired")
    for table in ("role_changes", "office_acts", "invitations", "resets", "paper_codes", "second_factors"):
        op.drop_table(table)
    for table, column in (("sessions", "waits"), ("sessions", "seen"), ("mandates", "turns"), ("mandates", "remit")):
        op.drop_column(table, column)


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
        sqlite_autoincrement=True,
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
    """Which text a minority report is about."""
    op.add_column("publications", sa.Column("of", sa.Text(), nullable=True))
    op.create_index("publications_by_text", "publications", ["of"], unique=False)


def _forget_results() -> None:
    op.drop_index("publications_by_text", "publications")
    op.drop_column("publications", "of")


def _positions() -> None:
    """Positions of groups on each other's texts."""
    op.create_table(
        "positions",
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("sort_id", sa.BigInteger(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("stance", sa.Text(), nullable=False),
        sa.Column("of_version", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("superseded", sa.Boolean(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["iri"], ["statements.iri"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("iri"),
    )
    op.create_index("positions_by_text", "positions", ["about", "state", "sort_id"])
    op.create_index("positions_by_state", "positions", ["state", "sort_id"])
    one = sa.text("superseded IS false" if op.get_bind().dialect.name == "postgresql" else "superseded IS 0")
    op.create_index(
        "positions_live", "positions", ["author", "about"], unique=True, sqlite_where=one, postgresql_where=one
    )
    op.create_table(
        "position_removals",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["by"], ["local_actors.iri"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("position_removals_by_text", "position_removals", ["about", "id"])


def _forget_positions() -> None:
    op.drop_table("position_removals")
    op.drop_table("positions")


def _signatories() -> None:
    """Texts that several groups sign."""
    op.create_table(
        "signatures",
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("signatory", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("invite", sa.Text(), nullable=True),
        sa.Column("stamp", sa.Text(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("text", "signatory"),
    )
    op.create_index("signatures_by_signatory", "signatures", ["signatory", "state"], unique=False)
    op.create_index("signatures_by_invite", "signatures", ["invite"], unique=False)
    op.create_index("signatures_by_stamp", "signatures", ["stamp"], unique=False)


def _forget_signatories() -> None:
    op.drop_table("signatures")


def _redaction() -> None:
    """What was blanked in earlier versions; votes that begin anew."""
    op.add_column("versions", sa.Column("blanked", sa.BigInteger(), nullable=True))
    op.add_column("versions", sa.Column("reason", sa.Text(), nullable=True))
    op.add_column("decisions", sa.Column("anew", sa.BigInteger(), nullable=True))


def _forget_redaction() -> None:
    op.drop_column("decisions", "anew")
    op.drop_column("versions", "reason")
    op.drop_column("versions", "blanked")


def _desk() -> None:
    """The language of a member, her feeds and notices."""
    op.create_table(
        "preferences",
        sa.Column("member", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("language", sa.Text(), nullable=True),
        sa.Column("feed", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("asked", sa.Text(), nullable=True),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("code_sent", sa.BigInteger(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=True),
        _of_a_member(),
        sa.PrimaryKeyConstraint("member"),
        sa.UniqueConstraint("feed"),
    )


def _forget_desk() -> None:
    op.drop_table("preferences")
