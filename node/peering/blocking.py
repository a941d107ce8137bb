"""A group of ours blocks an account: the follows between the two end, and its server is told, as Mastodon does it."""

from __future__ import annotations

from typing import Any

from node import activities, actors, happenings
from node.context import Transaction
from node.happenings import What
from node.jobs import Priority
from node.peering import actions, admission, blocks, rules, store
from node.peering.rules import Follow


def block(tx: Transaction, *, actor: str, target: str) -> None:
    """End the follows between a group and an account, and tell its server; nothing if that is done already."""
    if blocks.find(tx, actor=actor, blocked=target) is not None:
        return
    followed = store.find(tx, follower=actor, followed=target)
    if followed is not None and followed.state in rules.LIVE:
        actions.send_unfollow(tx, actor=actor, target=target)
    follows = store.find(tx, follower=target, followed=actor)
    if follows is not None and follows.state in rules.LIVE:
        store.set_state(tx, follower=target, followed=actor, state=Follow.ENDED)
        happenings.note(tx, What.UNFOLLOWED, actor, actor=target)
    activity = activities.make(tx, "Block", actor=actor, object=target, to=[target])
    blocks.put(tx, actor=actor, blocked=target, activity=activity["id"])
    _send(tx, activity, target)


def unblock(tx: Transaction, *, actor: str, target: str) -> None:
    """Take a block back, and tell the server. The follows that ended stay ended."""
    held = blocks.find(tx, actor=actor, blocked=target)
    if held is None:
        return
    blocks.lift(tx, actor=actor, blocked=target)
    undone = {"id": held.activity, "type": "Block", "actor": actor, "object": target}
    _send(tx, activities.make(tx, "Undo", actor=actor, object=undone, to=[target]), target)


def _send(tx: Transaction, activity: dict[str, Any], target: str) -> None:
    row = actors.find(tx, target)
    inboxes = admission.inboxes(tx, target) if row is not None and row.inbox is not None else []
    if inboxes:
        activities.send(tx, activity, inboxes, priority=Priority.ANSWER)
