"""How the node is, for machines that watch it: /healthz for everybody, /metrics at an address of its own."""

from __future__ import annotations

import logging

from aiohttp import hdrs, web
from aiohttp.abc import AbstractAccessLogger

from node import metrics
from node.context import NODE, Node
from node.gauges import Gauges
from node.metrics import Metrics

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
GAUGES: web.AppKey[Gauges] = web.AppKey("gauges", Gauges)


async def healthz(request: web.Request) -> web.Response:
    """200 if the node is well, 503 with what is wrong if it is not."""
    failing = await request.app[NODE].health.failing()
    document = {"status": "failing", "failing": failing} if failing else {"status": "ok"}
    return web.json_response(document, status=503 if failing else 200, headers={"Cache-Control": "no-store"})


async def exposition(request: web.Request) -> web.Response:
    """What Prometheus reads."""
    families = [*request.app[NODE].metrics.families(), *await request.app[GAUGES].families()]
    body = metrics.render(families).encode()
    return web.Response(body=body, headers={hdrs.CONTENT_TYPE: metrics.CONTENT_TYPE, "Cache-Control": "no-store"})


def application(node: Node) -> web.Application:
    """What listens at `metrics_listen`, apart from the public."""
    app = web.Application()
    app[NODE], app[GAUGES] = node, Gauges(node)
    app.add_routes([web.get("/metrics", exposition), web.get("/healthz", healthz)])
    return app


def meter(counted: Metrics) -> type[AbstractAccessLogger]:
    """Where the library would write a line about each request, its time is counted instead."""

    class Meter(AbstractAccessLogger):
        """Notes of a request its method, the pattern of its address and its status; never the address itself."""

        __slots__ = ()

        def __init__(self, logger: logging.Logger, log_format: str) -> None:
            super().__init__(logger, log_format)

        def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
            method = request.method if request.method in METHODS else metrics.OTHER
            counted.request_seconds.observe(time, method, pattern(request) or metrics.OTHER, str(response.status))

    return Meter


def pattern(request: web.BaseRequest) -> str | None:
    """The address as the program writes it, such as /statements/{id}; None if it is none of ours."""
    found = route(request)
    return None if found is None or found.resource is None else str(found.resource.canonical)


def route(request: web.BaseRequest) -> web.AbstractRoute | None:
    """Where the application has sent a request; None if it has not got as far."""
    # What was no HTTP, or had no address, has no match_info, and asking for it is an error.
    match = getattr(request, "_match_info", None)
    return None if match is None else match.route
