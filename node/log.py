"""What the node says about itself: one line an event, on standard error, without addresses, user agents or bodies.

aiohttp's own access log is off and its server logger is replaced, because both print who asked; its warnings of a part
of a form that is not well formed are not given, because they repeat what somebody has sent.
"""

from __future__ import annotations

import logging
import sys
import warnings

from aiohttp import BadContentDispositionHeader, BadContentDispositionParam


class WithoutPeer(logging.Filter):
    """Keeps the address of whoever asked out of what aiohttp says about a failed request."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = "a request could not be answered", ()
        return True


def configure(level: str) -> None:
    """Log to standard error from `level` upwards."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    server = logging.getLogger("aiohttp.server")
    server.filters[:] = [WithoutPeer()]
    repeat_nothing_sent()
    for quiet in ("aiohttp.access", "alembic", "asyncio", "markdown_it"):
        logging.getLogger(quiet).setLevel(logging.WARNING)


def repeat_nothing_sent() -> None:
    """Give no warning that quotes what somebody has sent."""
    for category in (BadContentDispositionHeader, BadContentDispositionParam):
        warnings.simplefilter("ignore", category)
