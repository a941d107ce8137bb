"""Leaving nothing of deleted rows in the files of the database: log emptied, room given back, tables rewritten."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

LOCK_NOT_AVAILABLE = "55P03"
WAIT_FOR_LOCK = "2s"


def empty_log(engine: Engine, *, busy_timeout_milliseconds: int) -> bool:
    """Write SQLite's log into the database and cut it to nothing; False if a reader is in the way."""
    with engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA busy_timeout=0")  # while it waited for a reader, nobody could write
        busy = raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
        raw.execute(f"PRAGMA busy_timeout={busy_timeout_milliseconds}")
        return not busy


def rewrite(engine: Engine, tables: Sequence[str]) -> bool:
    """Let PostgreSQL write small tables into new files without what was deleted; False if somebody holds one."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(f"SET lock_timeout = '{WAIT_FOR_LOCK}'")
        try:
            for table in tables:
                connection.exec_driver_sql(f"VACUUM (FULL) {table}")
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != LOCK_NOT_AVAILABLE:
                raise
            return False
        finally:
            connection.exec_driver_sql("RESET lock_timeout")
    return True


def compact_sqlite(engine: Engine, database: str) -> None:
    """Write SQLite's file anew without the room that deleted rows left."""
    with engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        # Else its copy of everything would stand where temporary files go, on another disk perhaps.
        directory = str(Path(database).resolve().parent).replace("'", "''")
        raw.execute(f"PRAGMA temp_store_directory='{directory}'")
        raw.execute("VACUUM")


def compact_postgresql(engine: Engine) -> None:
    """Give back the room of deleted rows, and count the others."""
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM ANALYZE")
