"""The large table of real work stoppages goes through whole, with the dirt that real data has."""

from __future__ import annotations

import asyncio
import json
import os
import re
from pathlib import Path

import pytest

from tests.cli.test_command_line import make
from tests.nodes.processes import commonwire

NAME = "fmcs-work-stoppages-1984-2020.csv"
TABLE = Path(os.environ.get("COMMONWIRE_DATA", "../shared/data")).resolve() / NAME
ROWS, REFUSED = 14_317, 8


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


@pytest.mark.soak
@pytest.mark.timeout(1200)
def test_two_other_nodes_receive_all_of_it(tmp_path: Path) -> None:
    said = asyncio.run(commonwire("demo", "--once", "--reports", TABLE, "--directory", tmp_path / "demo"))
    assert said.status == 0, said.err
    whole = f"{ROWS - REFUSED:,} of {ROWS - REFUSED:,} reports"
    assert said.out.count(f"received           {whole}") == 2
    assert "The digests are the same: so are the figures." in said.out
