"""Drafts from the command line: begun, changed, compared, talked about, proposed."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_command_line import make, run

FILE = "---\ntitle: Out tonight\nlanguage: en\ntags: bus\n---\nWe go at ten. All of us.\n"


@pytest.fixture(scope="module")
def union(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return asyncio.run(make(tmp_path_factory.mktemp("drafting") / "union"))


def test_a_draft_goes_its_way_from_the_command_line(union: Path, tmp_path: Path) -> None:
    file = tmp_path / "text.md"

    def draft(*words: str | Path, **more: Any) -> Any:
        return run("draft", words[0], union, *words[1:], **more)

    file.write_text(FILE)
    assert json.loads(draft("new", file, "--json").out) == {"number": 1, "version": 1}
    mine = draft("show", "1").out
    assert mine == FILE.replace("---\n", "---\n# draft 1, version 1\n", 1)
    file.write_text(FILE.replace("ten", "nine"))
    assert "kept, version 2" in draft("edit", "1", file).out
    file.write_text(mine.replace("All of us", "Everybody"))
    assert "joined, version 3" in draft("edit", "1", file).out, "the file knows from which version it was written"
    file.write_text(FILE.replace("ten", "noon"))
    aside = draft("edit", "1", file, "--based-on", "1")
    assert aside.status == 1 and "nine" in aside.out and "noon" in aside.out and "--settles 4" in aside.err
    file.write_text(re.sub(r"<<<<<<< .*?=======\n(.*?)>>>>>>> \d+\n", r"\1", aside.out, flags=re.DOTALL))
    assert "version 5" in draft("edit", "1", file, "--settles", "4").out
    file.write_text("---\ntitle: Ce soir\n---\nNous sortons.\n")
    assert "version 6" in draft("edit", "1", file, "--translation", "fr").out
    assert "Nous sortons." in draft("show", "1", "--translation", "fr").out
    assert "[-ten-]{+noon+}" in draft("diff", "1", "--from", "1", "--to", "5").out
    assert "comment 1" in draft("comment", "1", "At noon, then.").out
    assert "At noon, then." in draft("show", "1").err
    listed = json.loads(draft("list", "--json").out)
    assert [(one["number"], one["state"], one["languages"]) for one in listed] == [(1, "open", ["en", "fr"])]
    assert "== Mastodon (fr)" in draft("preview", "1").out
    assert draft("propose", "1", "--version", "2").status == 1
    assert "published: http" in draft("propose", "1", "--version", "6").out
    assert draft("show", "1").status == 1
    assert "nobody is writing anything" in draft("list").out

    file.write_text("---\nlanguage: xx\n---\nText.\n")
    wrong = draft("new", file)
    assert wrong.status == 1 and "there is no language “xx”" in wrong.err
    file.write_text("Text.\n")
    assert json.loads(draft("new", file, "--json").out)["number"] > 1
    number = str(json.loads(draft("list", "--json").out)[0]["number"])
    assert "is deleted" in draft("drop", number).out
    assert draft("show", "x").status == 1
