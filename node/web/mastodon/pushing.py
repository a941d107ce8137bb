"""Web Push as apps ask for it: one subscription for each token, as Mastodon has it."""

from __future__ import annotations

from typing import Any

from aiohttp import web
from sqlalchemy import Row

from federation.errors import Malformed, Refused
from federation.web_push import Coding, Device
from node.context import NODE, Node
from node.errors import Invalid
from node.push import actions, rules, store
from node.push.rules import Wish
from node.web.mastodon import door, parameters
from node.web.mastodon.answers import answer
from node.web.mastodon.parameters import Parameters


async def shown(request: web.Request) -> web.Response:
    """GET /api/v1/push/subscription"""
    viewer = await door.viewer(request)
    return answer(request, _entity(await request.app[NODE].database.read(actions.of_viewer, viewer)))


async def subscribe(request: web.Request) -> web.Response:
    """POST /api/v1/push/subscription: subscription[endpoint|keys][...], subscription[standard], data[alerts|policy]"""
    viewer, given, node = await door.viewer(request), await parameters.of(request), request.app[NODE]
    device, token = _device(node, given.within("subscription")), door.secret_of(request) or ""
    made = await node.database.write(actions.subscribe, viewer, device, _wish(given), token=token)
    return answer(request, _entity(made))


async def change(request: web.Request) -> web.Response:
    """PUT /api/v1/push/subscription: what is asked for, whole"""
    viewer, given = await door.viewer(request), await parameters.of(request)
    return answer(request, _entity(await request.app[NODE].database.write(actions.change, viewer, _wish(given))))


async def unsubscribe(request: web.Request) -> web.Response:
    """DELETE /api/v1/push/subscription"""
    viewer = await door.viewer(request)
    await request.app[NODE].database.write(store.end, viewer.token)
    return answer(request, {})


def _device(node: Node, given: Parameters) -> Device:
    """Raises Invalid, also for an address to which this node sends nothing."""
    endpoint = rules.check_endpoint(given.text("endpoint"))
    try:
        node.client.check(endpoint)
    except (Refused, Malformed):
        raise Invalid(
            "{address!r} is no address to be sent to", field="subscription[endpoint]", address=endpoint[:200]
        ) from None
    keys = given.within("keys")
    coding = Coding.STANDARD if given.flag("standard") else Coding.DRAFT
    return Device(endpoint, rules.check_key(keys.text("p256dh")), rules.check_auth(keys.text("auth")), coding)


def _wish(given: Parameters) -> Wish:
    """Alerts that this node does not know are not asked for."""
    data = given.within("data")
    alerts = data.within("alerts")
    chosen = frozenset(one for one in rules.ALERTS if alerts.flag(one))
    return Wish(chosen, rules.check_policy(data.text("policy") or given.text("policy")))


def _entity(row: Row[Any]) -> dict[str, Any]:
    """A WebPushSubscription. Its id is a number, as at Mastodon, and unlike any other there; apps take nothing else."""
    return {
        "id": row.id,
        "endpoint": row.endpoint,
        "standard": row.standard,
        "alerts": {one: one in row.alerts for one in rules.ALERTS},
        "server_key": row.server_key,
        "policy": row.policy,
    }
