"""Tables and queries of apps, codes, and tokens that were given to apps."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ForeignKey, Integer, Row, Table, Text, bindparam, delete, exists, func, select, update

from node.context import Transaction
from node.database import Json, Moment, metadata
from node.members.store import day_of, members, tokens
from node.members.viewers import note_seen as note_viewer_seen
from node.members.viewers import viewers
from node.prepared import Prepared

apps = Table(
    "apps",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("client_id", Text, nullable=False, unique=True),
    Column("secret_digest", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("website", Text),
    Column("redirect_uris", Json, nullable=False),
    Column("scopes", Json, nullable=False),
    Column("since", Moment, nullable=False),  # the day on which it was registered, or last let in
)

codes = Table(
    "codes",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("app", Integer, ForeignKey("apps.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("viewer", Integer, ForeignKey("viewers.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("scopes", Json, nullable=False),
    Column("redirect_uri", Text, nullable=False),
    Column("challenge", Text),
    Column("ends", Moment, nullable=False),
    Column("token", Text),  # the digest of the one it was changed for: if it comes again, that one ends too
)

app_tokens = Table(  # of apps that speak for nobody
    "app_tokens",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("app", Integer, ForeignKey("apps.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("scopes", Json, nullable=False),
    Column("since", Moment, nullable=False),
)

_UNUSED = (
    ~exists().where(tokens.c.app == apps.c.id)
    & ~exists().where(codes.c.app == apps.c.id)
    & ~exists().where(app_tokens.c.app == apps.c.id)
)

_LET_IN = Prepared(
    select(
        tokens.c.digest, tokens.c.scopes, tokens.c.app, tokens.c.seen,
        viewers.c.id, viewers.c.member, viewers.c.actor, members.c.name,
    )
    .join_from(tokens, viewers, viewers.c.id == tokens.c.viewer)
    .join(members, members.c.id == viewers.c.member)
    .where(tokens.c.digest == bindparam("digest"))
)  # fmt: skip


def add(tx: Transaction, **values: Any) -> Row[Any]:
    """Enter an app; its row."""
    return tx.execute(apps.insert().values(since=day_of(tx.now), **values).returning(apps)).one()


def find(tx: Transaction, client_id: str) -> Row[Any] | None:
    """The app with this client_id."""
    return tx.execute(select(apps).where(apps.c.client_id == client_id)).one_or_none()


def numbered(tx: Transaction, number: int) -> Row[Any] | None:
    """An app by its number."""
    return tx.execute(select(apps).where(apps.c.id == number)).one_or_none()


def add_code(tx: Transaction, **values: Any) -> None:
    """Enter a code."""
    tx.execute(codes.insert().values(**values))


def code(tx: Transaction, digest: str) -> Row[Any] | None:
    """A code, used or not, that has not been forgotten yet."""
    return tx.execute(select(codes).where(codes.c.digest == digest)).one_or_none()


def use_code(tx: Transaction, digest: str, *, token: str) -> None:
    """Write down for which token a code was changed."""
    tx.execute(update(codes).where(codes.c.digest == digest).values(token=token))


def add_token(tx: Transaction, digest: str, *, app: int, viewer: Row[Any], scopes: list[str]) -> None:
    """Enter a token of an app by which a viewer looks and acts."""
    values = {"digest": digest, "member": viewer.member, "viewer": viewer.id, "app": app, "scopes": scopes}
    tx.execute(tokens.insert().values(since=tx.now, seen=day_of(tx.now), **values))
    tx.execute(update(apps).where(apps.c.id == app).values(since=day_of(tx.now)))


def let_in(tx: Transaction, digest: str) -> Any:
    """The token of an app with its viewer and the member's name."""
    return tx.execute(_LET_IN, {"digest": digest}).one_or_none()


def opened_by(tx: Transaction, digests: Collection[str]) -> list[Row[Any]]:
    """Of tokens of apps those that are there: `digest`, and `member` and `actor` of the viewer."""
    query = select(tokens.c.digest, viewers.c.member, viewers.c.actor).join_from(
        tokens, viewers, viewers.c.id == tokens.c.viewer
    )
    return list(tx.execute(query.where(tokens.c.digest.in_(digests))))


def viewer(tx: Transaction, number: int) -> Row[Any] | None:
    """A viewer by number."""
    return tx.execute(select(viewers).where(viewers.c.id == number)).one_or_none()


def note_seen(tx: Transaction, digest: str) -> None:
    """Write down on which day a token was used, and no hour."""
    used = update(tokens).where(tokens.c.digest == digest).values(seen=day_of(tx.now)).returning(tokens.c.viewer)
    for viewer in tx.execute(used).scalars().all():
        note_viewer_seen(tx, viewer)


def end_token(tx: Transaction, digest: str, *, app: int) -> int:
    """Delete a token of an app; how many there were."""
    own = tx.execute(delete(tokens).where(tokens.c.digest == digest, tokens.c.app == app)).rowcount
    return int(
        own + tx.execute(delete(app_tokens).where(app_tokens.c.digest == digest, app_tokens.c.app == app)).rowcount
    )


def add_app_token(tx: Transaction, digest: str, *, app: int, scopes: list[str], keep: int) -> None:
    """Enter a token of an app that speaks for nobody; of the older ones the youngest `keep` stay."""
    tx.execute(app_tokens.insert().values(digest=digest, app=app, scopes=scopes, since=tx.now))
    youngest = (
        select(app_tokens.c.digest)
        .where(app_tokens.c.app == app)
        .order_by(app_tokens.c.since.desc(), app_tokens.c.digest)
        .limit(keep)
    )
    tx.execute(delete(app_tokens).where(app_tokens.c.app == app, app_tokens.c.digest.not_in(youngest)))


def app_token(tx: Transaction, digest: str) -> Row[Any] | None:
    """A token of an app that speaks for nobody."""
    return tx.execute(select(app_tokens).where(app_tokens.c.digest == digest)).one_or_none()


def let_in_by(tx: Transaction, member: int) -> list[Row[Any]]:
    """The tokens of apps that a member has let in, with the app's name and the account; the oldest first."""
    query = (
        select(tokens.c.digest, tokens.c.scopes, tokens.c.since, tokens.c.seen, apps.c.name, apps.c.website)
        .add_columns(viewers.c.actor)
        .join_from(tokens, apps, apps.c.id == tokens.c.app)
        .join(viewers, viewers.c.id == tokens.c.viewer)
        .where(tokens.c.member == member)
        .order_by(tokens.c.since, tokens.c.digest)
    )
    return list(tx.execute(query.limit(1000)))


def tokens_of_viewers(tx: Transaction) -> list[Row[Any]]:
    """Whose apps are let in: viewer, member, actor."""
    query = select(viewers.c.id, viewers.c.member, viewers.c.actor).where(
        exists().where(tokens.c.viewer == viewers.c.id)
    )
    return list(tx.execute(query.order_by(viewers.c.id).limit(100_000)))


def end_tokens_of(tx: Transaction, viewer: int) -> int:
    """Delete every token and code of a viewer; how many tokens there were."""
    tx.execute(delete(codes).where(codes.c.viewer == viewer))
    return int(tx.execute(delete(tokens).where(tokens.c.viewer == viewer)).rowcount)


def count_unused(tx: Transaction) -> int:
    """How many apps nobody has let in."""
    return int(tx.execute(select(func.count()).select_from(apps).where(_UNUSED)).scalar_one())


def forget_unused(tx: Transaction, *, since: datetime, at_most: int = 1000) -> int:
    """Delete apps that nobody has let in, and that were registered or last let in before a moment, the oldest first."""
    oldest = select(apps.c.id).where(_UNUSED, apps.c.since <= since).order_by(apps.c.since, apps.c.id).limit(at_most)
    return int(tx.execute(delete(apps).where(apps.c.id.in_(oldest))).rowcount)


def end_codes(tx: Transaction, member: int) -> int:
    """Delete the codes that apps of a member have not changed for a token yet; how many there were."""
    hers = select(viewers.c.id).where(viewers.c.member == member)
    return int(tx.execute(delete(codes).where(codes.c.viewer.in_(hers))).rowcount)


def forget_codes(tx: Transaction) -> int:
    """Delete codes that are over; how many there were."""
    return int(tx.execute(delete(codes).where(codes.c.ends <= tx.now)).rowcount)
