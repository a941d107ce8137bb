"""`commonwire check` looks into either database; the other tests of it need one alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from tests.cli.test_check import lock_up, looked_over
from tests.nodes.processes import commonwire


async def test_either_database_is_looked_into(make_node: Callable[..., Path]) -> None:
    directory = await asyncio.to_thread(make_node, 0)
    await asyncio.to_thread(lock_up, directory)
    status, findings = await looked_over(directory)
    assert status == 1 and findings["server"]["level"] == "bad"
    assert not {"database", "migrations", "keys", "queue", "peers"} & set(findings), findings


async def test_a_database_that_cannot_be_reached_is_named(make_node: Callable[..., Path]) -> None:
    directory = await asyncio.to_thread(make_node, 0)
    settings = directory / "node.toml"
    text = await asyncio.to_thread(settings.read_text)
    lines = [line for line in text.splitlines() if not line.startswith("database_url")]
    lines.insert(0, 'database_url = "postgresql://nobody:trace-password@127.0.0.1:1/none"')
    await asyncio.to_thread(settings.write_text, "\n".join(lines))
    said = await commonwire("check", directory)
    assert said.status == 1
    assert "bad      database: " in said.out and "does it run" in said.out, said.out
    assert "trace-password" not in said.out + said.err
