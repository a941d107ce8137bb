"""The only two doors to the database: `read(fn, ...)` and `write(fn, ...)`.

A transaction is a plain function: `await node.database.write(publish, text)` runs `publish(tx, text)` in a database
thread inside one transaction. Nothing inside can await, so no network I/O happens in a transaction, by construction.

* SQLite: one writer thread with BEGIN IMMEDIATE, four readers; WAL with `synchronous=FULL`, because NORMAL can lose
  acknowledged commits when the power goes; `secure_delete`, because records not kept cannot be seized.
* PostgreSQL: SERIALIZABLE, retried on 40001 and 40P01, so a function must be safe to run again. A function marked
  with `read_committed` (claiming jobs with SKIP LOCKED, alone) runs at that level.
"""

from __future__ import annotations

import asyncio
import json
import random
import sqlite3
import threading
import time
import zlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import (
    BigInteger,
    Dialect,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    make_url,
    text,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError
from sqlalchemy.types import TypeDecorator

from node import erasing
from node.context import Transaction
from node.errors import Unfit
from node.memory import Memory
from node.prepared import COMPILED, own_insert

if TYPE_CHECKING:
    from node.context import Node

P = ParamSpec("P")
R = TypeVar("R")

metadata = MetaData()

READERS = 4
TOGETHER = 100
POSTGRES_THREADS = 8
ATTEMPTS = 12
AT_ONCE = 2  # so many of them beside others of this process
BUSY_TIMEOUT_MILLISECONDS = 5000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
CHANNEL = "commonwire"
OF_CHANCE = ("sort_id", "actors_by_number", "actors.number")  # what is unique and made of chance, as errors name it
SCHEMA_VERSION = "0020"  # the newest migration; the code refuses a database that is not at it


class Moment(TypeDecorator[datetime]):
    """An aware UTC datetime, kept as microseconds since 1970: the same order and precision in both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        return None if value is None else (value - EPOCH) // timedelta(microseconds=1)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        return None if value is None else EPOCH + timedelta(microseconds=value)


class Json(TypeDecorator[Any]):
    """A JSON value, kept as text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


class Packed(TypeDecorator[bytes]):
    """A document's bytes, kept compressed: most of a signed document is its context, twice (4 to 1 on reports)."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else zlib.compress(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else zlib.decompress(value)


def read_committed(fn: Callable[P, R]) -> Callable[P, R]:
    """Mark a function that claims rows with SKIP LOCKED and decides nothing: no SERIALIZABLE on PostgreSQL."""
    fn.read_committed = True  # type: ignore[attr-defined]
    return fn


def insert(tx: Transaction, table: Table) -> Any:
    """An INSERT that knows ON CONFLICT, in the dialect of this database."""
    return own_insert(tx.connection.dialect.name)(table)


def notify(tx: Transaction) -> None:
    """Tell other processes, at the commit of this transaction, that there is work (PostgreSQL; SQLite tells itself)."""
    if tx.connection.dialect.name == "postgresql":
        tx.execute(text(f"NOTIFY {CHANNEL}"))


class Database:
    """Owns the engines and their threads. `node` is given to every transaction."""

    def __init__(self, url: str) -> None:
        try:
            self.url = make_url(url)
        except ArgumentError:
            raise Unfit(f"database_url {url!r} is not an address such as postgresql:///commonwire") from None
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        if not self.is_sqlite and self.url.get_backend_name() != "postgresql":
            raise Unfit(f"database_url names {self.url.get_backend_name()}; SQLite and PostgreSQL are supported")
        self.node: Node | None = None
        self.memory = Memory(trusted_for=timedelta(minutes=1) if self.is_sqlite else timedelta(seconds=1))
        self._together: list[tuple[Callable[[Transaction], Any], asyncio.Future[Any]]] = []
        self._sharing: asyncio.Task[None] | None = None
        self._one_by_one = threading.Lock()
        self._under_way: dict[Any, tuple[int, asyncio.Future[Any]]] = {}
        if self.is_sqlite:
            self._writer, self._reader = _sqlite_engine(url, writes=True), _sqlite_engine(url, writes=False)
            self._write_threads = ThreadPoolExecutor(1, "database-write")
            self._read_threads = ThreadPoolExecutor(READERS, "database-read")
        else:
            address = self.url.set(drivername="postgresql+psycopg")
            self._writer = self._reader = create_engine(
                address, pool_size=POSTGRES_THREADS, max_overflow=4, hide_parameters=True,
                use_native_hstore=False,  # there are none, so nothing has to be asked for them
                execution_options={"compiled_cache": COMPILED["postgresql"]},
            )  # fmt: skip
            self._write_threads = self._read_threads = ThreadPoolExecutor(POSTGRES_THREADS, "database")

    @property
    def engine(self) -> Engine:
        """The writing engine, for migrations."""
        return self._writer

    async def read(self, fn: Callable[Concatenate[Transaction, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run `fn(tx, ...)` on one consistent snapshot; it must not write."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._read_threads, lambda: self._run_read(fn, *args, **kwargs))

    async def remembered(self, fn: Callable[Concatenate[Transaction, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """As `read`, or what that answered before, if nothing it read has changed since (node.memory).

        `fn` is a function of a module, and answers something that nobody changes. What it raises is not remembered.
        """
        if self.node is None or kwargs:
            return await self.read(fn, *args, **kwargs)
        key, now = (fn, args), self.node.clock()
        held: R | None = self.memory.find(key, now=now)
        if held is not None:
            return held
        since = self.memory.commits
        under_way = self._under_way.get(key)
        if under_way is not None and under_way[0] == since:
            shared: R = (await asyncio.shield(under_way[1]))[0]
            return shared
        loop = asyncio.get_running_loop()
        reading = loop.run_in_executor(self._read_threads, lambda: self._run_watched(fn, *args, **kwargs))
        self._under_way[key] = (since, reading)
        reading.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            value, tables = await asyncio.shield(reading)
        finally:
            if self._under_way.get(key, (0, None))[1] is reading:
                del self._under_way[key]
        self.memory.keep(key, value, tables=tables, since=since, at=now)
        return value

    async def write(self, fn: Callable[Concatenate[Transaction, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Run `fn(tx, ...)` in one transaction and commit it; on any exception nothing has happened."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._write_threads, lambda: self._run_write(fn, *args, **kwargs))

    async def write_together(
        self, fn: Callable[Concatenate[Transaction, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """As `write`, in one transaction with whatever else waits to be written so: one wait for the disk for all.

        If one of them raises, nothing of that transaction has happened, and each is run in one of its own.
        """
        future: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        self._together.append((lambda tx: fn(tx, *args, **kwargs), future))
        if self._sharing is None:
            self._sharing = asyncio.create_task(self._write_what_waits())
        return await future

    async def _write_what_waits(self) -> None:
        try:
            while self._together:
                some, self._together = self._together[:TOGETHER], self._together[TOGETHER:]
                acts = [act for act, _ in some]
                shared: Any = (await asyncio.gather(self.write(_all_of, acts), return_exceptions=True))[0]
                outcomes: list[Any] = shared if isinstance(shared, list) else await self._write_apart(acts)
                for (_, future), outcome in zip(some, outcomes, strict=True):
                    if future.done():  # whoever asked has gone
                        continue
                    if isinstance(outcome, BaseException):
                        future.set_exception(outcome)
                    else:
                        future.set_result(outcome)
        finally:
            self._sharing = None

    async def _write_apart(self, acts: list[Callable[[Transaction], Any]]) -> list[Any]:
        return list(await asyncio.gather(*map(self.write, acts), return_exceptions=True))

    async def changed_elsewhere(self) -> int:
        """A number that differs after another process has committed (SQLite's data_version; 0 on PostgreSQL)."""
        if not self.is_sqlite:
            return 0
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._write_threads, self._data_version)

    async def empty_log(self) -> None:
        """Write SQLite's log of changes into the database and cut it to nothing, unless a reader is in the way."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._write_threads, self._checkpoint)

    async def forget_deleted(self, tables: Sequence[str]) -> bool:
        """Leave nothing of the rows that were deleted from `tables` in the files; whether that could be done now.

        SQLite overwrote them when they were deleted (secure_delete), and its log is emptied; PostgreSQL writes the
        tables anew. What PostgreSQL has in its own log stays there until it is used again.
        """
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._write_threads, self._forget_deleted, tuple(tables))

    async def compact(self) -> None:
        """Write the database anew without the room that deleted rows left. Nobody can write meanwhile."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._write_threads, self._vacuum)

    def check(self) -> None:
        """Raise Unfit unless the database can be opened and is at the version this code knows."""
        found = self.version()
        if found == SCHEMA_VERSION:
            return
        if found is None:
            raise Unfit("the database is empty; make it with: commonwire migrate")
        if found < SCHEMA_VERSION:
            raise Unfit(
                f"the database is at version {found}, this program needs {SCHEMA_VERSION}; run: commonwire migrate"
            )
        raise Unfit(
            f"the database is at version {found}, this program knows only {SCHEMA_VERSION}; install a newer one"
        )

    def version(self) -> str | None:
        """The migration the database is at, or None for an empty one."""
        try:
            with self._writer.begin() as connection:
                if not self._writer.dialect.has_table(connection, "alembic_version"):
                    return None
                return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        except DBAPIError as error:
            raise Unfit(f"the database {self.url.render_as_string()} cannot be opened: {error.orig}") from None

    def close(self) -> None:
        """Let running transactions finish and close every connection."""
        self._write_threads.shutdown()
        self._read_threads.shutdown()
        self._writer.dispose()
        self._reader.dispose()

    def _run_read(self, fn: Callable[Concatenate[Transaction, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        with self._reader.connect() as connection:
            if not self.is_sqlite:
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            since = self.memory.commits
            with connection.begin():
                return fn(self._transaction(connection, since), *args, **kwargs)

    def _run_watched(
        self, fn: Callable[Concatenate[Transaction, P], R], *args: P.args, **kwargs: P.kwargs
    ) -> tuple[R, set[str]]:
        seen: set[str] = set()

        def watched(tx: Transaction) -> R:
            tx.seen = seen
            return fn(tx, *args, **kwargs)

        return self._run_read(watched), seen

    def _run_write(self, fn: Callable[Concatenate[Transaction, P], R], *args: P.args, **kwargs: P.kwargs) -> R:
        level = "READ COMMITTED" if getattr(fn, "read_committed", False) else "SERIALIZABLE"
        for attempt in range(1, ATTEMPTS + 1):
            try:
                # Forty ballots at once: those that were in each other's way go on one after the other.
                lane = self._one_by_one if attempt > AT_ONCE else nullcontext()
                with lane, self._writer.connect() as connection:
                    if not self.is_sqlite:
                        connection = connection.execution_options(isolation_level=level)
                    since = self.memory.commits
                    with connection.begin():
                        tx = self._transaction(connection, since)
                        result = fn(tx, *args, **kwargs)
                        tx.settle()
                tx.committed()
                return result
            except DBAPIError as error:
                if attempt == ATTEMPTS or not may_succeed_again(error):
                    raise
                time.sleep(random.uniform(0, 0.005 * 2 ** min(attempt, 6)))
        raise AssertionError("unreachable")

    def _transaction(self, connection: Any, since: int) -> Transaction:
        if self.node is None:
            raise AssertionError("the database belongs to no node yet")
        return Transaction(self.node, connection, self.node.clock(), since=since)

    def _forget_deleted(self, tables: Sequence[str]) -> bool:
        return self._checkpoint() if self.is_sqlite else erasing.rewrite(self._writer, tables)

    def _checkpoint(self) -> bool:
        return erasing.empty_log(self._writer, busy_timeout_milliseconds=BUSY_TIMEOUT_MILLISECONDS)

    def _vacuum(self) -> None:
        if self.is_sqlite:
            erasing.compact_sqlite(self._writer, self.url.database or "")
        else:
            erasing.compact_postgresql(self._writer)

    def _data_version(self) -> int:
        with self._writer.connect() as connection:
            raw: Any = connection.connection.driver_connection
            return int(raw.execute("PRAGMA data_version").fetchone()[0])


def _all_of(tx: Transaction, acts: list[Callable[[Transaction], Any]]) -> list[Any]:
    return [act(tx) for act in acts]


def may_succeed_again(error: DBAPIError) -> bool:
    """Whether the whole transaction should be run once more: somebody else was at the same rows."""
    state = getattr(error.orig, "sqlstate", None)
    if state in ("40001", "40P01"):
        return True
    if isinstance(error, IntegrityError):
        # Two ids of one millisecond met by chance. PostgreSQL tells values in its message, and those are others' words.
        named = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        return any(name in (named or str(error.orig)) for name in OF_CHANCE)
    return isinstance(error, OperationalError) and "database is locked" in str(error.orig)


def _sqlite_engine(url: str, *, writes: bool) -> Engine:
    engine = create_engine(
        url,
        pool_size=1 if writes else READERS,
        max_overflow=0,
        hide_parameters=True,  # an error must not carry what somebody wrote into the log
        connect_args={"check_same_thread": False, "timeout": BUSY_TIMEOUT_MILLISECONDS / 1000},
        execution_options={"compiled_cache": COMPILED["sqlite"]},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: sqlite3.Connection, _record: object) -> None:
        connection.isolation_level = None  # the driver begins nothing by itself; the `begin` event does
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "secure_delete=ON",
            f"busy_timeout={BUSY_TIMEOUT_MILLISECONDS}",
            f"query_only={'OFF' if writes else 'ON'}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
