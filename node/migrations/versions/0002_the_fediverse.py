"""What a node needs among software that others wrote."""

import json
import zlib

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """One function for each part of the node, below."""
    _what_others_say()
    _what_the_group_does()
    _handles_that_both_sides_agree_on()
    _what_threads_lack()
    _keys_that_change()
    _what_was_said_before()
    _delivery()
    _who_was_addressed()


def downgrade() -> None:
    """Back to the foundation."""
    _forget_who_was_addressed()
    _forget_delivery()
    _forget_what_was_said_before()
    _forget_what_threads_lack()
    _forget_former_keys()
    _forget_handles()
    _forget_what_the_group_does()
    _forget_what_others_say()


def _what_others_say() -> None:
    """Polls, events, quotes and emoji of statements; blocks, moves, pins and complaints of others."""
    op.add_column("statements", sa.Column("extras", sa.Text(), nullable=True))

    op.create_table(
        "blocks",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("blocked", sa.Text(), nullable=False),
        sa.Column("activity", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "blocked"),
    )
    op.create_table(
        "moves",
        sa.Column("old", sa.Text(), nullable=False),
        sa.Column("new", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("old"),
    )
    op.create_table(
        "featured",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "object"),
    )
    _quotes()
    _complaints()


def _quotes() -> None:
    op.create_table(
        "quotes",
        sa.Column("quoting", sa.Text(), nullable=False),
        sa.Column("quoted", sa.Text(), nullable=False),
        sa.Column("quoter", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=True),
        sa.Column("stamp", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("quoting"),
    )
    op.create_index("quotes_by_quoted", "quotes", ["quoted", "state"], unique=False)
    op.create_index("quotes_by_stamp", "quotes", ["stamp"], unique=False)


def _complaints() -> None:
    op.create_table(
        "complaints",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("group", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("sameness", sa.Text(), nullable=False),
        sa.Column("times", sa.Integer(), server_default="1", nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("actor", "sameness"),
        sa.ForeignKeyConstraint(["group"], ["local_actors.iri"]),
    )
    op.create_index("complaints_by_host", "complaints", ["host", "at"], unique=False)
    op.create_index("complaints_by_group", "complaints", ["group", "closed", "at"], unique=False)


def _forget_what_others_say() -> None:
    for table in ("complaints", "quotes", "featured", "moves", "blocks"):
        op.drop_table(table)
    op.drop_column("statements", "extras")


def _what_the_group_does() -> None:
    """How a group shows itself; what it pinned, whom it quoted, and the versions of what it corrected."""
    op.add_column("local_actors", sa.Column("icon", sa.Text(), nullable=True))
    op.add_column("local_actors", sa.Column("image", sa.Text(), nullable=True))
    op.add_column("local_actors", sa.Column("indexable", sa.Boolean(), server_default="1", nullable=False))
    op.add_column("local_actors", sa.Column("discoverable", sa.Boolean(), server_default="1", nullable=False))
    op.add_column("local_actors", sa.Column("changed", sa.BigInteger(), nullable=True))
    op.create_table(
        "pins",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("object", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("actor", "object"),
        sa.ForeignKeyConstraint(["actor"], ["local_actors.iri"]),
    )
    op.create_table(
        "quotings",
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("quoted", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=True),
        sa.Column("stamp", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("iri"),
        sa.ForeignKeyConstraint(["iri"], ["objects.iri"]),
    )
    op.create_index("quotings_by_quoted", "quotings", ["quoted"], unique=False)
    op.create_table(
        "versions",
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("iri", "number"),
        sa.ForeignKeyConstraint(["iri"], ["objects.iri"]),
    )


def _forget_what_the_group_does() -> None:
    for table in ("versions", "quotings", "pins"):
        op.drop_table(table)
    for column in ("changed", "discoverable", "indexable", "image", "icon"):
        op.drop_column("local_actors", column)


def _handles_that_both_sides_agree_on() -> None:
    """The handle of a remote actor that it and its host name alike, and when both were asked."""
    op.add_column("actors", sa.Column("agreed_handle", sa.Text(), nullable=True))
    op.add_column("actors", sa.Column("handle_checked", sa.BigInteger(), nullable=True))
    op.create_index("actors_by_handle", "actors", ["agreed_handle"], unique=False)


def _forget_handles() -> None:
    op.drop_index("actors_by_handle", "actors")
    op.drop_column("actors", "handle_checked")
    op.drop_column("actors", "agreed_handle")


def _what_threads_lack() -> None:
    """Which threads were looked at, and what looking for things has cost today."""
    op.create_table(
        "threads",
        sa.Column("iri", sa.Text(), nullable=False),
        sa.Column("crawls", sa.Integer(), nullable=False),
        sa.Column("crawled", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("iri"),
    )
    in_outbox = sa.text("direction = 'out' AND type IN ('Create', 'Announce')")
    op.create_index(
        "activities_in_outbox", "activities", ["actor", "id"],
        unique=False, sqlite_where=in_outbox, postgresql_where=in_outbox,
    )  # fmt: skip
    op.create_table(
        "errands",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("began", sa.BigInteger(), nullable=False),
        sa.Column("requests", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("subject"),
    )


def _forget_what_threads_lack() -> None:
    op.drop_index("activities_in_outbox", "activities")
    op.drop_table("errands")
    op.drop_table("threads")


def _keys_that_change() -> None:
    """The keys that our actors had before; and activities in short names, of those that came in other names."""
    op.add_column("activities", sa.Column("normal", sa.LargeBinary(), nullable=True))
    op.add_column("local_actors", sa.Column("key_number", sa.Integer(), server_default="1", nullable=False))
    op.create_table(
        "former_keys",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("public", sa.Text(), nullable=False),
        sa.Column("retired", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key_id"),
        sa.ForeignKeyConstraint(["actor"], ["local_actors.iri"]),
    )


def _forget_former_keys() -> None:
    op.drop_table("former_keys")
    op.drop_column("local_actors", "key_number")
    op.drop_column("activities", "normal")


def _what_was_said_before() -> None:
    """How far the past of those whom a group follows has been fetched."""
    op.create_table(
        "backfills",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=True),
        sa.Column("rest", sa.Text(), nullable=True),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("oldest", sa.BigInteger(), nullable=True),
        sa.Column("total", sa.BigInteger(), nullable=True),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("kept", sa.Integer(), nullable=False),
        sa.Column("asked", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("idle", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("began", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("actor"),
    )


def _forget_what_was_said_before() -> None:
    op.drop_table("backfills")


def _delivery() -> None:
    """Hosts that do not take what is sent to them, inboxes that are gone, and quicker ways to what is due."""
    op.create_table(
        "hosts",
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", sa.BigInteger(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column("probes", sa.Integer(), server_default="0", nullable=False),
        sa.Column("probed", sa.BigInteger(), nullable=True),
        sa.Column("probing", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("next_try", sa.BigInteger(), nullable=True),
        sa.Column("unreachable_since", sa.BigInteger(), nullable=True),
        sa.Column("missing_since", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("host"),
    )
    op.create_index(op.f("ix_hosts_next_try"), "hosts", ["next_try"], unique=False)
    op.create_table(
        "lost_inboxes",
        sa.Column("inbox", sa.Text(), nullable=False),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("lost", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("inbox"),
    )
    op.create_index(op.f("ix_lost_inboxes_host"), "lost_inboxes", ["host"], unique=False)
    op.drop_index("jobs_by_due", "jobs")
    op.create_index("jobs_by_priority", "jobs", ["parked", "priority", "due", "id"], unique=False)
    op.create_index("jobs_by_lane", "jobs", ["lane", "due"], unique=False)
    sent = sa.text("direction = 'out'")
    op.create_index("activities_sent", "activities", ["at"], unique=False, sqlite_where=sent, postgresql_where=sent)


def _forget_delivery() -> None:
    op.drop_index("activities_sent", "activities")
    op.drop_index("jobs_by_lane", "jobs")
    op.drop_index("jobs_by_priority", "jobs")
    op.create_index("jobs_by_due", "jobs", ["parked", "due", "priority"], unique=False)
    op.drop_table("lost_inboxes")
    op.drop_table("hosts")


def _who_was_addressed() -> None:
    """When something of ours was addressed to a remote actor the last time."""
    op.add_column("actors", sa.Column("addressed", sa.BigInteger(), nullable=True))
    known = sa.table("actors", sa.column("iri"), sa.column("local"), sa.column("addressed"))
    said = sa.table("objects", *map(sa.column, ("local", "part_of", "document", "published")))
    connection = op.get_bind()
    ours = sa.select(said.c.document, said.c.published).where(said.c.local.is_(True), said.c.document.is_not(None))
    ours = ours.where(said.c.part_of.is_(None)).order_by(said.c.published)  # imports go to nobody by name
    for document, published in connection.execute(ours).all():
        read = json.loads(zlib.decompress(document))
        named = [iri for field in ("to", "cc") for iri in read.get(field, ()) if isinstance(iri, str)]
        people = known.c.iri.in_(named) & known.c.local.is_(False)
        connection.execute(sa.update(known).where(people).values(addressed=published))


def _forget_who_was_addressed() -> None:
    op.drop_column("actors", "addressed")
