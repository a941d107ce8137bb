"""Commands about the node itself: init, serve, migrate, version."""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import gc
import os
import resource
import secrets
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from node import VERSION, app, config, jobs, log, readiness, setup
from node.cli.commands import AS_JSON, Command, Usage, directory, load, option, show
from node.config import Config
from node.context import Node
from node.errors import Conflict, Unfit
from node.groups import rules

FILES = 32_768  # a node opens no more: as many streams as it lets in, and what it serves beside them


def init(options: argparse.Namespace) -> int:
    """Make a node; nothing is left behind if it cannot be made."""
    if not options.words:
        raise Usage("DIR is missing")
    target = directory(options)
    if target.exists() and any(target.iterdir()):
        raise Conflict(f"{target} is not empty; name a directory that is not there yet")
    plan = setup.Plan(
        origin=config.check_origin(options.origin),
        handle=rules.check_handle(options.handle),
        name=rules.check_name(options.name),
        language=rules.check_language(options.language),
        tendency=options.tendency,
        listen=options.listen,
        database_url=options.database_url,
        password=secrets.token_urlsafe(15),
    )
    made = asyncio.run(_make(target, plan))
    return show(options, made | {"password": plan.password}, _next_steps(target, plan, made))


@asynccontextmanager
async def in_its_place(target: Path) -> AsyncIterator[Path]:
    """A directory to be filled, which becomes `target` when that is done, and is gone if it cannot be."""
    partial = target.with_name(f".{target.name}.{secrets.token_hex(4)}.partial")
    partial.mkdir(mode=0o700, parents=True)
    try:
        yield partial
        if target.exists():
            target.rmdir()
        partial.rename(target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise


async def _make(target: Path, plan: setup.Plan) -> dict[str, Any]:
    async with in_its_place(target) as partial:
        made = await setup.make(partial, plan)
    return made | {"directory": str(target), "recovery_key": str(target / setup.RECOVERY_KEY)}


def _next_steps(target: Path, plan: setup.Plan, made: dict[str, Any]) -> str:
    return f"""The node of {plan.name} is made: {target}

  Address   {made["actor"]}
  Handle    {made["handle"]}
  Both are for ever: they stand in every statement, and others know you by them.

  First member   {setup.FIRST_MEMBER}, with the mandate of a steward
  Password       {plan.password}
  It is shown this once. Log in at {plan.origin}/login

  Recovery key   {target / setup.RECOVERY_KEY}
  To print       {target / setup.RECOVERY_SHEET}
  With it the group can prove itself if this machine or its domain is lost. Print the sheet or copy the key to
  another place, then delete both files here: the node needs only the public half, which it has.

Next:
  commonwire serve {target}
  (the server in front of it must pass {plan.origin} on to {plan.listen})
  commonwire follow {target} @name@host
  commonwire publish {target} statement.md"""


def serve(options: argparse.Namespace) -> int:
    """Run web and workers until told to stop."""
    settings = load(options)
    if options.listen:
        settings = dataclasses.replace(settings, listen=options.listen)
        config.check(settings, "--listen")
    if options.metrics_listen is not None:
        settings = dataclasses.replace(settings, metrics_listen=options.metrics_listen)
        config.check(settings, "--metrics-listen")
    log.configure(settings.log_level)
    open_more_files()
    runner: Any = asyncio.run
    try:
        import uvloop
    except ImportError:
        pass
    else:
        runner = uvloop.run
    runner(_serve(settings))
    return 0


async def _serve(settings: Config) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    host, port = settings.listen_address
    _check_free(settings.listen, host, port)
    if settings.metrics_address is not None:
        _check_free(settings.metrics_listen, *settings.metrics_address)
    manager = readiness.ServiceManager(os.environ)
    async with app.open_node(settings) as node, app.run_workers(node):
        try:
            async with app.serving_metrics(node), app.serving(node, host=host, port=port) as actual:
                line = f"Commonwire {VERSION} serves {settings.origin} on {host}:{actual}"
                if settings.metrics_listen:
                    line += f", metrics on {settings.metrics_listen}"
                print(line, flush=True)
                manager.ready(line)
                _spare_the_collector()
                await _until(stop, node, manager)
                manager.stopping()
                node.health.stopping = True
        except OSError as error:
            raise Unfit(f"cannot listen on {settings.listen}: {error.strerror}; is another server there?") from None
        waiting = await node.database.read(jobs.waiting)
        print(f"stopping; {waiting} jobs wait for the next start", flush=True)


def open_more_files() -> None:
    """Be allowed as many files as may be had for the asking: most systems give 1,024, and each open stream is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(FILES, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _spare_the_collector() -> None:
    """What is here now stays until the end: no garbage is looked for in it, and less often in what comes.

    A request leaves next to none that counting references does not find. A sixth less CPU time, and no more memory.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


async def _until(stop: asyncio.Event, node: Node, manager: readiness.ServiceManager) -> None:
    """Return when the node is told to stop; the service manager is told meanwhile that it lives."""
    watchdog = asyncio.create_task(readiness.watch(node, manager))
    try:
        await stop.wait()
    finally:
        watchdog.cancel()
        await asyncio.gather(watchdog, return_exceptions=True)


def _check_free(listen: str, host: str, port: int) -> None:
    """Raise Unfit if somebody listens there, before anything is touched: it may be this very node."""
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            pass
    except OSError as error:
        raise Unfit(f"cannot listen on {listen}: {error.strerror}; is another server there?") from None


def migrate(options: argparse.Namespace) -> int:
    """Bring the database to the version this program needs."""
    from node.migrations import migrate as run_migrations

    settings = load(options)
    log.configure("warning")
    node = app.build(settings)
    try:
        before = node.database.version()
        run_migrations(node.database)
        after = node.database.version()
    finally:
        node.database.close()
    text = f"the database is at version {after}" + ("" if before != after else ", as it was")
    return show(options, {"before": before, "after": after}, text)


def version(options: argparse.Namespace) -> int:
    """Print the version."""
    return show(options, {"version": VERSION}, f"commonwire {VERSION}")


COMMANDS = (
    Command(
        "init",
        "make a node: its directory, database, keys and first member",
        'commonwire init ./union --origin https://union.example --handle union --name "Transport Workers, Branch 12"',
        init,
        needs_directory=True,
        options=(
            option("--origin", required=True, metavar="URL", help="the address of the node, for ever"),
            option("--handle", required=True, help="the name before the @, for ever: a-z, 0-9 and _"),
            option("--name", required=True, help="the name of the group as people read it"),
            option("--language", default="en", help="the language the group mostly writes in (default: en)"),
            option("--tendency", default=None, metavar="TEXT", help="the tendency the group names as its own"),
            option("--listen", default="127.0.0.1:8080", metavar="HOST:PORT", help="where `serve` listens"),
            option("--database-url", default="", metavar="URL", help="PostgreSQL instead of SQLite in DIR"),
            AS_JSON,
        ),
    ),
    Command(
        "serve",
        "run the node: web and workers in one process, until Ctrl-C",
        "commonwire serve ./union --listen 127.0.0.1:8080",
        serve,
        options=(
            option("--listen", metavar="HOST:PORT", help="instead of the setting"),
            option("--metrics-listen", metavar="HOST:PORT", help="instead of the setting; empty for none"),
        ),
    ),
    Command(
        "migrate",
        "bring the database to the version this program needs",
        "commonwire migrate ./union",
        migrate,
        options=(AS_JSON,),
    ),
    Command("version", "print the version", "commonwire version", version, options=(AS_JSON,), has_directory=False),
)
