"""Building a node from its settings, and the web application around it; everything is opened and closed here.

`open_node` is for whoever needs the node without the web (the command line); `application` adds the web, `run_workers`
the loops. A test builds as many nodes as it likes in one process.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

from aiohttp import web
from sqlalchemy.exc import DBAPIError

from federation.client import Client
from federation.courtesy import Courtesy
from node import VERSION, jobs, media, pruning, rooms, unneeded, watching
from node.config import Config
from node.context import NODE, Clock, Node, system_clock
from node.database import Database
from node.delivery import Outbox
from node.films import Films
from node.health import Health
from node.hosts import Hosts
from node.intake import Intake
from node.key_directory import KeyDirectory
from node.keyring import Keyring
from node.media_cache import MediaCache
from node.peering import doorkeeping, handles
from node.worker import Worker

log = logging.getLogger("commonwire")

HALF_SENT_SECONDS = 30  # aiohttp ends half-sent headers only after its keep-alive time, an hour by default
SHUTDOWN_SECONDS = 5
AGAIN_SECONDS = 5


def build(config: Config, *, clock: Clock = system_clock, keyring: Keyring | None = None) -> Node:
    """The node of `config`, nothing opened yet; its keys are in its directory unless somebody has a keyring for it.

    Raises Unfit if the database address is none.
    """
    database = Database(config.database_address)
    client = Client(
        user_agent=user_agent(config),
        clock=clock,
        allow_networks=config.allow_networks,
        allow_http=config.allow_http,
        ca_file=config.ca_file,
        limit_bytes=config.document_bytes,
        timeout=timedelta(seconds=config.request_timeout),
        courtesy=Courtesy(at_once=config.fetches_per_host, per_minute=config.fetches_per_minute),
    )
    node = Node(
        config=config,
        database=database,
        client=client,
        keyring=keyring or Keyring(config.directory),
        rooms=rooms.assemble(),
        clock=clock,
    )
    database.node = node
    node.intake = Intake(node)
    node.directory = KeyDirectory(node)
    node.media_cache = MediaCache(node)
    node.films = Films(config.directory / media.DIRECTORY)
    node.health = Health(node)
    node.hosts = Hosts(node)
    node.outbox = Outbox()
    client.gate = doorkeeping.of(node)
    return node


def user_agent(config: Config) -> str:
    """How the node introduces itself to other servers: the program, a page that explains it, and whom to ask."""
    contact = f"; {config.contact}" if config.contact else ""
    return f"Commonwire/{VERSION} (+{config.origin}/about{contact})"


@asynccontextmanager
async def open_node(
    config: Config, *, clock: Clock = system_clock, keyring: Keyring | None = None
) -> AsyncIterator[Node]:
    """The node with its database and its client open. Raises Unfit if the database is not at our version."""
    node = build(config, clock=clock, keyring=keyring)
    try:
        await asyncio.to_thread(_ready, node)
        node.bell.attach()
        async with node.client:
            try:
                yield node
            finally:
                await node.films.close()
                await node.media_cache.close()
    finally:
        await asyncio.to_thread(node.database.close)


def _ready(node: Node) -> None:
    """What would block the loop: opening the database, reading the keys."""
    node.database.check()
    node.keyring.read_all()


@asynccontextmanager
async def run_workers(node: Node) -> AsyncIterator[None]:
    """The loops that take activities in, handle them, do jobs and watch for other processes."""
    worker = Worker(node, node.rooms.jobs)
    if node.database.is_sqlite:
        await node.database.write(jobs.release_all)
    loops: tuple[Callable[[], Coroutine[Any, Any, None]], ...] = (
        node.intake.run_commits,
        node.intake.run_work,
        worker.run,
        partial(watching.watch, node),
        partial(pruning.run, node),
        partial(unneeded.run, node),
        partial(handles.run, node),
        *(partial(loop, node) for loop in node.rooms.loops),
    )
    tasks = [asyncio.create_task(_noticed(loop)) for loop in loops]
    for loop, task in zip(loops, tasks, strict=True):
        node.health.watch(_name(loop), task)
    try:
        yield
    finally:
        node.health.stopping = True
        await worker.stop()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _name(loop: Callable[..., object]) -> str:
    """Such as "intake.run_work", for those who are told that it has ended."""
    function = loop.func if isinstance(loop, partial) else loop
    return f"{function.__module__.rpartition('.')[2]}.{function.__name__}"


async def _noticed(loop: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run one of the loops, and again when the database was away for a while.

    That it ends for any other reason is a mistake of ours, and must not go unnoticed.
    """
    while True:
        try:
            await loop()
            return
        except DBAPIError as error:
            log.error("the database does not answer: %s; again in %d s", type(error.orig).__name__, AGAIN_SECONDS)
            await asyncio.sleep(AGAIN_SECONDS)
        except asyncio.CancelledError:
            raise
        except BaseException:
            log.exception("a loop of the node has ended; restart it")
            raise


def application(node: Node) -> web.Application:
    """The web of a node whose database and client are open."""
    from node.web import routes  # the command line builds nodes too, and has no use for pages and templates

    app = web.Application(middlewares=routes.middlewares(), client_max_size=node.config.inbox_bytes)
    app[NODE] = node
    routes.add(app)
    app.on_startup.append(_read_pages)
    return app


async def _read_pages(_: web.Application) -> None:
    from node.web import routes

    await asyncio.to_thread(routes.prepare)


@asynccontextmanager
async def serving(node: Node, *, host: str, port: int) -> AsyncIterator[int]:
    """Listen and answer; the port that is listened on (chosen by the system if `port` is 0)."""
    from node.web import wellness
    from node.web.listening import Runner

    counted = bool(node.config.metrics_listen)  # it costs a little, so only where somebody reads it
    runner = Runner(
        application(node),
        access_log=log if counted else None,
        access_log_class=wellness.meter(node.metrics),
        keepalive_timeout=HALF_SENT_SECONDS,
        shutdown_timeout=SHUTDOWN_SECONDS,
        auto_decompress=False,  # a digest is over the bytes that were sent; and no bomb is unpacked
    )
    await runner.setup()
    try:
        site = web.TCPSite(runner, host, port, reuse_address=True)
        await site.start()
        sockets = runner.addresses
        yield int(sockets[0][1])
    finally:
        await runner.cleanup()


@asynccontextmanager
async def serving_metrics(node: Node) -> AsyncIterator[None]:
    """Answer /metrics where the settings say, if they do."""
    from node.web import wellness

    if (address := node.config.metrics_address) is None:
        yield
        return
    runner = web.AppRunner(wellness.application(node), access_log=None, shutdown_timeout=SHUTDOWN_SECONDS)
    await runner.setup()
    try:
        await web.TCPSite(runner, *address, reuse_address=True).start()
        yield
    finally:
        await runner.cleanup()
