"""`commonwire develop` and `withdraw`: a report goes on, and is taken back, from the command line."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from tests.cli.test_command_line import make, refused, run

REPORT = """---
title: Night shift walks out
kind: strike
field: work
began: 2026-10-02
status: {status}
---
All of them.
"""


def test_a_report_is_developed_and_withdrawn(tmp_path: Path) -> None:
    union, file = asyncio.run(make(tmp_path / "union")), tmp_path / "report.md"
    file.write_text(REPORT.format(status="ongoing"))
    iri = json.loads(run("publish", union, file, "--json").out)["id"]
    file.write_text(REPORT.format(status="ended"))
    refused(run("develop", union, iri, file, "--changed", " "), "changed: say it in a sentence")
    assert "developed" in run("develop", union, iri, file, "--changed", "It is over.").out
    shown = json.loads(run("show", union, iri, "--json").out)
    assert "ended" in json.dumps(shown)
    assert "withdrawn" in run("withdraw", union, iri, "--reason", "We mixed up two depots.").out
    refused(run("withdraw", union, iri, "--reason", "Again."), "has withdrawn it already")
