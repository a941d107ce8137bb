"""Streams: what happens, told to apps while it happens, over WebSockets and as server-sent events.

`asked` is which streams there are and what a token needs for each; `hub` holds who listens in this process and follows
the events of the database (node.streams); `told` reads, once for each viewer, what they are about; `sockets` and
`event_streams` are the two ways out. A stream is not a memory: who was not there reads her time line.
"""

from aiohttp import web

from node.context import NODE
from node.web.mastodon.streaming.hub import HUB, Hub
from node.web.mastodon.streaming.told import told


async def start(app: web.Application) -> None:
    """Signal: nobody listens yet."""
    app[HUB] = Hub(app[NODE], told)


async def stop(app: web.Application) -> None:
    """Signal: the node stops, so every stream ends."""
    await app[HUB].stop()
