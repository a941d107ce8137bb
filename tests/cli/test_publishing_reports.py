"""Reports on the command line: Markdown, JSON and YAML say the same, and what is asked twice can be answered."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.test_command_line import dump, home, made_once, refused, run

__all__ = ["home", "made_once"]

FIELDS = {
    "title": "Rent strike in Sun Street", "text": "It goes on.", "kind": "rent-strike", "field": "housing",
    "began": "2026-09", "country": "NO", "who": ["tenants"],
    "measures": [{"measure": "households", "low": 40, "high": 60}, {"measure": "arrests", "absent": "unknown"}],
}  # fmt: skip
YAML = """
title: Rent strike in Sun Street
text: It goes on.
kind: rent-strike
field: housing
began: 2026-09
country: NO
who: [tenants]
measures:
- {measure: households, low: 40, high: 60}
- {measure: arrests, absent: unknown}
"""
MARKDOWN = """---
title: Rent strike in Sun Street
kind: rent-strike
field: housing
began: 2026-09
country: NO
who: tenants
measures: [{"measure": "households", "low": 40, "high": 60}, {"measure": "arrests", "absent": "unknown"}]
---
It goes on.
"""


def published(home: Path, file: Path) -> dict[str, object]:
    said = run("publish", home, file, "--json")
    assert said.status == 0, said.err
    document = json.loads(run("show", home, json.loads(said.out)["id"], "--json").out)
    assert isinstance(document, dict)
    return document


def test_markdown_json_and_yaml_say_the_same(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(FIELDS))
    (tmp_path / "b.yaml").write_text(YAML)
    (tmp_path / "c.md").write_text(MARKDOWN)
    told = [published(home, tmp_path / name) for name in ("a.json", "b.yaml", "c.md")]
    for key in ("measures", "location", "who", "began", "struggle", "content", "field", "actionKind"):
        assert told[0][key] == told[1][key] == told[2][key], key
    assert told[0]["measures"] == [
        {"measure": "households", "minValue": 40, "maxValue": 60, "basis": "own-estimate"},
        {"measure": "arrests", "absent": "unknown"},
    ]


def test_a_report_in_json_can_be_corrected_by_one_in_yaml(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(FIELDS))
    (tmp_path / "b.yml").write_text(YAML.replace("high: 60", "high: 80"))
    iri = published(home, tmp_path / "a.json")["id"]
    assert run("correct", home, str(iri), tmp_path / "b.yml").status == 0
    measures = json.loads(run("show", home, str(iri), "--json").out)["measures"]
    assert measures[0]["maxValue"] == 80


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (YAML.replace("high: 60", "high: 6"), ("line 10", "measures[0].high", "6 is less than 40")),
        (YAML.replace("rent-strike", "rent-strik"), ("line 4", "kind", "did you mean rent-strike")),
        (YAML.replace("low: 40, high: 60", "value: -4"), ("line 10", "below zero")),
        (YAML + "colour: red\n", ("line 12", "colour")),
        (YAML + "ended: 2026-08\n", ("line 12", "ended", "before it begins")),
        (YAML + "kind: strike\n", ("line 12", "twice")),
    ],
)
def test_what_is_wrong_is_named_with_line_and_field_and_changes_nothing(
    home: Path, tmp_path: Path, text: str, words: tuple[str, ...]
) -> None:
    (tmp_path / "a.yaml").write_text(text)
    before = dump(home)
    refused(run("publish", home, tmp_path / "a.yaml"), *words)
    assert dump(home) == before


def test_what_may_put_somebody_in_danger_is_published_once_it_is_confirmed(home: Path, tmp_path: Path) -> None:
    fields = FIELDS | {"text": "Ring Mr Smith, 030 1234567.", "location": {"name": "Gate 4"}, "status": "announced"}
    fields |= {"measures": [{"measure": "dismissals", "value": 3}]}
    del fields["country"]
    (tmp_path / "a.json").write_text(json.dumps(fields))
    before = dump(home)
    said = run("publish", home, tmp_path / "a.json")
    refused(said, "Gate 4", "3 (dismissals)", "confirm it")
    assert "telephone in text: “030 1234567”" in said.err and "name in text: “Mr Smith”" in said.err
    assert dump(home) == before
    words = re.findall(r"(?:place|figure)-[0-9a-f]{6}", said.err)
    assert len(words) == 2
    refused(run("publish", home, tmp_path / "a.json", "--confirm", words[0]), words[1])
    (tmp_path / "a.json").write_text(json.dumps(fields | {"confirm": words}))
    document = published(home, tmp_path / "a.json")
    assert "confirm" not in document and words[0] not in json.dumps(document)
    fields["measures"] = [{"measure": "dismissals", "value": 2}]
    (tmp_path / "b.json").write_text(json.dumps(fields | {"confirm": words}))
    said = run("correct", home, str(document["id"]), tmp_path / "b.json")
    refused(said, "2 (dismissals)")
    (word,) = re.findall(r"figure-[0-9a-f]{6}", said.err)
    assert run("correct", home, str(document["id"]), tmp_path / "b.json", "--confirm", word).status == 0
