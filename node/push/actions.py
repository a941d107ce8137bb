"""Subscribing and unsubscribing; promising, at the end of a transaction, that devices are told; and telling them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, select

from federation import web_push
from federation.errors import Gone, Refused, Unreachable
from federation.origin import origin
from federation.web_push import Coding, Device, Message, Sender
from node.context import Node, Transaction
from node.errors import Missing
from node.happenings import What
from node.jobs import Job, Promise, promise
from node.members.viewers import Viewer
from node.notifications.rules import Kind
from node.notifications.store import notifications
from node.push import keys, rules, store, telling
from node.push.rules import Policy, Wish

SEND = "push"
AT_ONCE = 300
TOO_MANY = 429


@dataclass(frozen=True, slots=True)
class Ready:
    """A message and where it goes."""

    device: Device
    message: Message
    sender: Sender
    has_failed: bool


# ---- subscribing


def subscribe(tx: Transaction, viewer: Viewer, device: Device, wish: Wish, *, token: str) -> Row[Any]:
    """Have the notifications of a viewer's account pushed to a device, in place of the one that her token had."""
    return store.put(
        tx, keep=rules.OF_A_VIEWER, token=viewer.token, viewer=viewer.id,
        locked_token=keys.lock(tx.node, token, viewer.token), server_key=keys.sender(tx.node).public,
        endpoint=device.endpoint, key=web_push.encoded(device.key), auth=web_push.encoded(device.auth),
        standard=device.coding is Coding.STANDARD, alerts=_listed(wish), policy=wish.policy.value,
    )  # fmt: skip


def of_viewer(tx: Transaction, viewer: Viewer) -> Row[Any]:
    """The subscription of her token. Raises Missing; so does one that was made under another key of this node."""
    row = store.of_token(tx, viewer.token)
    if row is None or row.server_key != keys.public(tx.node):
        raise Missing("Record not found")
    return row


def change(tx: Transaction, viewer: Viewer, wish: Wish) -> Row[Any]:
    """Ask for something else. Raises Missing."""
    number = of_viewer(tx, viewer).id
    store.change(tx, number, alerts=_listed(wish), policy=wish.policy.value)
    return of_viewer(tx, viewer)


def _listed(wish: Wish) -> list[str]:
    return [one for one in rules.ALERTS if one in wish.alerts]


# ---- promising


def settle(tx: Transaction) -> None:
    """At the end of a transaction: promise a message for each device that asks for what a group was notified of."""
    told = {one.place: one.actor for one in tx.happened if one.what is What.NOTIFIED and one.place is not None}
    if not told:
        return
    devices = {group: store.of_group(tx, group) for group in set(told.values()) if group is not None}
    if not any(devices.values()):
        return
    new = select(notifications.c.id, notifications.c.kind, notifications.c.of)
    rows = list(tx.execute(new.where(notifications.c.id.in_(list(told)[:AT_ONCE])).order_by(notifications.c.id)))
    for group, subscriptions in devices.items():
        for one in subscriptions:
            _promise(tx, one, [row for row in rows if row.of == group])


def _promise(tx: Transaction, subscription: Row[Any], rows: list[Row[Any]]) -> None:
    """One device; what is beyond its pace is not promised, so that a crowd of strangers does not drown it."""
    begun, sent = subscription.pace_since, subscription.pace
    if begun is None or begun <= tx.now - rules.PACE:
        begun, sent = tx.now, 0
    promises = []
    for row in rows:
        kind = Kind(row.kind)
        wanted = subscription.policy != Policy.NONE.value and rules.asks_for(subscription.alerts, kind)
        if wanted and rules.has_room(kind, sent=sent):
            sent += 1
            payload = {"subscription": subscription.id, "notification": row.id}
            key = f"{SEND} {subscription.id} {row.id}"
            promises.append(Promise(SEND, payload, lane=f"{SEND} {origin(subscription.endpoint)}", key=key))
    if promises:
        store.change(tx, subscription.id, pace_since=begun, pace=sent)
        promise(tx, *promises)


# ---- telling


async def send(node: Node, payload: dict[str, Any]) -> None:
    """Job: bring one notification to one device. Nothing happens if there is nothing to tell it any more."""
    number = payload["subscription"]
    ready = await node.database.read(_ready, number, payload["notification"])
    if ready is None:
        return
    try:
        await web_push.send(node.client, ready.device, ready.message, ready.sender, now=node.clock())
    except Gone:
        await node.database.write(store.drop, number)
    except Refused:
        await node.database.write(_note_refusal, number)
        raise
    except Unreachable as error:
        await node.database.write(_note_failure, number, error.retry_after if error.status == TOO_MANY else None)
        raise
    else:
        if ready.has_failed:
            await node.database.write(_note_arrival, number)


def _ready(tx: Transaction, number: int, notification: int) -> Ready | None:
    """Raises Unreachable while the push service wants to be left alone."""
    row, sender = store.numbered(tx, number), keys.sender(tx.node)
    if row is None or row.server_key != sender.public:
        return None
    message = telling.message(tx, row, notification)
    if message is None:
        return None
    if row.rests is not None and row.rests > tx.now:
        raise Unreachable(f"{origin(row.endpoint)} asks to be left alone", retry_after=row.rests - tx.now)
    coding = Coding.STANDARD if row.standard else Coding.DRAFT
    device = Device(row.endpoint, web_push.decoded(row.key), web_push.decoded(row.auth), coding)
    return Ready(device, message, sender, has_failed=bool(row.refusals or row.failing))


def _note_refusal(tx: Transaction, number: int) -> None:
    """A push service that says no is believed after a few times."""
    row = store.numbered(tx, number)
    if row is not None and row.refusals + 1 >= rules.REFUSALS:
        store.drop(tx, number)
    elif row is not None:
        store.change(tx, number, refusals=row.refusals + 1)


def _note_failure(tx: Transaction, number: int, rests: timedelta | None) -> None:
    row = store.numbered(tx, number)
    if row is None:
        return
    hour = tx.now.replace(minute=0, second=0, microsecond=0)
    until = row.rests if rests is None else tx.now + min(rests, rules.LASTS)
    store.change(tx, number, failing=row.failing or hour, rests=until)


def _note_arrival(tx: Transaction, number: int) -> None:
    store.change(tx, number, refusals=0, failing=None, rests=None)


def prune(tx: Transaction) -> int:
    """Forget devices to which nothing has arrived for long, and those that know another key of this node; how many."""
    if not store.are_any(tx):
        return 0
    server_key = keys.public(tx.node)
    foreign = store.drop_foreign(tx, server_key) if server_key else 0
    return foreign + store.drop_failing(tx, rules.FAILING_FOR)


JOBS: dict[str, Job] = {SEND: send}
