"""Letting go of what is no longer needed, once an hour: what is kept about people has an end.

Activities of others go after 30 days (what they meant stands in the tables of the rooms), those that had no effect
after one, and the words of large ones too; follows that have ended after 30, sessions when they are over, pictures of
others when nobody has looked at them for a month. SQLite's log of changes is emptied, so that what was deleted is gone
from the disk too.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta

from sqlalchemy import ColumnElement, and_, delete, func, or_, select, update

from node import media
from node.activities import BLANK, State, activities
from node.context import Node, Transaction

log = logging.getLogger("commonwire.pruning")

EVERY_SECONDS = 3600
FIRST_AFTER_SECONDS = 60
KEPT_FOR = timedelta(days=30)
WITHOUT_EFFECT_KEPT_FOR = timedelta(days=1)  # for as long as its sender may try again
BEFORE_WHAT_THEY_ARE_ABOUT = ("Delete", "Undo")  # these may come first, and count when the other comes
LARGE_BYTES = 16_384  # as kept, which is compressed
TOGETHER = 1000


async def run(node: Node, first_after: float = FIRST_AFTER_SECONDS) -> None:
    """The loop; ends by cancellation. Whoever has waited for the node to begin comes first: so many seconds."""
    await asyncio.sleep(first_after)
    while True:
        await prune(node)
        await asyncio.sleep(EVERY_SECONDS)


async def prune(node: Node) -> int:
    """Let go of everything whose time is over; how many rows there were."""
    gone = 0
    for step in (old_activities, large_words, *node.rooms.prunings):
        while found := await node.database.write(step):
            gone += found
            if found < TOGETHER:
                break
    pictures = await node.media_cache.prune()
    await asyncio.to_thread(media.sweep, node)
    if node.database.is_sqlite:
        await node.database.empty_log()
    if pictures.files:
        log.info("%d pictures of others were let go of", pictures.files)
    if gone:
        log.info("%d rows were let go of", gone)
    return gone


def old_activities(tx: Transaction) -> int:
    """Delete handled activities of others when their time is over; what waits or is parked stays."""
    old = select(activities.c.id).where(*_old(tx)).order_by(activities.c.id).limit(TOGETHER)
    return int(tx.execute(delete(activities).where(activities.c.id.in_(old))).rowcount)


def large_words(tx: Transaction) -> int:
    """Drop what large activities of others said once it has had its effect: what they meant is kept elsewhere.

    Otherwise whoever likes and unlikes with a megabyte around it fills the disk for a month.
    """
    large = (
        select(activities.c.id)
        .where(
            activities.c.direction == "in",
            activities.c.state == State.DONE.value,
            activities.c.at < tx.now - WITHOUT_EFFECT_KEPT_FOR,
            func.length(activities.c.document) > LARGE_BYTES,
        )
        .order_by(activities.c.id)
        .limit(TOGETHER)
    )
    return int(tx.execute(update(activities).where(activities.c.id.in_(large)).values(BLANK)).rowcount)


def count_old_activities(tx: Transaction) -> int:
    """How many activities of others have had their time."""
    return int(tx.execute(select(func.count()).select_from(activities).where(*_old(tx))).scalar_one())


def _old(tx: Transaction) -> list[ColumnElement[bool]]:
    handled = [State.DONE.value, State.IGNORED.value, State.REFUSED.value]
    without_effect = and_(
        activities.c.state.in_(handled[1:]),
        activities.c.type.not_in(BEFORE_WHAT_THEY_ARE_ABOUT),
        activities.c.at < tx.now - WITHOUT_EFFECT_KEPT_FOR,
    )
    old = or_(activities.c.at < tx.now - KEPT_FOR, without_effect)
    return [activities.c.direction == "in", activities.c.state.in_(handled), old]
