"""Statements compiled once: the same values, the same errors and the same transaction as SQLAlchemy's own way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Column, Integer, Table, Text, bindparam, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from node import actors, objects
from node.context import Transaction
from node.database import Json, Moment, Packed, metadata
from node.objects import Kept
from node.prepared import COMPILED, Prepared, savepoint
from tests.nodes.served import ServedNode

MOMENT = datetime(2026, 5, 1, 12, 30, 0, 123456, tzinfo=UTC)

kept = Table(
    "kept_by_a_test",
    metadata,
    Column("name", Text, primary_key=True),
    Column("at", Moment),
    Column("what", Packed),
    Column("more", Json),
    Column("number", Integer, nullable=False, server_default="7"),
)
metadata.remove(kept)

ADD = Prepared(lambda insert: insert(kept).on_conflict_do_nothing(), columns=("name", "at", "what", "more"))
ADD_OR_FAIL = Prepared(lambda insert: insert(kept), columns=("name",))
FIND = Prepared(select(kept).where(kept.c.name == bindparam("name"), kept.c.number == 7).limit(1))
CHANGE = Prepared(update(kept).where(kept.c.name == bindparam("which")).values(number=bindparam("new")))

ROW = {"name": "ä", "at": MOMENT, "what": b"{}" * 100, "more": {"a": [1, None]}}


@pytest.fixture
async def emptied(node: ServedNode) -> ServedNode:
    """A node with one more table."""
    await node.write(lambda tx: kept.create(tx.connection))
    return node


async def test_values_come_back_as_through_sqlalchemy(emptied: ServedNode) -> None:
    def both(tx: Transaction) -> tuple[object, object]:
        tx.execute(ADD, ROW)
        return tuple(tx.execute(FIND, {"name": "ä"}).one_or_none()), tuple(tx.execute(kept.select()).one())

    prepared, built = await emptied.write(both)
    assert prepared == built == ("ä", MOMENT, b"{}" * 100, {"a": [1, None]}, 7)


async def test_how_many_rows_changed_is_told(emptied: ServedNode) -> None:
    def counts(tx: Transaction) -> list[int]:
        first, again = tx.execute(ADD, ROW).rowcount, tx.execute(ADD, ROW).rowcount
        tx.execute(ADD, [ROW | {"name": name} for name in "abc"])
        return [first, again, tx.execute(CHANGE, {"which": "b", "new": 8}).rowcount]

    assert await emptied.write(counts) == [1, 0, 1]
    found = await emptied.read(lambda tx: [tx.execute(FIND, {"name": name}).first() for name in "abx"])
    assert [row and row.name for row in found] == ["a", None, None]


async def test_a_constraint_is_told_as_sqlalchemy_tells_it_without_what_was_written(emptied: ServedNode) -> None:
    def twice(tx: Transaction) -> None:
        tx.execute(ADD_OR_FAIL, {"name": "secret"})
        tx.execute(ADD_OR_FAIL, {"name": "secret"})

    with pytest.raises(IntegrityError) as refused:
        await emptied.write(twice)
    assert isinstance(refused.value, DBAPIError)
    assert "[parameters" not in str(refused.value)
    assert await emptied.read(lambda tx: tx.execute(kept.select()).all()) == []


async def test_what_sqlalchemy_compiles_is_compiled_once_for_all_databases_of_a_process(
    serve: Callable[..., Any],
) -> None:
    def named(tx: Transaction, name: str) -> tuple[str, list[object]]:
        found = tx.execute(select(kept.c.name.label("of_a_test")).where(kept.c.name == name)).scalar_one()
        return found, [one for one in COMPILED[tx.connection.dialect.name].values() if "of_a_test" in str(one)]

    def prepare(tx: Transaction, name: str) -> None:
        kept.create(tx.connection)
        tx.execute(ADD, ROW | {"name": name})

    first, second = await serve(0), await serve(1)
    await first.write(prepare, "first")
    await second.write(prepare, "second")
    found, once = await first.read(named, "first")
    assert found == "first" and len(once) == 1
    for asked, name in ((first.write, "first"), (second.read, "second"), (second.write, "second")):
        assert await asked(named, name) == (name, once)


async def test_a_savepoint_undoes_what_is_inside_it_and_no_more(emptied: ServedNode) -> None:
    def attempt(tx: Transaction) -> None:
        tx.execute(ADD, ROW | {"name": "before"})
        for name in ("first", "second"):
            try:
                with savepoint(tx):
                    tx.execute(ADD_OR_FAIL, {"name": name})
                    tx.execute(ADD_OR_FAIL, {"name": "before"})
            except IntegrityError:
                pass
        with savepoint(tx):
            tx.execute(ADD, ROW | {"name": "after"})

    await emptied.write(attempt)
    assert await emptied.read(lambda tx: sorted(tx.execute(select(kept.c.name)).scalars())) == ["after", "before"]


async def test_what_is_prepared_sees_and_is_seen_by_what_is_not(node: ServedNode) -> None:
    iri = "https://peer.example/1"

    def write(tx: Transaction) -> str:
        one = Kept(iri=iri, sort_id=tx.new_id(), kind="Statement", author=iri, local=False, document=b"{}",
                   published=tx.now)  # fmt: skip
        objects.keep(tx, [one])
        objects.bury(tx, iri)
        return str(objects.find(tx, iri).deletion_reason)

    assert await node.write(write) == "deleted"
    assert (await node.read(actors.group, "union")).iri == node.group
