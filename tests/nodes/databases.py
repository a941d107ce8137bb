"""PostgreSQL for tests: a server of its own for each worker, and databases that one test after the other has to itself.

Copying a migrated database for each test took more than most tests do. So a database is emptied after the test: every
row of every table goes and every sequence begins anew. What is no longer like the template then, because a test changed
a table, or is large, is dropped.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from node.database import metadata

TEMPLATE = "template_node"
ROWS_AT_MOST = 2000  # what was deleted stays on the disk for a while, and the tests to come would read past it
PATIENCE_MILLISECONDS = 5000

_SHAPE = """
    SELECT md5(string_agg(concat_ws(' ', attrelid, attnum, attname, atttypid, attnotnull, attisdropped), ','
                          ORDER BY attrelid, attnum))
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace
"""
_ALONE = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_BEGIN_ANEW = "SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'"


class Databases:
    """The databases of one server. Each that was taken is given back when nobody uses it any more."""

    def __init__(self, server: sqlalchemy.URL) -> None:
        self._server = server
        self._free: list[str] = []
        self._sweepers: dict[str, Connection] = {}
        self._made = 0
        self._shape = ""

    def make_template(self) -> str:
        """Make the database that the others are copies of; its address, for the migrations."""
        # No test cuts the power of the machine, which is all that waiting for the disk is for.
        self._command("ALTER SYSTEM SET fsync = off", "ALTER SYSTEM SET full_page_writes = off")
        self._command("SELECT pg_reload_conf()", f"CREATE DATABASE {TEMPLATE}")
        return self.address(TEMPLATE)

    def migrated(self) -> None:
        """The template is complete: remember what it looks like."""
        with _connected(self._server.set(database=TEMPLATE)) as connection:
            assert not _with_rows(connection), "migrations make tables; rows would be missing from the second test on"
            self._shape = connection.scalar(text(_SHAPE))

    def take(self) -> str:
        """The name of a database without rows."""
        if self._free:
            return self._free.pop()
        self._made += 1
        name = f"node_{self._made}"
        self._command(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return name

    def give_back(self, name: str) -> None:
        """Empty a database that was taken, whoever is still connected, or drop it."""
        if self._emptied(name):
            self._free.append(name)
        else:
            self._sweepers.pop(name).close()
            self._command(f"DROP DATABASE {name} WITH (FORCE)")

    def address(self, name: str) -> str:
        return self._server.set(database=name).render_as_string(hide_password=False)

    def _emptied(self, name: str) -> bool:
        connection = self._sweeper(name)
        connection.execute(text(_ALONE))
        if connection.scalar(text(_SHAPE)) != self._shape:
            return False
        full = _with_rows(connection)
        deleted = sum(
            connection.execute(table.delete()).rowcount for table in _dependents_first() if table.name in full
        )
        connection.execute(text(_BEGIN_ANEW))
        return deleted <= ROWS_AT_MOST

    def _sweeper(self, name: str) -> Connection:
        """The connection that empties a database, open from its first test to its last: it knows all the tables by then.

        A test may have ended every connection.
        """
        try:
            self._sweepers[name].execute(text("SELECT 1"))
        except (KeyError, DBAPIError):
            self._sweepers[name] = _connected(self._server.set(database=name))
        return self._sweepers[name]

    def _command(self, *commands: str) -> None:
        with _connected(self._server) as connection:
            for command in commands:
                connection.execute(text(command))


def _connected(url: sqlalchemy.URL) -> Connection:
    engine = sqlalchemy.create_engine(
        url, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool,
        connect_args={"options": f"-c lock_timeout={PATIENCE_MILLISECONDS}"},
    )  # fmt: skip
    return engine.connect()


def _with_rows(connection: Connection) -> set[str]:
    names = [table.name for table in metadata.sorted_tables]
    return set(connection.scalars(text(" UNION ALL ".join(f"(SELECT '{name}' FROM {name} LIMIT 1)" for name in names))))


def _dependents_first() -> list[Any]:
    return list(reversed(metadata.sorted_tables))
