"""What an app and the person in front of it can do: be registered, be let in, be shown the door. RFC 6749."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from node import actors
from node.apps import rules, store
from node.apps.rules import Denied
from node.context import Node, Transaction
from node.errors import Forbidden
from node.members import store as members
from node.members import viewers
from node.members.actions import number_of
from node.members.store import Member, day_of, digest
from node.members.viewers import Viewer

LET_IN_BY = ("tokens", "apps", "viewers", "members", "mandates", "local_actors")
"""The tables that say whether a token opens something."""


@dataclass(frozen=True, slots=True)
class Registered:
    """An app that has just been registered, with the secret that is told this once."""

    row: Row[Any]
    secret: str


@dataclass(frozen=True, slots=True)
class Given:
    """A token that has just been made. `since` is when."""

    secret: str
    scopes: tuple[str, ...]
    since: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """What an app asks of a person: to be let in with `scopes`, and sent back to `redirect_uri`."""

    app: Row[Any]
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str | None


@dataclass(frozen=True, slots=True)
class Looking:
    """Who looks through an app, whether its use today `is_noted`, and `until` when a mandate of hers ends first."""

    viewer: Viewer
    is_noted: bool
    until: datetime | None


def register(
    tx: Transaction, name: str | None, redirects: Iterable[str], scopes: str | None, website: str | None
) -> Registered:
    """Enter an app. Raises Invalid, Denied.

    Anybody may, so nobody who fills the table keeps others out: the oldest that nobody has let in make room.
    """
    values: dict[str, Any] = {"name": rules.check_name(name), "redirect_uris": list(rules.check_redirects(redirects))}
    values |= {"scopes": list(rules.check_scopes(scopes)), "website": rules.check_website(website)}
    if (beyond := store.count_unused(tx) - rules.UNUSED_AT_MOST + 1) > 0:
        store.forget_unused(tx, since=tx.now, at_most=beyond)
    client_id, secret = secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    return Registered(store.add(tx, client_id=client_id, secret_digest=digest(secret), **values), secret)


def asked(
    tx: Transaction,
    client_id: str,
    redirect_uri: str,
    *,
    response_type: str,
    scopes: str | None,
    challenge: str | None,
    method: str | None,
) -> Asked:
    """What an app asks for when it sends a person here. Raises Denied.

    An error that comes before the address is known to be the app's own is told to the person, and she is sent nowhere:
    `Denied.code` is invalid_client or invalid_redirect_uri then.
    """
    app = store.find(tx, client_id)
    if app is None:
        raise Denied("invalid_client", "this app is not known here; remove this server from it and add it again",
                     status=401)  # fmt: skip
    if redirect_uri not in app.redirect_uris:
        raise Denied("invalid_redirect_uri", "the app wants to be sent to an address that it has not registered")
    if response_type != "code":
        raise Denied("unsupported_response_type", "the only response type is: code")
    found = rules.check_scopes(scopes or rules.without_asking(app.scopes), of_app=app.scopes)
    return Asked(app, redirect_uri, found, rules.check_challenge(challenge, method))


def let_in(tx: Transaction, member: Member, actor: str | None, wanted: Asked) -> str:
    """Let an app in as the account that the member has chosen; the code for it. Raises Forbidden."""
    if not viewers.stands(tx, member.id, actor):
        raise Forbidden("you hold no mandate by which an app could be let in to this account")
    secret = secrets.token_urlsafe(32)
    viewer = viewers.enter(tx, member.id, actor)
    viewers.note_seen(tx, viewer)
    store.add_code(
        tx, digest=digest(secret), app=wanted.app.id, viewer=viewer,
        scopes=list(wanted.scopes), redirect_uri=wanted.redirect_uri, challenge=wanted.challenge,
        ends=tx.now + rules.CODE_LASTS,
    )  # fmt: skip
    return secret


def client(tx: Transaction, client_id: str | None, secret: str | None, *, public: bool = False) -> Row[Any]:
    """The app that shows its secret; one that is `public` (PKCE) may go without. Raises Denied."""
    app = store.find(tx, client_id or "")
    shown = secret is not None and app is not None and hmac.compare_digest(digest(secret), app.secret_digest)
    if app is None or not (shown or (public and not secret)):
        raise Denied("invalid_client", "this app is not known here, or its secret is another", status=401)
    return app


def exchange(
    tx: Transaction,
    code: str | None,
    *,
    client_id: str | None,
    secret: str | None,
    redirect_uri: str | None,
    verifier: str | None,
) -> Given | Denied:
    """Change a code for a token, once. What is wrong is returned and not raised, so that it is kept.

    A code that comes a second time ends the token of the first: one of the two was stolen (RFC 6749 section 4.1.2).
    """
    row = store.code(tx, digest(code or ""))
    app = client(tx, client_id, secret, public=row is not None and row.challenge is not None)
    refused = Denied("invalid_grant", "this code is not valid: it was used, is too old, or belongs to another app")
    if row is None or row.app != app.id:
        return refused
    if row.token is not None:
        store.end_token(tx, row.token, app=app.id)
        return refused
    viewer = store.viewer(tx, row.viewer)
    if row.ends <= tx.now or row.redirect_uri != redirect_uri or viewer is None:
        return refused
    if row.challenge is not None and not rules.answers(row.challenge, verifier):
        return Denied("invalid_grant", "the code verifier does not belong to the code challenge")
    if not viewers.stands(tx, viewer.member, viewer.actor):
        return refused
    given = give(tx, app.id, viewer, tuple(row.scopes))
    store.use_code(tx, row.digest, token=digest(given.secret))
    return given


def give(tx: Transaction, app: int, viewer: Row[Any], scopes: tuple[str, ...]) -> Given:
    """A new token by which an app looks and acts as a viewer."""
    made = secrets.token_urlsafe(32)
    store.add_token(tx, digest(made), app=app, viewer=viewer, scopes=list(scopes))
    return Given(made, scopes, tx.now)


def give_to_app(tx: Transaction, client_id: str | None, secret: str | None, scopes: str | None) -> Given:
    """A token by which an app speaks for nobody. Raises Denied."""
    app = client(tx, client_id, secret)
    found = rules.check_scopes(scopes, of_app=app.scopes)
    made = secrets.token_urlsafe(32)
    store.add_app_token(tx, digest(made), app=app.id, scopes=list(found), keep=rules.TOKENS_OF_AN_APP)
    return Given(made, found, tx.now)


def revoke(tx: Transaction, secret: str, *, client_id: str | None, client_secret: str | None) -> None:
    """End a token of the app that asks for it; one that is not there is as good as ended. Raises Denied."""
    app = client(tx, client_id, client_secret)
    store.end_token(tx, digest(secret), app=app.id)


async def who(node: Node, token_digest: str) -> Looking | None:
    """As `viewer`, from memory as long as that is true: a mandate ends by itself, too."""
    found = await node.database.remembered(viewer, token_digest)
    if found is not None and found.until is not None and found.until <= node.clock():
        return await node.database.read(viewer, token_digest)
    return found


def viewer(tx: Transaction, token_digest: str) -> Looking | None:
    """Who looks through an app; None if nobody may with this token: it has ended, or the mandate has."""
    row = store.let_in(tx, token_digest)
    if row is None or not viewers.stands(tx, row.member, row.actor):
        return None
    member = Member(row.member, row.name)
    found = Viewer(row.id, member, row.actor, frozenset(row.scopes), token_digest, row.app)
    ends = [one.ends for one in members.mandates_in_force(tx, row.member) if one.ends is not None]
    return Looking(found, row.seen is not None and row.seen >= day_of(tx.now), min(ends, default=None))


def still_let_in(tx: Transaction, digests: Collection[str]) -> LetInNow:
    """Of tokens of viewers those that open something at this moment, in as many queries as for one."""
    rows = store.opened_by(tx, digests)
    standing = viewers.standing(tx, {(row.member, row.actor) for row in rows})
    held = members.mandates_of(tx, sorted({row.member for row in rows}))
    ends = [row.ends for row in held if row.ends is not None]
    open_now = frozenset(row.digest for row in rows if (row.member, row.actor) in standing)
    return LetInNow(open_now, min(ends, default=None))


@dataclass(frozen=True, slots=True)
class LetInNow:
    """The digests of tokens that open something, and `until` when a mandate by which they do ends first."""

    digests: frozenset[str]
    until: datetime | None


@dataclass(frozen=True, slots=True)
class LetIn:
    """An app that a member has let in, as she sees it. `group`: its name, none for her private account."""

    number: str
    name: str
    website: str | None
    group: str | None
    scopes: str
    since: date
    seen: date


def of_member(tx: Transaction, member: int) -> list[LetIn]:
    """The apps that a member has let in, the oldest first; `number` is that by which she ends one."""
    names = {row.iri: row.name for row in actors.groups(tx)}
    return [
        LetIn(
            number=number_of(row), name=row.name, website=row.website, scopes=" ".join(row.scopes),
            group=None if row.actor is None else names.get(row.actor, row.actor),
            since=row.since.date(), seen=(row.seen or row.since).date(),
        )
        for row in store.let_in_by(tx, member)
    ]  # fmt: skip


def app_of(tx: Transaction, token_digest: str) -> tuple[Row[Any], frozenset[str]] | None:
    """The app of a token by which it speaks for nobody, with the token's scopes."""
    row = store.app_token(tx, token_digest)
    app = store.numbered(tx, row.app) if row is not None else None
    return None if row is None or app is None else (app, frozenset(row.scopes))


def prune(tx: Transaction) -> int:
    """Forget codes that are over, tokens whose mandate is, and apps that nobody has let in for long; how many."""
    ended = end_without_mandate(tx) + store.forget_codes(tx)
    return ended + store.forget_unused(tx, since=tx.now - rules.UNUSED_FOR)


def end_without_mandate(tx: Transaction, actor: str | None = None) -> int:
    """End the tokens by which nobody may look any more, because the mandate has ended; how many there were."""
    return sum(
        store.end_tokens_of(tx, row.id)
        for row in store.tokens_of_viewers(tx)
        if (actor is None or row.actor in (actor, None)) and not viewers.stands(tx, row.member, row.actor)
    )


def note_departure(tx: Transaction, actor: str | None) -> None:
    """Mandates were taken away in a group (None: in any): the apps that were let in by them are out at once."""
    end_without_mandate(tx, actor)
