"""What of others nobody here needs any more, and letting go of it: `commonwire prune`, and by itself.

Kept for ever is what a group of this node follows, and what hangs together with it: what those it follows say and pass
on, the threads that they or the node's own groups stand in, what is pinned, quoted, liked or boosted here, what a
member or reader has marked for herself, every report of a struggle, and every tombstone, because a tombstone keeps what
was deleted from coming back. The rest may go when it has been here long enough: words of those nobody follows any more,
and the accounts that nothing here refers to.

Words go where the settings say so. Accounts go by themselves, because whoever knocks once is kept, and knocking is
cheap: an account that nothing here refers to goes a week after it was read, with what is known of how its host takes
deliveries. Whom a text of ours is addressed to stays: what is said of that text later has to reach her, too.

What goes leaves no tombstone: it can come again when somebody needs it. Pages are looked through in reads; each page
that has something to go is one short transaction that looks once more, so that the node runs on, and whoever stops in
between loses nothing and begins anew.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, exists, func, or_, select

from node import activities
from node.actors import actor_keys, actors, local_actors
from node.appeals.store import answers, appeals
from node.backfill.store import backfills
from node.complaints.store import complaints
from node.conditions.store import conditions_reports
from node.context import Node, Transaction
from node.hosts import hosts
from node.jobs import jobs
from node.marks.accounts import actor_notes, hidden_actors, mutes
from node.marks.filters import filter_statuses
from node.marks.followings import private_follows
from node.marks.lists import list_accounts
from node.marks.store import marks
from node.merges.store import merges
from node.moderation.store import held, silenced
from node.notifications.policies import permissions
from node.notifications.store import notifications
from node.objects import objects
from node.peering.admission import follow_answers
from node.peering.blocks import blocks
from node.peering.log import person_log
from node.peering.moves import moves
from node.peering.rules import Follow
from node.peering.store import follows
from node.picture_store import Held
from node.positions.store import positions, removals
from node.pruning import FIRST_AFTER_SECONDS, count_old_activities, old_activities
from node.recognitions.store import recognitions
from node.reports.counts import counted_reports
from node.reports.store import reports, struggles
from node.reports.transcriptions import imports
from node.signatories.store import signatures
from node.statements import hearing
from node.statements.featured import featured
from node.statements.pins import pins
from node.statements.quotes import quotes
from node.statements.quotings import quotings
from node.statements.store import reactions
from node.streams.store import events

log = logging.getLogger("commonwire.pruning")

PAGE = 300
BREATH_SECONDS = 0.02  # between two writes, so that the node that runs beside gets its turn
EVERY_SECONDS = 86_400
STRANGERS_KEPT_FOR = timedelta(days=7)
FAREWELLS_KEPT_FOR = timedelta(days=30)  # for as long as what came before one may be on its way
UNREACHABLE_KEPT_FOR = timedelta(days=365)  # then it is asked once more for a week, as if it had never failed
REPORT = "StruggleReport"


@dataclass(slots=True)
class Swept:
    """What went, or would go."""

    objects: int = 0
    object_bytes: int = 0
    actors: int = 0
    actor_bytes: int = 0
    activities: int = 0
    pictures: Held = field(default_factory=lambda: Held(0, 0))

    @property
    def bytes(self) -> int:
        """Of documents and pictures; what a row takes beside them is not counted."""
        return self.object_bytes + self.actor_bytes + self.pictures.bytes


async def run(node: Node, first_after: float = FIRST_AFTER_SECONDS) -> None:
    """The loop that lets go by itself, if the settings say so, for the first time so many seconds from now.

    Ends by cancellation.
    """
    await asyncio.sleep(first_after)
    while True:
        if days := node.config.unneeded_days:
            swept = await sweep(node, older_than=timedelta(days=days))
            if swept.objects:
                log.info("%d objects that nobody needs were let go of", swept.objects)
        if gone := await let_strangers_go(node):
            log.info("%d accounts that nothing here refers to were let go of", gone)
        await asyncio.sleep(EVERY_SECONDS)


async def let_strangers_go(node: Node) -> int:
    """Let go of accounts that nothing here refers to any more, and of what failed at their hosts; how many accounts."""
    swept = Swept()
    await _sweep_each(node, _actors_page, _let_actors_go, swept, since=node.clock() - STRANGERS_KEPT_FOR)
    await node.database.write(_let_hosts_go)
    return swept.actors


async def count(node: Node) -> int:
    """How many rows a sweep looks at."""
    return await node.database.read(_count)


async def sweep(
    node: Node, *, older_than: timedelta, dry: bool = False, advance: Callable[[int], None] = lambda _: None
) -> Swept:
    """Let go of what nobody needs and came, or was read, longer ago than `older_than`; with `dry` only count it.

    `advance` is told after each page how many rows were looked at.
    """
    since = node.clock() - older_than
    swept = Swept()
    for page, let_go in ((_objects_page, _let_objects_go), (_actors_page, _let_actors_go)):
        await _sweep_each(node, page, let_go, swept, since=since, dry=dry, advance=advance)
    swept.activities = await _old_activities(node, dry=dry)
    store = node.media_cache.store
    swept.pictures = await asyncio.to_thread(store.stale if dry else store.prune, now=node.clock())
    return swept


async def _sweep_each(
    node: Node,
    page: Callable[[Transaction, datetime, Any], _Page],
    let_go: Callable[[Transaction, list[str], datetime], tuple[int, int]],
    swept: Swept,
    *,
    since: datetime,
    dry: bool = False,
    advance: Callable[[int], None] = lambda _: None,
) -> None:
    after: Any = None
    while (found := await node.database.read(page, since, after)).looked_at:
        if found.unneeded and not dry:
            gone, size = await node.database.write(let_go, list(found.unneeded), since)
            await asyncio.sleep(BREATH_SECONDS)
        else:
            gone, size = len(found.unneeded), sum(found.unneeded.values())
        _add(swept, page is _objects_page, gone, size)
        after = found.last
        advance(found.looked_at)


@dataclass(frozen=True, slots=True)
class _Page:
    """Some rows in their order: how many, the last one, and the bytes of each that nobody needs."""

    looked_at: int
    last: Any
    unneeded: dict[str, int]


def _add(swept: Swept, is_object: bool, gone: int, size: int) -> None:
    if is_object:
        swept.objects += gone
        swept.object_bytes += size
    else:
        swept.actors += gone
        swept.actor_bytes += size


def _count(tx: Transaction) -> int:
    said = select(func.count()).where(objects.c.local.is_(False), objects.c.deleted.is_(None))
    known = select(func.count()).where(actors.c.local.is_(False))
    return int(tx.execute(said).scalar_one()) + int(tx.execute(known).scalar_one())


# ---- objects


def _objects_page(tx: Transaction, since: datetime, after: int | None) -> _Page:
    rows = tx.execute(
        select(objects.c.iri, objects.c.sort_id)
        .where(objects.c.local.is_(False), objects.c.deleted.is_(None), objects.c.sort_id > (after or 0))
        .order_by(objects.c.sort_id)
        .limit(PAGE)
    ).all()
    unneeded = _unneeded_objects(tx, [row.iri for row in rows], since)
    return _Page(len(rows), rows[-1].sort_id if rows else None, unneeded)


def _let_objects_go(tx: Transaction, iris: list[str], since: datetime) -> tuple[int, int]:
    unneeded = _unneeded_objects(tx, iris, since)
    hearing.let_go(tx, list(unneeded))
    tx.execute(delete(signatures).where(signatures.c.text.in_(list(unneeded))))
    return len(unneeded), sum(unneeded.values())


def _unneeded_objects(tx: Transaction, iris: list[str], since: datetime) -> dict[str, int]:
    """Those of `iris` that may go, and how many bytes their documents take."""
    followed = _followed()
    own = select(local_actors.c.iri)
    parent, answer = objects.alias(), objects.alias()
    ours = [reactions.c.actor.in_(own), reactions.c.actor.in_(followed)]
    needed = [
        objects.c.author.in_(followed),
        exists().where(reports.c.iri == objects.c.iri),
        exists().where(imports.c.digest_iri == objects.c.iri),
        exists().where(reactions.c.object == objects.c.iri, or_(*ours)),
        exists().where(pins.c.object == objects.c.iri),
        exists().where(signatures.c.text == objects.c.iri, signatures.c.signatory.in_(own)),
        exists().where(quotings.c.quoted == objects.c.iri),
        exists().where(quotes.c.quoted == objects.c.iri, or_(quotes.c.quoter.in_(own), quotes.c.quoter.in_(followed))),
        exists().where(quotes.c.quoting == objects.c.iri, quotes.c.author.in_(own)),
        exists().where(featured.c.object == objects.c.iri, featured.c.actor.in_(followed)),
        exists().where(parent.c.iri == objects.c.in_reply_to, parent.c.local.is_(True)),
        exists().where(answer.c.in_reply_to == objects.c.iri, answer.c.local.is_(True)),
        exists().where(marks.c.object == objects.c.iri),
        exists().where(filter_statuses.c.object == objects.c.iri),
        _thread_is_alive(since, followed),
    ]
    query = select(objects.c.iri, func.length(objects.c.document).label("size")).where(
        objects.c.iri.in_(iris),
        objects.c.local.is_(False),
        objects.c.deleted.is_(None),
        objects.c.heard < since,
        objects.c.part_of.is_(None),
        objects.c.kind != REPORT,
        *(~one for one in needed),
    )
    return {row.iri: row.size or 0 for row in tx.execute(query)}


def _thread_is_alive(since: datetime, followed: Select[Any]) -> ColumnElement[bool]:
    """Whether one of us or of those we follow stands in the thread, or something new has come into it."""
    other = objects.alias()
    return exists().where(
        other.c.thread == objects.c.thread,
        or_(other.c.local.is_(True), other.c.heard >= since, other.c.author.in_(followed)),
    )


def _followed() -> Select[Any]:
    live = follows.c.state.in_([Follow.PENDING.value, Follow.ACCEPTED.value])
    return select(follows.c.followed).where(live, follows.c.follower.in_(select(local_actors.c.iri)))


# ---- actors

# Whoever stands in one of these is needed; a test finds columns that are missing here.
REFERRING = (
    follows.c.follower, objects.c.author, activities.activities.c.actor, follows.c.followed, reactions.c.actor,
    blocks.c.actor, moves.c.old, moves.c.new, featured.c.actor, imports.c.actor, struggles.c.actor, reports.c.author,
    quotings.c.author, quotes.c.quoter, quotes.c.author, complaints.c.actor, backfills.c.actor,
    held.c.author, silenced.c.actor,
    positions.c.author, removals.c.author, merges.c.author, signatures.c.signatory, signatures.c.author,
    recognitions.c.author, follow_answers.c.follower, follow_answers.c.followed, person_log.c.actor,
    appeals.c.author, answers.c.author, conditions_reports.c.author, counted_reports.c.author,
    mutes.c.actor, hidden_actors.c.actor, actor_notes.c.actor, private_follows.c.actor, list_accounts.c.actor,
    notifications.c.actor, permissions.c.actor, events.c.author,
)  # fmt: skip


def _actors_page(tx: Transaction, since: datetime, after: str | None) -> _Page:
    rows = tx.execute(
        select(actors.c.iri)
        .where(actors.c.local.is_(False), actors.c.iri > (after or ""))
        .order_by(actors.c.iri)
        .limit(PAGE)
    ).all()
    return _Page(len(rows), rows[-1].iri if rows else None, _unneeded_actors(tx, [row.iri for row in rows], since))


def _let_actors_go(tx: Transaction, iris: list[str], since: datetime) -> tuple[int, int]:
    unneeded = _unneeded_actors(tx, iris, since)
    tx.execute(delete(actor_keys).where(actor_keys.c.actor.in_(list(unneeded))))
    tx.execute(delete(actors).where(actors.c.iri.in_(list(unneeded))))
    for iri in unneeded:
        tx.after_commit(partial(tx.node.directory.forget_keys, iri))
    return len(unneeded), sum(unneeded.values())


def _unneeded_actors(tx: Transaction, iris: list[str], since: datetime) -> dict[str, int]:
    """Those of `iris` that nothing here refers to, that nothing of ours is addressed to, and not read for long.

    That somebody has left is known for a while longer.
    """
    left = actors.c.gone < min(since, tx.now - FAREWELLS_KEPT_FOR)
    query = select(actors.c.iri, func.length(actors.c.document).label("size")).where(
        actors.c.iri.in_(iris),
        actors.c.local.is_(False),
        actors.c.addressed.is_(None),
        or_(left, and_(actors.c.gone.is_(None), actors.c.seen < since)),
    )
    unneeded = {row.iri: row.size or 0 for row in tx.execute(query)}
    for column in REFERRING:
        if not unneeded:  # most are named in one of the first, and the last have no index for it
            break
        for iri in tx.execute(select(column).where(column.in_(list(unneeded))).distinct()).scalars():
            del unneeded[iri]
    return unneeded


# ---- hosts


def _let_hosts_go(tx: Transaction) -> None:
    """Forget how hosts took deliveries of which nobody is known any more, or that are unreachable for very long.

    Those for which something waits are not among them.
    """
    known = select(actors.c.host).where(actors.c.local.is_(False), actors.c.gone.is_(None))
    old = or_(
        and_(hosts.c.failing_since < tx.now - STRANGERS_KEPT_FOR, hosts.c.host.not_in(known)),
        hosts.c.unreachable_since < tx.now - UNREACHABLE_KEPT_FOR,
    )
    waits = exists().where(jobs.c.lane == hosts.c.host)
    if tx.execute(delete(hosts).where(old, ~waits)).rowcount:
        tx.after_commit(tx.node.hosts.look_again)


# ---- activities


async def _old_activities(node: Node, *, dry: bool) -> int:
    if dry:
        return await node.database.read(count_old_activities)
    gone = 0
    while found := await node.database.write(old_activities):
        gone += found
        await asyncio.sleep(BREATH_SECONDS)
    return gone
