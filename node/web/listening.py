"""The part of serving that is around our middleware: requests that are no HTTP, and mistakes of our own.

aiohttp answers both itself, with its name and version and with what it was sent, and writes them into the log together
with who asked. Here what is no HTTP gets a status and one sentence, and the log says that there was one. Whoever runs
into a mistake of ours gets 500 like any other refusal, and the log what happened and at which kind of address.
"""

from __future__ import annotations

import logging

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from node.web import refusals, wellness

log = logging.getLogger("commonwire.web")

SENTENCE = "this is not a request that can be answered"
MISTAKE = "this node has made a mistake; it is written in its log"


class _Handler(web.RequestHandler):
    """One connection."""

    __slots__ = ()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        if isinstance(exc, HttpProcessingError):
            log.info("something came that is no HTTP request (%d)", status)
        else:
            log.error("a request for %s failed", wellness.pattern(request) or "an unknown address", exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("half an answer is on its way already")
        response = _answer(request, status)
        response.headers["Server"] = "Commonwire"
        response.force_close()
        return response


def _answer(request: web.BaseRequest, status: int) -> web.Response:
    if isinstance(request, web.Request) and wellness.route(request) is not None:
        return refusals.answer(request, status, MISTAKE)
    return web.json_response({"error": SENTENCE}, status=status)


class _Server(web.Server):
    """Makes the connections."""

    def __call__(self) -> web.RequestHandler:
        return _Handler(self, loop=self._loop, **self._kwargs)


class Runner(web.AppRunner):
    """Serves an application, and answers what is no HTTP as briefly as everything else."""

    __slots__ = ()

    async def _make_server(self) -> web.Server:
        # The library has no public place for this: it makes the server, and the server makes the handlers.
        made = await super()._make_server()
        return _Server(
            made.request_handler,
            request_factory=made.request_factory,
            handler_cancellation=made.handler_cancellation,
            **made._kwargs,
        )
