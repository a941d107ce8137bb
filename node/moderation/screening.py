"""Looking at what others say before it is kept: whom it concerns, and what that group's rules do with it.

This is asked of everything that is to be kept of others (`statements.hearing.hear`), however it came here: sent,
fetched for a thread, passed on, from the past of somebody new. What a group's filters find, or comes from whom it
does not hear, is refused without a word (Ignored, so that the sender is told nothing else than of anything that is
none of our business); what is to wait is entered among what is held. A position of another group waits in its own
room, and what a delegate has admitted is not asked about again.

The rules about strangers are for those whom no group here follows, and for what concerns a group of ours: its thread,
or its name. Filters, mutes and blocks are for everything that concerns the group, also from those it follows.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from federation.errors import Malformed
from node import actors, happenings, objects
from node.context import Transaction
from node.happenings import What
from node.identifiers import CHANCE_BITS
from node.intake import Ignored
from node.moderation import rules, store
from node.moderation.rules import Did, Effect, Rule, Settings, Silence
from node.peering import standing
from node.peering import store as peering
from node.peering.store import follows
from node.statements import hearing, markup
from schemas.reading import moment as read_moment
from schemas.statement import Statement

POSITION = "Position"
TAKEN_DOWN = frozenset({"Statement", "Event", "Question"})
"""What is taken down again when a newer version has to wait; of all else rooms know more than this one."""
OF_MUTED = {Silence.MUTE.value: Rule.MUTED, Silence.BLOCK.value: Rule.BLOCKED}


def look(
    tx: Transaction, statement: Statement, document: dict[str, Any], *, kind: str, heard: bool, parent: Any
) -> bool:
    """Whether something waits for a delegate instead of being kept; it is entered then. Raises Ignored.

    `heard`: a group here follows its author; `parent`: the object that it answers, if that is held.
    """
    if not standing.hears(tx, statement.attributed_to, kind):
        raise Ignored(f"a policy lets nothing of this kind be heard: {kind}")
    waits = standing.standing(tx, actor=statement.attributed_to, kind=kind).is_held
    if not (waits or store.any_rules(tx)):
        return False
    shown = objects.find(tx, statement.id)
    if shown is not None and kind not in TAKEN_DOWN:
        return False
    if parent is None and statement.in_reply_to:
        parent = objects.find(tx, statement.in_reply_to)
    known = store.find(tx, statement.id)
    if known is not None and known.document is None:
        raise Ignored("a delegate has refused it")
    group = known.group if known is not None else concerned(tx, statement, parent)
    if group is None and waits:
        group = str(actors.main_group(tx).iri)
    if group is None:
        return False
    _check_is_heard(tx, group, statement.attributed_to)
    if kind == POSITION:
        return False
    if known is not None:
        rule = known.rule
    else:
        rule = _rule(tx, group, statement, kind=kind, heard=heard) or (Rule.POLICY.value if waits else None)
    if rule is None:
        return False
    if known is None:
        _check_room(tx, group, rule, actors.host_of(statement.id))
        store.count(tx, group, rule, Did.HELD)
    store.hold(
        tx,
        statement.id,
        group=group,
        author=statement.attributed_to,
        host=actors.host_of(statement.id),
        kind=kind,
        rule=rule,
        document=objects.encode(document),
    )
    if shown is not None:
        take_down(tx, statement.id)
    return True


def take_down(tx: Transaction, iri: str) -> None:
    """Show a text of another no more, without a tombstone: it may be admitted again."""
    happenings.note(tx, What.GONE, iri)
    hearing.let_go(tx, [iri])


def concerned(tx: Transaction, statement: Statement, parent: Any) -> str | None:
    """Of our groups the one below whose text it stands, else one that it names, else one that follows its author."""
    if (below := below_whose(tx, parent)) is not None:
        return below
    ours = [group.iri for group in actors.groups(tx)]
    named = {*statement.to, *statement.cc, *(tag.href for tag in statement.tags)}
    return next((iri for iri in ours if iri in named), None) or _follower(tx, statement.attributed_to, ours)


def below_whose(tx: Transaction, parent: Any) -> str | None:
    """The group of ours that has said an object, or the first word of its thread."""
    if parent is None:
        return None
    if parent.local:
        return str(parent.author)
    root = objects.find(tx, parent.thread) if parent.thread is not None else None
    return str(root.author) if root is not None and root.local else None


def _follower(tx: Transaction, author: str, ours: list[str]) -> str | None:
    query = select(follows.c.follower).where(follows.c.followed == author, follows.c.follower.in_(ours))
    query = query.where(follows.c.state.in_(["pending", "accepted"])).order_by(follows.c.follower).limit(1)
    found = tx.execute(query).scalar()
    return None if found is None else str(found)


def _check_is_heard(tx: Transaction, group: str, author: str) -> None:
    """Raise Ignored for somebody whom the group has muted or blocked."""
    row = store.silence_of(tx, group, author)
    if row is not None:
        _note_refused(tx, group, OF_MUTED[row.silence])
        raise Ignored("the group does not hear its author")


def _rule(tx: Transaction, group: str, statement: Statement, *, kind: str, heard: bool) -> str | None:
    """The first rule that lets it wait. Raises Ignored if one refuses it."""
    holding: str | None = None
    rows = store.filters_of(tx, group)
    if rows:
        text = text_of(statement)
        for row in rows:
            one = store.as_filter(row)
            if rules.finds(one, text, kind):
                if one.effect is Effect.REFUSE:
                    _note_refused(tx, group, f"filter {row.id}")
                    raise Ignored("a filter of the group refuses it")
                holding = holding or f"filter {row.id}"
    return holding or (None if heard else _of_strangers(tx, group, statement, store.settings_of(tx, group)))


def _of_strangers(tx: Transaction, group: str, statement: Statement, chosen: Settings) -> str | None:
    author, host = statement.attributed_to, actors.host_of(statement.id)
    if chosen.first_contact and not (store.has_spoken(tx, host) or peering.related_hosts(tx, [host])):
        return Rule.FIRST_CONTACT.value
    row = actors.find(tx, author)
    if row is None:
        return None
    document = actors.document(row) if row.document is not None else {}
    if rules.is_new(made=_made(document), known_since=_known(row), now=tx.now, days=chosen.new_account_days):
        return Rule.NEW_ACCOUNT.value
    return Rule.NO_PICTURE.value if chosen.without_picture and not document.get("icon") else None


def _made(document: dict[str, Any]) -> datetime | None:
    """When the account was made, as its own server says."""
    try:
        return read_moment(document.get("published"), "published")
    except Malformed:
        return None


def _known(row: Row[Any]) -> datetime:
    """Since when it is known here: its number says so."""
    seen: datetime = row.seen
    milliseconds = row.number >> CHANCE_BITS
    return min(seen, datetime.fromtimestamp(milliseconds / 1000, tz=seen.tzinfo)) if row.number else seen


def _check_room(tx: Transaction, group: str, rule: str, host: str) -> None:
    """Raise Ignored if too much waits; one server alone cannot fill the room that is there for all."""
    if store.count_waiting(tx, group) >= rules.HELD_AT_MOST:
        raise Ignored("too much waits to be admitted")
    if store.count_waiting(tx, group, host=host) >= rules.HELD_OF_HOST:
        raise Ignored(f"too much of {host} waits to be admitted")


def text_of(statement: Statement) -> rules.Text:
    """What filters look at: title, warning, text, tags, options of a poll, and what is said of pictures; and links."""
    content = statement.content or ""
    named = [statement.name, statement.summary]
    parts = [markup.plain(one) for one in (*named, content) if one]
    parts += [tag.name for tag in statement.tags if tag.name]
    parts += [one.name for one in statement.attachments if one.name]
    links = [content, statement.url or "", *(one.url for one in statement.attachments if one.url)]
    return rules.text_of(parts, links)


def _note_refused(tx: Transaction, group: str, rule: str) -> None:
    """Count what was refused. The transaction of one that is ignored is undone, so it is noted for its end."""
    happenings.note(tx, What.REFUSED, rule, actor=group)


def forget(tx: Transaction, iri: str, author: str) -> None:
    """Another has deleted something of its own: perhaps what waits."""
    row = store.find(tx, iri)
    if row is not None and row.author == author:
        store.release(tx, iri)


def settle(tx: Transaction) -> None:
    """At the end of a transaction: count what was refused in it; with an account that has left goes what waits."""
    for one in tx.happened:
        if one.what is What.REFUSED and one.actor is not None:
            store.count(tx, one.actor, one.iri, Did.REFUSED)
        elif one.what is What.LEFT:
            store.forget_author(tx, one.iri)
