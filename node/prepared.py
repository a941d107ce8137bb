"""Statements of the paths that every activity takes: compiled once for each database, then handed to the driver.

    _FIND = Prepared(select(objects).where(objects.c.iri == bindparam("iri")))
    row = tx.execute(_FIND, {"iri": iri}).one_or_none()

Building and executing a statement through SQLAlchemy costs sixty microseconds, of which SQLite takes three. What is
prepared stands at module level, takes all its values as parameters, and costs five. It is written with SQLAlchemy Core
as any other, its values pass the same column types, errors are the same, and it runs in the same transaction; what it
answers (`Found`) has the few methods that are used. Of a list of unknown length so many are asked for at once as
`any_of` has places (`several`).

What SQLAlchemy itself compiles, it keeps for each engine apart; ours keep it together (`COMPILED`), because those that
read and those that write speak alike.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from sqlalchemy import ColumnElement, Connection, Dialect, Table, bindparam
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import Select
from sqlalchemy.sql.base import Executable
from sqlalchemy.util import LRUCache

from node.memory import tables_of

if TYPE_CHECKING:
    from node.context import Transaction

PLACES = 40
KEPT = 1000
Insert = Callable[[Table], Any]
Processor = Callable[[Any], Any]


class Compiled(LRUCache[Any, Any]):
    """What SQLAlchemy has compiled for any engine of one dialect, by statement: each is compiled once in a process.

    SQLAlchemy's key begins with the engine's own copy of the dialect. It is left out, because all of ours are alike.
    """

    def get(self, key: Any, default: Any = None) -> Any:
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key[1:], value)


COMPILED = {name: Compiled(KEPT) for name in ("sqlite", "postgresql")}


class Prepared:
    """A statement with `bindparam`s, or a function that makes one when it is given the dialect's own `insert`.

    `columns` are those that an INSERT fills.
    """

    def __init__(self, statement: Executable | Callable[[Insert], Executable], *, columns: Sequence[str] = ()) -> None:
        self._statement, self._columns = statement, columns
        self._ready: dict[str, _Ready] = {}
        made = statement if isinstance(statement, Executable) else statement(sqlite.insert)
        self.tables, self.changes = tables_of(made), not made.is_select

    def run(
        self, connection: Connection, parameters: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None
    ) -> Found:
        """Execute it in the transaction of `connection`; a sequence of parameters is one executemany."""
        ready = self._ready.get(connection.dialect.name)
        if ready is None:
            ready = self._ready[connection.dialect.name] = _prepare(self._made(connection.dialect), self._columns)(
                connection.dialect
            )
        cursor = connection.connection.cursor()
        try:
            if isinstance(parameters, Sequence):
                cursor.executemany(ready.sql, [ready.bind(one) for one in parameters])
                return Found([], cursor.rowcount)
            cursor.execute(ready.sql, ready.bind(parameters or {}))
            rows = [ready.read(row) for row in cursor.fetchall()] if ready.row is not None else []
            return Found(rows, cursor.rowcount)
        except connection.dialect.loaded_dbapi.Error as error:
            _raise(connection, error, ready.sql)
        finally:
            cursor.close()

    def _made(self, dialect: Dialect) -> Executable:
        if isinstance(self._statement, Executable):
            return self._statement
        return self._statement(own_insert(dialect.name))


def own_insert(dialect: str) -> Insert:
    """The `insert` of a database, which knows ON CONFLICT; PostgreSQL's is loaded where it is used."""
    if dialect == "sqlite":
        return sqlite.insert
    from sqlalchemy.dialects import postgresql

    return postgresql.insert


class Found:
    """What a statement answered: rows (tuples with names), or how many rows it changed."""

    __slots__ = ("_rows", "rowcount")

    def __init__(self, rows: list[Any], rowcount: int) -> None:
        self._rows, self.rowcount = rows, rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def one_or_none(self) -> Any:
        """The only row, or None."""
        if len(self._rows) > 1:
            raise AssertionError("a query for one row has found several")
        return self._rows[0] if self._rows else None

    def first(self) -> Any:
        """The first row, or None."""
        return self._rows[0] if self._rows else None

    def scalar(self) -> Any:
        """The first column of the first row, or None."""
        return self._rows[0][0] if self._rows else None


@dataclass(frozen=True, slots=True)
class _Ready:
    """A statement in the words of one database."""

    sql: str
    names: tuple[str, ...]
    positional: bool
    fixed: Mapping[str, Any]
    binders: Mapping[str, Processor]
    row: Any
    readers: tuple[tuple[int, Processor], ...]

    def bind(self, given: Mapping[str, Any]) -> Any:
        """The parameters as the driver takes them."""
        values = {**self.fixed, **given}
        for name, processor in self.binders.items():
            values[name] = processor(values[name])
        return tuple(values[name] for name in self.names) if self.positional else values

    def read(self, raw: Sequence[Any]) -> Any:
        """A row as it is used."""
        if self.readers:
            values = list(raw)
            for position, processor in self.readers:
                values[position] = processor(values[position])
            return self.row._make(values)
        return self.row._make(raw)


def _prepare(statement: Executable, columns: Sequence[str]) -> Callable[[Dialect], _Ready]:
    def prepare(dialect: Dialect) -> _Ready:
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(columns) or None)  # type: ignore[attr-defined]
        binds = compiled.binds
        binders = {name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in binds.items()}
        chosen = list(statement.selected_columns) if isinstance(statement, Select) else []
        readers = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in chosen]
        return _Ready(
            sql=str(compiled),
            names=tuple(compiled.positiontup or binds),
            positional=bool(compiled.positional),
            fixed={name: bind.value for name, bind in binds.items() if not bind.required},
            binders={name: processor for name, processor in binders.items() if processor is not None},
            row=namedtuple("Row", [str(column.key) for column in chosen], rename=True) if chosen else None,
            readers=tuple((position, reader) for position, reader in enumerate(readers) if reader is not None),
        )

    return prepare


def any_of(column: ColumnElement[Any]) -> ColumnElement[bool]:
    """That a column is one of some values: as many as are given to `several`."""
    places = [bindparam(f"place_{number}", type_=column.type) for number in range(PLACES)]
    return column.in_(places)


def several(tx: Transaction, statement: Prepared, values: Iterable[Any], **more: Any) -> Iterator[Any]:
    """The rows of a statement that asks for `any_of` these values, each once."""
    wanted = list(dict.fromkeys(values))
    for start in range(0, len(wanted), PLACES):
        some = wanted[start : start + PLACES]
        some += [some[-1]] * (PLACES - len(some))
        yield from tx.execute(statement, {f"place_{number}": value for number, value in enumerate(some)} | more)


@contextmanager
def savepoint(tx: Transaction) -> Iterator[None]:
    """Undo what is done inside, and only that, if it raises. SQLAlchemy's own costs fifty times as much."""
    connection = tx.connection
    _command(connection, "SAVEPOINT attempt")
    try:
        yield
    except BaseException:
        if not connection.closed and not connection.invalidated:
            _command(connection, "ROLLBACK TO SAVEPOINT attempt")
            _command(connection, "RELEASE SAVEPOINT attempt")
        raise
    _command(connection, "RELEASE SAVEPOINT attempt")


def _command(connection: Connection, sql: str) -> None:
    driver: Any = connection.connection.driver_connection
    try:
        driver.execute(sql)
    except connection.dialect.loaded_dbapi.Error as error:
        _raise(connection, error, sql)


def _raise(connection: Connection, error: Exception, sql: str) -> NoReturn:
    """The error as SQLAlchemy names it; without the parameters, which are what somebody wrote."""
    dialect = connection.dialect
    gone = dialect.is_disconnect(error, connection.connection.dbapi_connection, None)  # type: ignore[arg-type]
    raise DBAPIError.instance(
        sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, connection_invalidated=gone,
        dialect=dialect, ismulti=None,
    ) from error  # fmt: skip
