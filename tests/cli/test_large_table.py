"""The large table of real work stoppages goes through whole, with the dirt that real data has, and is counted whole."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest

from tests.cli.test_command_line import make
from tests.nodes.processes import commonwire
from tests.nodes.served import served
from tests.statistics.asking import figures
from tests.statistics.real_table import TABLE, of_node, of_pandas

ROWS, REFUSED = 14_317, 8
OUTLIERS = {185_000, 155_000}


def test_every_row_is_imported_or_refused_with_its_line(tmp_path: Path) -> None:
    home = asyncio.run(make(tmp_path / "archive"))
    dry = asyncio.run(commonwire("import", home, TABLE, "--dry-run", "--json"))
    assert dry.status == 0, dry.err
    (question,) = json.loads(dry.out)["questions"]
    assert "under five at a named site" in question["asked"]
    asked = asyncio.run(commonwire("import", home, TABLE, "--json"))
    assert asked.status == 1 and question["confirm"] in asked.err
    assert re.search(r"^line 19: A figure under five .* 3 \(workers-involved\), Jennings", asked.err, re.MULTILINE)
    assert "Employer: may lead to a person: name “Dr. Pepper”" in asked.err
    said = asyncio.run(commonwire("import", home, TABLE, "--json", "--confirm", question["confirm"]))
    assert said.status == 0, said.err
    result = json.loads(said.out)
    assert (result["reports"], result["known"], result["refused"]) == (ROWS - REFUSED, 0, REFUSED)
    lines = [int(line) for line in re.findall(r"^refused: line (\d+), End Date", said.err, re.MULTILINE)]
    assert lines == [323, 541, 586, 927, 1398, 2459, 4129, 9432]
    again = asyncio.run(commonwire("import", home, TABLE))
    assert again.status == 1
    assert "imported already" in again.err
    asyncio.run(is_counted_whole(home))


async def is_counted_whole(home: Path) -> None:
    """The node shows what a few lines of pandas find in the file itself."""
    async with served(home) as node:
        for key in ("year", "sector"):
            expected = await asyncio.to_thread(of_pandas, TABLE, key)
            assert len(expected) > 15
            found = await figures(node, f"by={key}")
            assert of_node(found) == expected
    outliers = {one["value"] for one in found["notes"] if one["remark"] == "outlier" and one["column"] == "people"}
    assert outliers == OUTLIERS


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_two_other_nodes_receive_all_of_it(tmp_path: Path) -> None:
    said = asyncio.run(commonwire("demo", "--once", "--reports", TABLE, "--directory", tmp_path / "demo"))
    assert said.status == 0, said.err
    whole = f"{ROWS - REFUSED:,} of {ROWS - REFUSED:,} reports"
    assert said.out.count(f"received           {whole}") == 2
    assert "The digests are the same: so are the figures." in said.out
