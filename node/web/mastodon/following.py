"""How a viewer stands to accounts: following, muting, hiding, noting.

For a member who meets the group's account, following is an act of the group under its rule; where that holds it back,
the relationship says `requested`. A reader follows what the node holds, for herself. Hiding (which apps call blocking)
and muting are a viewer's own wishes, whoever she is: they send nothing. What the group does with a host stands at the
desk.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web
from sqlalchemy import Row

from node.context import Transaction
from node.errors import Invalid
from node.marks import accounts, actions, lists, rules
from node.marks.relations import at_host as relations_at
from node.members.viewers import Viewer
from node.moderation import actions as moderation
from node.moderation import store as silences
from node.moderation.rules import Silence
from node.peering import admission
from node.web.mastodon import addressed, door, finding, parameters, windows
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import accounts as accounts_shown
from node.web.mastodon.entities import moments, relationships
from node.web.mastodon.parameters import Parameters
from node.web.mastodon.posting import group_of
from node.window import Window

ACCOUNTS, ACCOUNTS_AT_MOST = 40, 80
HOSTS, HOSTS_AT_MOST = 100, 200
ASKED_AT_ONCE = 100

Act = Callable[[Transaction, Viewer, str, Parameters], None]


async def follow(request: web.Request) -> web.Response:
    """Follow an account, or change how it is shown."""
    return await _done(request, _follow)


async def unfollow(request: web.Request) -> web.Response:
    """Follow it no longer."""
    return await _done(request, lambda tx, viewer, iri, _: actions.unfollow(tx, viewer, iri))


async def mute(request: web.Request) -> web.Response:
    """See no words of an account, for a while or for good."""
    return await _done(request, _mute)


async def unmute(request: web.Request) -> web.Response:
    """See them again."""
    return await _done(request, lambda tx, viewer, iri, _: accounts.unmute(tx, viewer.id, iri))


async def block(request: web.Request) -> web.Response:
    """Block an account. As the group that is an act of the group, under its rule; a reader sees nothing of it any
    more, and nobody is told."""
    return await _done(request, _block)


async def unblock(request: web.Request) -> web.Response:
    """See it again; as the group, take the block back by an act of the group."""
    return await _done(request, _unblock)


async def note(request: web.Request) -> web.Response:
    """Note something on an account."""
    return await _done(
        request, lambda tx, viewer, iri, given: actions.write_note(tx, viewer, iri, given.text("comment") or "")
    )


async def pin(request: web.Request) -> web.Response:
    """A group recommends nobody in this way. Raises Invalid."""
    raise Invalid("accounts are not featured here: a group says whom it recognises on its own page")


async def unpin(request: web.Request) -> web.Response:
    """There is nothing to take down: how she stands to the account."""
    return await _done(request, lambda tx, viewer, iri, _: None)


async def remove_from_followers(request: web.Request) -> web.Response:
    """What a group says is public, and followers are let be. Raises Invalid."""
    raise Invalid("nobody is removed from the followers here; the group can suspend a whole host at the desk")


async def relations(request: web.Request) -> web.Response:
    """How she stands to several accounts."""
    viewer, given = await door.viewer(request), parameters.of_query(request)
    numbers = given.many("id", at_most=ASKED_AT_ONCE)

    def ask(tx: Transaction) -> list[dict[str, Any]]:
        return relationships.rendered(tx, addressed.accounts_of(tx, numbers), viewer)

    return answer(request, await addressed.read(request, ask))


async def familiar_followers(request: web.Request) -> web.Response:
    """Of the followers of an account nothing but their number is shown, so nobody is familiar."""
    numbers = parameters.of_query(request).many("id", at_most=ASKED_AT_ONCE)
    known = [one for one in dict.fromkeys(numbers) if windows.number_of(one) is not None]
    return answer(request, [{"id": one, "accounts": []} for one in known])


async def lists_with(request: web.Request) -> web.Response:
    """The lists in which an account stands."""
    viewer = await door.viewer(request)

    def ask(tx: Transaction) -> list[dict[str, Any]]:
        row = finding.account(tx, finding.number_in(request))
        return [relationships.listing(one) for one in lists.containing(tx, viewer.id, row.iri)]

    return answer(request, await addressed.read(request, ask))


async def blocks(request: web.Request) -> web.Response:
    """The accounts that the group blocks; for a reader, those that she hides."""
    viewer = await door.viewer(request)
    if viewer.actor is not None:
        return answer(request, await addressed.read(request, _blocked_by_group, viewer))
    return await _listed(request, accounts.hidden_page, lambda row: {})


async def mutes(request: web.Request) -> web.Response:
    """The accounts that she has muted, and until when."""
    return await _listed(request, accounts.muted_page, lambda row: {"mute_expires_at": moments.optional(row.ends)})


async def domain_blocks(request: web.Request) -> web.Response:
    """The hosts that she hides."""
    viewer = await door.viewer(request)
    window = windows.asked(parameters.of_query(request), limit=HOSTS, at_most=HOSTS_AT_MOST)
    rows = await addressed.read(request, accounts.hosts_page, viewer.id, window)
    return answer(request, [row.host for row in rows], headers=_link(request, window, rows))


async def preview_domain_block(request: web.Request) -> web.Response:
    """Whom of those that she follows, or that follow the group, she would see no more. Their follows stay."""
    viewer = await door.viewer(request)
    host = rules.check_host(parameters.of_query(request).text("domain") or "")
    following, followers = await addressed.read(request, relations_at, viewer, host)
    return answer(request, {"following_count": following, "followers_count": followers})


async def block_domain(request: web.Request) -> web.Response:
    """Hide a host."""
    viewer, given = await door.viewer(request), await parameters.of(request)
    await addressed.written(request, actions.hide_host, viewer, given.text("domain") or "")
    return answer(request, {})


async def unblock_domain(request: web.Request) -> web.Response:
    """Show it again."""
    viewer, given = await door.viewer(request), await parameters.of(request)
    host = (given.text("domain") or "").strip().lower()
    await addressed.written(request, accounts.show_host, viewer.id, host)
    return answer(request, {})


async def follow_requests(request: web.Request) -> web.Response:
    """Who asks to follow the group whose account she meets, and waits; nobody asks to follow a reader."""
    viewer = await door.viewer(request)
    limit = windows.asked(parameters.of_query(request), limit=ACCOUNTS, at_most=ACCOUNTS_AT_MOST).limit

    def ask(tx: Transaction) -> list[dict[str, Any]]:
        rows = admission.requests(tx, viewer.actor, limit=limit) if viewer.actor is not None else []
        shown = accounts_shown.rendered(tx, [row.iri for row in rows], viewer)
        return [shown[row.iri] for row in rows if row.iri in shown]

    return answer(request, await addressed.read(request, ask))


async def authorize(request: web.Request) -> web.Response:
    """Let somebody who asks follow the group, by the group's rule."""
    return await _done(request, _admit)


async def reject(request: web.Request) -> web.Response:
    """Let somebody not follow the group, or no longer; with a `reason`, if the app knows to send one."""
    return await _done(request, _decline)


def _admit(tx: Transaction, viewer: Viewer, iri: str, given: Parameters) -> None:
    admission.admit(tx, iri, actor=group_of(viewer), member=viewer.member)


def _decline(tx: Transaction, viewer: Viewer, iri: str, given: Parameters) -> None:
    admission.decline(tx, iri, given.text("reason") or "", actor=group_of(viewer), member=viewer.member)


def _follow(tx: Transaction, viewer: Viewer, iri: str, given: Parameters) -> None:
    actions.follow(
        tx,
        viewer,
        iri,
        boosts=given.optional_flag("reblogs"),
        notify=given.optional_flag("notify"),
        languages=[one[:20] for one in given.many("languages", at_most=50)] if "languages" in given else None,
    )


def _block(tx: Transaction, viewer: Viewer, iri: str, given: Parameters) -> None:
    if viewer.actor is not None and not _is_blocked(tx, viewer.actor, iri):
        moderation.do(tx, "block", {"account": iri}, actor=viewer.actor, member=viewer.member)
    if viewer.actor is None or _is_blocked(tx, viewer.actor, iri):
        actions.hide(tx, viewer, iri)  # what is kept of it already, she need not see either


def _unblock(tx: Transaction, viewer: Viewer, iri: str, given: Parameters) -> None:
    accounts.show(tx, viewer.id, iri)
    if viewer.actor is not None and _is_blocked(tx, viewer.actor, iri):
        moderation.do(tx, "unblock", {"account": iri}, actor=viewer.actor, member=viewer.member)


def _is_blocked(tx: Transaction, group: str, iri: str) -> bool:
    row = silences.silence_of(tx, group, iri)
    return row is not None and row.silence == Silence.BLOCK.value


def _blocked_by_group(tx: Transaction, viewer: Viewer) -> list[dict[str, Any]]:
    rows = silences.silenced_of(tx, viewer.actor or "", limit=HOSTS_AT_MOST)
    blocked = [row.actor for row in rows if row.silence == Silence.BLOCK.value]
    shown = accounts_shown.rendered(tx, blocked, viewer)
    return [shown[iri] for iri in blocked if iri in shown]


def _mute(tx: Transaction, viewer: Viewer, iri: str, given: Parameters) -> None:
    notifications, seconds = given.flag("notifications", True), given.optional_number("duration")
    actions.mute(tx, viewer, iri, notifications=notifications, seconds=seconds)


async def _done(request: web.Request, act: Act) -> web.Response:
    viewer, given = await door.viewer(request), await parameters.of(request)

    def write(tx: Transaction) -> str:
        row = finding.account(tx, finding.number_in(request))
        act(tx, viewer, row.iri, given)
        return str(row.iri)

    iri = await addressed.written(request, write)
    (found,) = await addressed.read(request, relationships.rendered, [iri], viewer)
    return answer(request, found)


async def _listed(
    request: web.Request,
    rows_of: Callable[[Transaction, int, Window], list[Row[Any]]],
    more: Callable[[Row[Any]], dict[str, Any]],
) -> web.Response:
    viewer = await door.viewer(request)
    window = windows.asked(parameters.of_query(request), limit=ACCOUNTS, at_most=ACCOUNTS_AT_MOST)

    def ask(tx: Transaction) -> tuple[list[Row[Any]], list[dict[str, Any]]]:
        rows = rows_of(tx, viewer.id, window)
        shown = accounts_shown.rendered(tx, [row.actor for row in rows], viewer)
        return rows, [shown[row.actor] | more(row) for row in rows if row.actor in shown]

    rows, found = await addressed.read(request, ask)
    return answer(request, found, headers=_link(request, window, rows))


def _link(request: web.Request, window: Window, rows: list[Row[Any]]) -> dict[str, str]:
    first, last = (rows[0].id, rows[-1].id) if rows else (None, None)
    return windows.link(request, window, first, last, full=len(rows) == window.limit)
