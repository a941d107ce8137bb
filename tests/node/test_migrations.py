"""The migrations make exactly the tables the code knows, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

from node import app, config, rooms
from node.context import Transaction
from node.database import SCHEMA_VERSION, metadata


def differences(tx: Transaction) -> list[Any]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    assert rooms.ROOMS
    context = MigrationContext.configure(tx.connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


async def test_a_migrated_database_has_the_tables_of_the_code(make_node: Callable[..., Path]) -> None:
    directory = await asyncio.to_thread(make_node, 0)
    async with app.open_node(await asyncio.to_thread(config.load, directory)) as node:
        assert await node.database.write(differences) == []


def test_the_version_the_code_asks_for_is_the_newest_migration() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    settings = Config()
    settings.set_main_option("script_location", "node/migrations")
    assert ScriptDirectory.from_config(settings).get_current_head() == SCHEMA_VERSION
