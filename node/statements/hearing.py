"""Keeping what others have said: heard in the inbox, or fetched because somebody named it.

`hear` is told who vouches: the author, by the signature on the activity or by serving the object at its id. It decides
whether the words are ours to keep, and keeps them once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import schemas
from federation import origin
from federation.errors import Refused
from node import activities, actors, identifiers, intake, objects, signing
from node.context import Node, Transaction
from node.intake import Ignored
from node.jobs import Job, Priority, Promise, promise
from node.objects import Kept
from node.peering import store as peering
from node.statements import markup, rules, store
from node.statements.store import Shown
from schemas.reading import loads
from schemas.statement import Statement


def hear(tx: Transaction, statement: Statement, document: dict[str, Any], *, kind: str, listed: bool = False) -> bool:
    """Keep a statement its author vouches for; False if it was held already, which includes having been deleted.

    `listed`: it stands in the time line whoever its author is, because one whom we follow passed it on.
    Raises Ignored if it is not ours to keep.
    """
    origin.check_foreign(statement.id, own_origin=tx.node.config.origin)
    if not rules.is_public(statement.to, statement.cc):
        raise Ignored("it is not for everybody")
    if (held := objects.find(tx, statement.id)) is not None:
        return pass_on(tx, held.iri) if listed else False
    heard = peering.is_heard(tx, statement.attributed_to)
    parent = objects.find(tx, statement.in_reply_to) if statement.in_reply_to else None
    if not listed and not rules.is_ours_to_keep(
        author_is_heard=heard,
        answers_something_held=parent is not None and parent.public and parent.deleted is None,
        mentions_us=_mentions_us(tx, statement),
    ):
        raise Ignored(f"no group here follows {statement.attributed_to}, and it answers nothing held here")
    keep(tx, statement, document, kind=kind, listed=heard or listed, thread=_thread(statement, parent))
    return True


def keep(
    tx: Transaction,
    statement: Statement,
    document: dict[str, Any],
    *,
    kind: str,
    listed: bool,
    thread: str | None = None,
    part_of: str | None = None,
) -> None:
    """Write a remote statement down, sanitised and as received."""
    objects.keep(tx, [kept(tx, statement, document, kind=kind, listed=listed, thread=thread, part_of=part_of)])
    store.add(tx, [shown(statement)])


def kept(
    tx: Transaction,
    statement: Statement,
    document: dict[str, Any],
    *,
    kind: str,
    listed: bool,
    thread: str | None = None,
    part_of: str | None = None,
) -> Kept:
    """The row of a remote statement. A date in the future, or none, counts as now: nothing stands on top for ever.

    Raises Malformed for ids that are too long to be kept.
    """
    identifiers.check_length(statement.id, statement.in_reply_to)
    published = min(statement.published or tx.now, tx.now)
    published = max(published, datetime(1990, 1, 1, tzinfo=UTC))
    return Kept(
        iri=statement.id,
        sort_id=identifiers.mint(published),
        kind=kind,
        author=statement.attributed_to,
        local=False,
        document=objects.encode(document),
        published=published,
        updated=statement.updated,
        listed=listed,
        in_reply_to=statement.in_reply_to,
        thread=thread or statement.id,
        part_of=part_of,
    )


def shown(statement: Statement) -> Shown:
    """A remote statement as our pages may show it."""
    html = markup.clean(statement.content or "")
    title = markup.plain(statement.name) if statement.name else None
    if title is None:
        title, html = markup.lift_title(html)
    return Shown(
        iri=statement.id,
        html=html,
        title=markup.shorten(title, rules.TITLE_CHARACTERS) if title else None,
        summary=markup.plain(statement.summary) if statement.summary else None,
        language=statement.language,
        sensitive=statement.sensitive,
        url=statement.url,
        attachments=[
            {"url": one.url, "media_type": one.media_type, "name": one.name} for one in statement.attachments[:16]
        ],
        hashtags=tuple(
            name
            for tag in statement.tags[:100]
            if tag.type == "Hashtag" and tag.name and len(name := tag.name.lstrip("#")) <= rules.TAG_CHARACTERS
        ),
    )


def change(tx: Transaction, statement: Statement, document: dict[str, Any], *, kind: str, moment: datetime) -> bool:
    """Replace what is held by a newer version of the same author; an Update that comes first is heard as a Create.

    Raises Refused if another wrote it; older versions and deleted objects are left as they are (False).
    """
    held = objects.find(tx, statement.id)
    if held is None:
        return hear(tx, statement, document, kind=kind)
    origin.check_change(statement.attributed_to, author=held.author)
    newer = statement.updated or moment
    if held.deleted is not None or newer < (held.updated or held.published):
        return False
    if not rules.is_public(statement.to, statement.cc):
        raise Ignored("it is not for everybody any more")
    before = schemas.parse(loads(held.document))
    # The type never changes after publication: a peer that changes it is not believed in that.
    statement = replace(statement, type=before.type) if isinstance(before, Statement) else statement
    objects.replace(tx, statement.id, document=objects.encode(document), updated=newer)
    store.replace(tx, shown(statement))
    return True


def remove(tx: Transaction, iri: str, *, actor: str) -> None:
    """The author deletes an object; a Delete that comes first leaves a tombstone, if its author is one we hear."""
    held = objects.find(tx, iri)
    if held is None:
        if not origin.same_origin(iri, actor) or not peering.is_heard(tx, actor):
            raise Ignored("it is not held here")
    else:
        origin.check_change(actor, author=held.author)
    objects.bury(tx, iri, author=actor, kind=held.kind if held is not None else intake.UNKNOWN)
    activities.forget(tx, object=iri)
    store.drop(tx, iri)


def remove_actor(tx: Transaction, actor: str) -> None:
    """An actor has left for good: so have its words, its follows and its reactions."""
    for row in tx.execute(
        objects.objects.select().where(objects.objects.c.author == actor, objects.objects.c.deleted.is_(None))
    ):
        objects.bury(tx, row.iri, author=actor, kind=row.kind)
        store.drop(tx, row.iri)
    store.forget_reactions_of(tx, actor)
    activities.forget(tx, actor=actor)
    peering.end_all_of(tx, actor)
    actors.mark_gone(tx, actor)


def promise_hearing(tx: Transaction, iri: str, *, listed: bool) -> None:
    """Promise to fetch an object from its own server and to keep it."""
    origin.check_foreign(iri, own_origin=tx.node.config.origin)
    promise(
        tx,
        Promise("hear", {"iri": iri, "listed": listed}, lane=f"fetch {origin.origin(iri)}", key=f"hear {iri}"),
        priority=Priority.BULK,
    )


async def hear_from_origin(node: Node, payload: dict[str, Any]) -> None:
    """Job: fetch an object at its id, where only its own server answers, and keep it."""
    iri = payload["iri"]
    document = await node.client.document(iri, signer=await signing.instance_signer(node))
    value = schemas.parse(document)
    if not isinstance(value, Statement):
        raise Refused(f"{iri} is not something said: {type(value).__name__}")
    author = await node.directory.actor(value.attributed_to)
    await node.database.write(_hear_fetched, value, document, author.iri, payload["listed"])


def _hear_fetched(tx: Transaction, statement: Statement, document: dict[str, Any], author: str, listed: bool) -> None:
    origin.check_creation(author, statement.id, statement.attributed_to)
    intake.check_proof(tx, document, author=author)
    try:
        hear(tx, statement, document, kind=intake.name_of(statement), listed=listed)
    except Ignored as reason:
        raise Refused(str(reason)) from None


def pass_on(tx: Transaction, iri: str) -> bool:
    """Let a held object stand in the time line: one whom we follow passed it on. Parts of an import never do."""
    table = objects.objects
    changed = table.update().where(table.c.iri == iri, table.c.listed.is_(False), table.c.part_of.is_(None))
    return tx.execute(changed.values(listed=True)).rowcount > 0


def _mentions_us(tx: Transaction, statement: Statement) -> bool:
    named: Iterable[str | None] = [*statement.to, *statement.cc, *(tag.href for tag in statement.tags)]
    ours = {group.iri for group in actors.groups(tx)}
    return any(iri in ours for iri in named)


def _thread(statement: Statement, parent: Any) -> str | None:
    if parent is not None:
        return str(parent.thread or parent.iri)
    return statement.in_reply_to


JOBS: dict[str, Job] = {"hear": hear_from_origin}
