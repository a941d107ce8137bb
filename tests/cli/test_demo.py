"""The demonstration, as a newcomer runs it."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import sys
from pathlib import Path

from tests.nodes.processes import Said, commonwire, typed


def test_three_nodes_decide_and_receive_what_the_others_say(tmp_path: Path) -> None:
    home = tmp_path / "demo"
    said = asyncio.run(_played(home))
    for title in (
        "Safe trams",
        "The lifts in Linden Court",
        "For the two",
        "Struggles of two centuries",
        "Evictions, and who",
    ):
        assert len(re.findall(f"received +“{title}", said.out)) == 2, f"two nodes receive {title}"
    assert said.out.count("received           18 of 18 reports") == 2
    assert said.out.count("received           11 of 11 reports") == 2, "of another field, by a mapping of its own"
    counted = re.findall(r"(\d+) struggles, 29 reports  by year (\w+)  by sector (\w+)  by field (\w+)", said.out)
    assert len(counted) == 3 and len(set(counted)) == 1, "each node counts for itself, and the same"
    assert "The digests are the same: so are the figures." in said.out
    assert "transcribing" in said.err, "there is a progress bar"
    for seen_everywhere in (
        "4 for, 2 against, 1 abstaining, quorum 5",
        "“Minority report: We went back while two of us were outside”",
        "Linden Court Tenants’ Collective: support\n",
        "The Correspondence Bureau: reservations\n",
    ):
        assert said.out.count(seen_everywhere) == 3, seen_everywhere
    signed = re.findall(r"signed together +“For the two[^”]+”: (.+)", said.out)
    assert [len(names.split("; ")) for names in signed] == [3, 3, 3]
    asyncio.run(_what_branch12_has_beside(home / "branch12", said.out))


async def _played(home: Path) -> Said:
    """The demonstration in a window that is closed at the end: nothing of it runs on."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "node", "demo", "--directory", home,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None and process.stderr is not None
    complaints = asyncio.create_task(process.stderr.read())
    lines: list[str] = []
    while line := (await process.stdout.readline()).decode():
        lines.append(line)
        if "until you press Ctrl-C" in line:
            process.send_signal(signal.SIGHUP)
    said = Said(await process.wait(), "".join(lines), (await complaints).decode())
    assert said.status == 1 and said.err.endswith("commonwire: stopped\n"), said.err
    for port in re.findall(r"serving http://127\.0\.0\.1:(\d+)", said.out):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", int(port))) != 0, f"somebody still listens on {port}"
    return said


async def _what_branch12_has_beside(directory: Path, told: str) -> None:
    """A second group with a text of its own, and a proposal that waits for the steward whose password was told."""
    groups = json.loads((await commonwire("group", "list", directory, "--json")).out)
    assert [one["handle"].partition("@127")[0] for one in groups] == ["@branch12", "@strikefund"]
    assert f"{groups[1]['id']}\n" in told
    waiting = json.loads((await commonwire("decision", "list", directory, "--as", "steward", "--json")).out)
    (open_one,) = [one for one in waiting if one["mine"]["may_vote"] and not one["mine"]["has_voted"]]
    assert open_one["about"]["title"] == "What we bring to the table in March"
    assert (open_one["voted"], open_one["eligible"], open_one["tally"]) == (3, 7, None)
    assert f"/desk/decisions/{open_one['number']}\n" in told
    assert len(re.findall(r"log in +http://127\.0\.0\.1:\d+/login as steward, password \S{20}\n", told)) == 3


def test_a_table_that_cannot_be_used_ends_it_before_anything_is_made(tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_text("")
    said = asyncio.run(typed("demo", "--once", "--reports", tmp_path / "none.csv", "--directory", tmp_path / "d"))
    assert said.status == 1
    assert "none.csv" in said.err
    assert not (tmp_path / "d").exists()
