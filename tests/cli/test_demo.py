"""The demonstration, as a newcomer runs it."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from tests.nodes.processes import typed


def test_three_nodes_receive_what_the_others_say(tmp_path: Path) -> None:
    said = asyncio.run(typed("demo", "--once", "--directory", tmp_path / "demo"))
    assert said.status == 0, said.err
    for title in ("Safe trams", "The lifts in Linden Court", "Struggles of two centuries"):
        assert len(re.findall(f"received +“{title}", said.out)) == 2, f"two nodes receive {title}"
    assert said.out.count("received           18 of 18 reports") == 2
    assert "transcribing" in said.err, "there is a progress bar"


def test_a_table_that_cannot_be_used_ends_it_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_text("")
    said = asyncio.run(typed("demo", "--once", "--reports", tmp_path / "none.csv", "--directory", tmp_path / "d"))
    assert said.status == 1
    assert "none.csv" in said.err
    assert not (tmp_path / "d").exists()
