"""`commonwire struggle`: what is reported, what looks like one, merging and separating."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from tests.cli.test_command_line import make, refused, run

REPORT = """---
title: {title}
kind: strike
field: work
began: 2026-10-02
country: GB
locality: Leeds
addressee: North Tramways
addressee_kind: employer
---
All of them.
"""


def told(*words: str | Path) -> Any:
    said = run(*words, "--json")
    assert said.status == 0, said.err
    return json.loads(said.out)


def test_struggles_are_listed_matched_merged_and_separated(tmp_path: Path) -> None:
    union, file = asyncio.run(make(tmp_path / "union")), tmp_path / "report.md"
    assert told("struggle", "list", union) == []
    for title in ("Night shift walks out", "Morning shift walks out"):
        file.write_text(REPORT.format(title=title))
        said = run("publish", union, file)
        assert said.status == 0 and ("perhaps the same struggle: Night shift" in said.err) is title.startswith(
            "Morning"
        )
    found = told("struggle", "list", union, "--ours")
    assert [one["name"] for one in found] == ["Morning shift walks out", "Night shift walks out"]
    one, other = (line["id"] for line in found)
    file.write_text(REPORT.format(title="Still out"))
    for which, expected in ((one, [other]), (file, [one, other])):
        matches = told("struggle", "match", union, which)
        assert sorted(match["id"] for match in matches) == sorted(expected)
        assert "directed at the same: North Tramways" in matches[0]["reasons"]
    refused(run("struggle", "match", union), f"commonwire struggle match {union} ADDRESS")
    refused(run("publish", union, union), f"{union} is a directory; name a file")
    assert "very likely the same" in run("struggle", "match", union, one).out
    refused(run("struggle", "match", union, "https://a.example/struggles/1"), "no struggle that this node knows")
    assert told("struggle", "dismiss", union, one, other)["dismissed"] is True
    assert told("struggle", "match", union, one) == [] == told("struggle", "match", union, other)
    refused(run("struggle", "dismiss", union, one, one), "is one struggle already")
    told("struggle", "undismiss", union, other, one)
    refused(run("struggle", "undismiss", union, other, one), "nobody has said")
    assert [match["id"] for match in told("struggle", "match", union, one)] == [other]
    merged = told("struggle", "merge", union, one, other, "--reason", "One dispute.")
    assert merged["state"] == "merged"
    assert {line["id"]: line["same_as"] for line in told("struggle", "list", union)} == {one: [other], other: [one]}
    refused(run("struggle", "merge", union, other, one, "--reason", "Again."), "the group says so already")
    assert "taken back" in run("struggle", "separate", union, merged["id"]).out
    assert all(line["same_as"] == [] for line in told("struggle", "list", union))
