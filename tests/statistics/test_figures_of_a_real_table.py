"""The large table of real work stoppages: two nodes show what a few lines of pandas find in the file itself.

The file goes in by `commonwire import`: every tenth case of it into SQLite, followed on PostgreSQL, and other cases the
other way round; all of it in `make soak`. That one node shows of all of it what pandas finds: tests/cli/test_large_table.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas
import pytest

from node.reports import store
from tests.conftest import follow_each
from tests.nodes.processes import commonwire
from tests.nodes.served import ServedNode, eventually
from tests.statistics.asking import figures
from tests.statistics.real_table import TABLE, of_node, of_pandas, standing

ALL, EVERY_TENTH, OTHERS = slice(None), slice(0, None, 10), slice(5, None, 10)


def sample(path: Path, chosen: slice) -> Path:
    """Some cases of the table, all lines of each, as they stand there."""
    file = pandas.read_csv(TABLE, dtype=str, keep_default_na=False)
    cases = sorted(set(file["Case Number"]))[chosen]
    file[file["Case Number"].isin(cases)].to_csv(path, index=False)
    return path


async def import_by_command(node: ServedNode, path: Path) -> int:
    """Import a table as its readers do; how many reports came of it."""
    dry = await commonwire("import", node.directory, path, "--dry-run", "--json")
    assert dry.status == 0, dry.err
    confirmed = [word for one in json.loads(dry.out)["questions"] for word in ("--confirm", one["confirm"])]
    said = await commonwire("import", node.directory, path, "--json", *confirmed)
    assert said.status == 0, said.err
    return int(json.loads(said.out)["reports"])


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("new_database", "chosen"),
    [
        ("one of each", EVERY_TENTH),
        ("one of each, reversed", OTHERS),
        pytest.param("one of each", ALL, marks=pytest.mark.soak),
    ],
    indirect=["new_database"],
)
async def test_two_nodes_show_what_pandas_finds_in_the_file(
    serve: Callable[..., Any], tmp_path: Path, chosen: slice
) -> None:
    first: ServedNode = await serve(0, more="limits.import_page = 500")
    second: ServedNode = await serve(1)
    await follow_each(second, first)
    path = await asyncio.to_thread(sample, tmp_path / "chosen.csv", chosen)
    reports = await import_by_command(first, path)
    assert reports == len(await asyncio.to_thread(standing, path)) > 1200

    async def all_are_there() -> bool:
        return bool(await second.read(store.count_held) == reports)

    assert await eventually(all_are_there, within=1800)
    for key in ("year", "sector"):
        expected = await asyncio.to_thread(of_pandas, path, key)
        assert len(expected) > 15
        assert of_node(await figures(first, f"by={key}")) == expected
        assert of_node(await figures(second, f"by={key}")) == expected
        of_one = f"by={key}&source={first.group}"
        mine, theirs = await figures(first, of_one), await figures(second, of_one)
        assert (mine["digest"], mine["rule"], mine["sources"]) == (theirs["digest"], theirs["rule"], theirs["sources"])
