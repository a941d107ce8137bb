"""The part of serving that comes before our middleware: requests that are no HTTP.

aiohttp answers those itself, with its name and version and with what it was sent, and writes both into the log together
with who asked. Here they get a status and one sentence, and the log says that there was one.
"""

from __future__ import annotations

import logging

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

log = logging.getLogger("commonwire.web")

SENTENCE = "this is not a request that can be answered"


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
            log.error("a request could not be answered", exc_info=exc)
        if request.writer.output_size > 0:
            raise ConnectionError("half an answer is on its way already")
        response = web.json_response({"error": SENTENCE}, status=status)
        response.headers["Server"] = "Commonwire"
        response.force_close()
        return response


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
