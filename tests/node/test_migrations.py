"""The migrations make exactly the tables the code knows, on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from node import actors, app, config, objects, rooms
from node.config import Config as Settings
from node.context import Transaction
from node.database import SCHEMA_VERSION, metadata
from schemas import actor as actor_documents

FTS5 = {"search_words", *(f"search_words_{part}" for part in ("data", "idx", "config"))}


def differences(tx: Transaction) -> list[Any]:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    assert rooms.ROOMS
    options = {"compare_type": True, "include_object": is_ours}
    context = MigrationContext.configure(tx.connection, opts=options)
    return list(compare_metadata(context, metadata))


def is_ours(thing: Any, name: str | None, kind: str, _reflected: bool, _other: Any) -> bool:
    """FTS5 keeps its index in tables of its own, and what PostgreSQL finds words by is none of SQLite's."""
    if kind == "index":
        return name != "search_entries_by_words"
    return kind != "table" or name not in FTS5


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


async def test_whoever_was_addressed_before_is_known_as_such(make_node: Callable[..., Path]) -> None:
    """Down to the foundation and up again, with what a group has said."""
    directory = await asyncio.to_thread(make_node, 0)
    settings = await asyncio.to_thread(config.load, directory)
    people = [f"https://peer.example/users/{name}" for name in ("named", "other")]
    async with app.open_node(settings) as node:
        await node.database.write(say_something, people)
    await asyncio.to_thread(down_and_up, settings)
    async with app.open_node(settings) as node:
        named, other = [await node.database.read(actors.find, iri) for iri in people]
        assert named is not None and other is not None
        assert (named.addressed, other.addressed) == (SAID, None)
        group = await node.database.read(actors.main_group)
        known = await node.database.read(actors.find, group.iri)
        assert known is not None and known.addressed is None


SAID = datetime(2026, 5, 1, tzinfo=UTC)


def say_something(tx: Transaction, people: list[str]) -> None:
    for iri in people:
        document = {"id": iri, "type": "Person", "inbox": f"{iri}/inbox"}
        actors.keep(tx, actor_documents.parse(document), document)
    group = actors.main_group(tx).iri
    document = {"id": f"{group}/said", "to": ["as:Public"], "cc": [f"{group}/followers", people[0], group]}
    shared = {"kind": "Statement", "author": group, "local": True, "published": SAID}
    objects.keep(tx, [objects.Kept(iri=f"{group}/said", sort_id=1, document=objects.encode(document), **shared)])


def down_and_up(settings: Settings) -> None:
    from alembic import command
    from alembic.config import Config

    node = app.build(settings)
    migrations = Config()
    migrations.set_main_option("script_location", "node/migrations")
    migrations.attributes["engine"] = node.database.engine
    command.downgrade(migrations, "0001")
    command.upgrade(migrations, "head")
    node.database.close()
