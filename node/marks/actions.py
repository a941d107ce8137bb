"""What a viewer can note, and what becomes of it when what it is about goes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, delete, select

from node import actors, decisions, objects
from node.context import Transaction
from node.errors import Forbidden, Invalid, Missing
from node.happenings import What
from node.marks import accounts, followings, lists, relations, rules, store
from node.marks.accounts import actor_notes, hidden_actors, hidden_hosts, mutes
from node.marks.filters import filter_statuses
from node.marks.followings import followed_tags, private_follows
from node.marks.lists import list_accounts
from node.marks.rules import Kind
from node.members.viewers import Viewer
from node.peering import actions as peering
from node.peering import store as peering_store

TOGETHER = 300


# ---- texts


def mark(tx: Transaction, viewer: Viewer, kind: Kind, iri: str) -> None:
    """Note something on a text. Raises Missing for what she cannot see, Invalid at the limit."""
    row = visible(tx, iri)
    if kind is Kind.QUIET and _is_quiet(tx, viewer, row):
        return
    if not store.has(tx, viewer.id, kind, iri):
        rules.check_room(store.count_of(tx, viewer.id, kind), at_most=rules.MARKS_AT_MOST)
        store.put(tx, viewer.id, kind, iri)


def unmark(tx: Transaction, viewer: Viewer, kind: Kind, iri: str) -> None:
    """Take it back; there need not have been any. Raises Missing."""
    row = visible(tx, iri)
    if kind is Kind.QUIET:
        store.end_quiet(tx, viewer.id, store.root(row))
    else:
        store.take(tx, viewer.id, kind, iri)


def visible(tx: Transaction, iri: str) -> Row[Any]:
    """The row of a text that everybody may see. Raises Missing."""
    row = objects.find(tx, iri)
    if row is None or row.deleted is not None or not row.public:
        raise Missing("there is no such text here")
    return row


def _is_quiet(tx: Transaction, viewer: Viewer, row: Row[Any]) -> bool:
    found = store.on(tx, viewer.id, [row.iri]).get(row.iri)
    return found is not None and found.muted


# ---- accounts


def known(tx: Transaction, viewer: Viewer, iri: str) -> Row[Any]:
    """The row of another account than her own. Raises Missing, Invalid."""
    row = actors.find(tx, iri)
    if row is None or row.gone is not None:
        raise Missing("there is no such account here")
    if iri == viewer.actor:
        raise Invalid("that is your own account")
    return row


def mute(tx: Transaction, viewer: Viewer, iri: str, *, notifications: bool = True, seconds: int | None = None) -> None:
    """See no words of an account for so many seconds, or until she changes her mind. Raises Missing, Invalid."""
    known(tx, viewer, iri)
    ends = rules.ends(seconds, now=tx.now, field="duration")
    if iri not in accounts.mutes_of(tx, viewer.id, [iri]):
        rules.check_room(store.count(tx, mutes, mutes.c.viewer == viewer.id), at_most=rules.ACCOUNTS_AT_MOST)
    accounts.mute(tx, viewer.id, iri, notifications=notifications, ends=ends)


def hide(tx: Transaction, viewer: Viewer, iri: str) -> None:
    """See nothing of an account, and have it in no list. Nobody is told, and no follow of a group ends by it."""
    row = known(tx, viewer, iri)
    there = store.count(tx, hidden_actors, hidden_actors.c.viewer == viewer.id)
    rules.check_room(there, at_most=rules.ACCOUNTS_AT_MOST)
    accounts.hide(tx, viewer.id, iri)
    lists.strike_everywhere(tx, viewer.id, iri)
    if viewer.actor is None:
        _leave(tx, viewer, row)


def hide_host(tx: Transaction, viewer: Viewer, host: str) -> None:
    """See nothing of a host. What the group does with it is the group's decision, at the desk. Raises Invalid."""
    checked = rules.check_host(host)
    if checked == tx.node.config.host:
        raise Invalid("{host} is this node itself", field="domain", host=checked)
    there = store.count(tx, hidden_hosts, hidden_hosts.c.viewer == viewer.id)
    rules.check_room(there, at_most=rules.HOSTS_AT_MOST, field="domain")
    accounts.hide_host(tx, viewer.id, checked)


def write_note(tx: Transaction, viewer: Viewer, iri: str, text: str) -> None:
    """Note something on an account. Raises Missing, Invalid."""
    known(tx, viewer, iri)
    note = rules.check_note(text)
    rules.check_room(
        store.count(tx, actor_notes, actor_notes.c.viewer == viewer.id, actor_notes.c.actor != iri),
        at_most=rules.NOTES_AT_MOST,
    )
    accounts.write_note(tx, viewer.id, iri, note)


# ---- following


def follow(
    tx: Transaction,
    viewer: Viewer,
    iri: str,
    *,
    boosts: bool | None = None,
    notify: bool | None = None,
    languages: Sequence[str] | None = None,
) -> None:
    """Follow an account: a reader for herself, a member by proposing it to the group whose account she meets.

    Whoever is followed already, or asked, is followed as before, and shown as it is asked for now. Raises Missing,
    Invalid, and Forbidden without the mandate, or where a reader asks for somebody of whom nothing comes here.
    """
    row = known(tx, viewer, iri)
    there = relations.between(tx, viewer, [iri])[iri]
    if viewer.actor is None:
        check_is_heard(tx, row)
        if not there.following:
            rules.check_room(followings.count_followed(tx, viewer.id), at_most=rules.ACCOUNTS_AT_MOST)
    elif not there.following and not there.requested:
        peering.follow(tx, iri, actor=viewer.actor, member=viewer.member)
    followings.put(
        tx, viewer.id, iri, wanted=True,
        boosts=there.boosts if boosts is None else boosts,
        notify=there.notify if notify is None else notify,
        languages=there.languages if languages is None else languages,
    )  # fmt: skip


def check_is_heard(tx: Transaction, row: Row[Any]) -> None:
    """Raise Forbidden if nothing of an account is held here, nor comes by itself: then a reader cannot follow it."""
    if row.local or peering_store.is_heard(tx, row.iri) or objects.count_listed(tx, author=row.iri):
        return
    raise Forbidden(
        "no group here follows {handle}, so nothing of theirs comes here; ask a member of the group to follow them",
        handle=actors.handle_of(row),
    )


def unfollow(tx: Transaction, viewer: Viewer, iri: str) -> None:
    """Follow an account no longer, or propose it to the group; one that is not followed is left as it is.

    A proposal of hers to follow it is withdrawn. Raises Missing, Forbidden.
    """
    row = known(tx, viewer, iri)
    if viewer.actor is None:
        _leave(tx, viewer, row)
        return
    asked = relations.proposed(tx, viewer.actor).get(iri)
    held = peering_store.find(tx, follower=viewer.actor, followed=iri)
    if held is not None and held.state in relations.LIVE:
        if iri not in relations.proposed(tx, viewer.actor, "unfollow"):
            peering.unfollow(tx, iri, actor=viewer.actor, member=viewer.member)
    elif asked is not None:
        decisions.withdraw(tx, asked, member=viewer.member)


def _leave(tx: Transaction, viewer: Viewer, row: Row[Any]) -> None:
    if row.local:
        followings.put(tx, viewer.id, row.iri, wanted=False)  # a group of the node is followed unless she says so
    else:
        followings.drop(tx, viewer.id, row.iri)


def follow_tag(tx: Transaction, viewer: Viewer, name: str) -> str:
    """Follow a hashtag; how it is written here. Raises Invalid."""
    tag = rules.check_tag(name)
    if not followings.follows_tag(tx, viewer.id, tag):
        there = store.count(tx, followed_tags, followed_tags.c.viewer == viewer.id)
        rules.check_room(there, at_most=rules.TAGS_AT_MOST)
        followings.follow_tag(tx, viewer.id, tag)
    return tag


# ---- lists


def add_list(tx: Transaction, viewer: Viewer, title: str, *, replies_policy: str, exclusive: bool) -> int:
    """A new list; its number. Raises Invalid."""
    checked, policy = (
        rules.check_title(title),
        rules.check_one_of(replies_policy, rules.REPLIES, field="replies_policy"),
    )
    rules.check_room(store.count(tx, lists.lists, lists.lists.c.viewer == viewer.id), at_most=rules.LISTS_AT_MOST)
    return lists.add(tx, viewer.id, checked, replies_policy=policy, exclusive=exclusive)


def change_list(
    tx: Transaction,
    viewer: Viewer,
    number: int,
    *,
    title: str | None = None,
    replies_policy: str | None = None,
    exclusive: bool | None = None,
) -> None:
    """Change a list; what is None stays. Raises Missing, Invalid."""
    lists.find(tx, viewer.id, number)
    values: dict[str, Any] = {}
    if title is not None:
        values["title"] = rules.check_title(title)
    if replies_policy is not None:
        values["replies_policy"] = rules.check_one_of(replies_policy, rules.REPLIES, field="replies_policy")
    if exclusive is not None:
        values["exclusive"] = exclusive
    if values:
        lists.change(tx, number, **values)


def enter_in_list(tx: Transaction, viewer: Viewer, number: int, iris: Sequence[str]) -> None:
    """Enter accounts in a list, her own among them. Raises Missing, Invalid."""
    lists.find(tx, viewer.id, number)
    for iri in iris:
        if iri != viewer.actor:
            known(tx, viewer, iri)
        lists.enter(tx, number, iri)
    there = store.count(tx, list_accounts, list_accounts.c.list == number)
    rules.check_room(there - 1, at_most=rules.LIST_ACCOUNTS_AT_MOST)


# ---- going


def settle(tx: Transaction) -> None:
    """At the end of a transaction: what was deleted in it carries no marks, nor who has left for good."""
    for one in tx.happened:
        if one.what is What.LEFT:
            _forget_actor(tx, one.iri)
    touched = sorted(tx.touched)
    for start in range(0, len(touched), TOGETHER):
        some = touched[start : start + TOGETHER]
        table = objects.objects.c
        gone = list(tx.execute(select(table.iri).where(table.iri.in_(some), table.deleted.is_not(None))).scalars())
        if gone:
            tx.execute(delete(store.marks).where(store.marks.c.object.in_(gone)))
            tx.execute(delete(filter_statuses).where(filter_statuses.c.object.in_(gone)))


def _forget_actor(tx: Transaction, actor: str) -> None:
    row = actors.find(tx, actor)
    if row is not None and row.gone is None:
        return
    for table in (mutes, hidden_actors, actor_notes, private_follows, list_accounts):
        tx.execute(delete(table).where(table.c.actor == actor))


def prune(tx: Transaction) -> int:
    """Let go of mutes that are over; how many there were."""
    return accounts.prune_mutes(tx)
