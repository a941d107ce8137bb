"""Three switches, a policy per peer, and the log of peering."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

_OLD = sa.table("policies", *(sa.column(name) for name in ("host", "policy", "reason", "since")))
_NEW = sa.table(
    "policies",
    *(sa.column(name) for name in ("id", "subject", "severity", "reason", "since", "source")),
    *(sa.column(name, sa.Boolean()) for name in ("is_actor", "no_media", "subdomains")),
)
_LOG = sa.table(
    "peering_log",
    *(sa.column(name) for name in ("id", "at", "act", "subject", "host", "reason", "details")),
    sa.column("is_actor", sa.Boolean()),
)


def upgrade() -> None:
    """Hosts that were suspended are rejected from now on; that one was restored stays in the log."""
    before = list(op.get_bind().execute(sa.select(_OLD).order_by(_OLD.c.since, _OLD.c.host)))
    op.drop_table("policies")
    _policies()
    _log()
    for number, row in enumerate(before, start=1):
        _carry_over(number, row)


def downgrade() -> None:
    """Back to a node without it: whoever is rejected is suspended, and the rest of what was decided is lost."""
    rejected = (_NEW.c.severity == "reject") & _NEW.c.is_actor.is_(False) & _NEW.c.source.is_(None)
    rows = list(op.get_bind().execute(sa.select(_NEW).where(rejected)))
    for table in ("private_notes", "person_counts", "person_log", "peering_log", "held_back", "switches", "policies"):
        op.drop_table(table)
    op.create_table(
        "policies",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("host"),
    )
    for row in rows:
        values = {"host": row.subject, "policy": "suspended", "reason": row.reason, "since": row.since}
        op.execute(sa.insert(_OLD).values(**values))


def _carry_over(number: int, row: Any) -> None:
    is_rejected = row.policy == "suspended"
    same = {"id": number, "subject": row.host, "is_actor": False, "reason": row.reason}
    if is_rejected:
        plain = {"severity": "reject", "no_media": False, "since": row.since, "source": None, "subdomains": True}
        op.execute(sa.insert(_NEW).values(**same, **plain))
        held = sa.table("held_back", *(sa.column(name) for name in ("subject", "begins", "severity")))
        values = {"subject": row.host, "begins": row.since, "severity": "reject"}
        op.execute(sa.insert(held).values(**values))
    act = "policy_set" if is_rejected else "policy_dropped"
    details = '{"severity":"reject"}' if is_rejected else None
    op.execute(sa.insert(_LOG).values(**same, at=row.since, act=act, host=row.host, details=details))


def _policies() -> None:
    op.create_table(
        "policies",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("is_actor", sa.Boolean(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("no_media", sa.Boolean(), nullable=False),
        sa.Column("kinds", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("by_role", sa.Text(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=True),
        sa.Column("review_on", sa.BigInteger(), nullable=True),
        sa.Column("review_told", sa.BigInteger(), nullable=True),
        sa.Column("subdomains", sa.Boolean(), nullable=False),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("priority", sa.Integer(), server_default="0", nullable=False),
        sa.Column("decision", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("policies_by_subject", "policies", ["subject", "source"])
    op.create_index("policies_by_source", "policies", ["source"])
    op.create_table(
        "switches",
        sa.Column("door", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decision", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("door"),
    )
    op.create_table(
        "held_back",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("begins", sa.BigInteger(), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("no_media", sa.Boolean(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("subject", "begins"),
    )


def _log() -> None:
    op.create_table(
        "peering_log",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("host", sa.Text(), nullable=True),
        sa.Column("is_actor", sa.Boolean(), nullable=False),
        sa.Column("by_group", sa.Text(), nullable=True),
        sa.Column("by_role", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("redacted", sa.BigInteger(), nullable=True),
        sa.Column("decision", sa.BigInteger(), nullable=True),
        sa.Column("details", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("peering_log_by_subject", "peering_log", ["subject", "id"])
    op.create_index("peering_log_by_host", "peering_log", ["host", "id"])
    op.create_table(
        "person_log",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("by_group", sa.Text(), nullable=True),
        sa.Column("by_role", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decision", sa.BigInteger(), nullable=True),
        sa.Column("details", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_person_log_at", "person_log", ["at"])
    op.create_index("ix_person_log_actor", "person_log", ["actor"])
    op.create_table(
        "person_counts",
        sa.Column("month", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("acts", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("month", "act", "category"),
    )
    op.create_table(
        "private_notes",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_private_notes_subject", "private_notes", ["subject"])
