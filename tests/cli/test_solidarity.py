"""Appeals, answers and conditions on the command line, from files of every kind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.test_command_line import home, made_once, refused, run

__all__ = ["home", "made_once"]

APPEAL = """---
title: Help us through December
appeal: strike-fund, letters
until: 2099-12-20
goal: 5000 EUR
how: letters to the board
---
We go without pay.
"""
CONDITIONS = """---
title: At the depot
condition_1: wages 11-13 EUR per hour: new people
condition_2: safety: two fell
gathered: survey
respondents: 58
country: SE
---
We asked at the gate.
"""


def published(home: Path, file: Path) -> dict[str, object]:
    said = run("publish", home, file, "--json")
    assert said.status == 0, said.err
    document = json.loads(run("show", home, json.loads(said.out)["id"], "--json").out)
    assert isinstance(document, dict)
    return document


def test_an_appeal_is_the_same_from_every_file_and_ends(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(APPEAL)
    more = {"title": "Help us through December", "text": "We go without pay.", "until": "2099-12-20"}
    goal = {"value": 5000, "currency": "EUR"}
    asked = {"appealKind": ["strike-fund", "letters"], "goal": goal, "how": "letters to the board"}
    (tmp_path / "b.json").write_text(json.dumps(more | asked))
    (tmp_path / "c.yaml").write_text(
        "{title: Help us through December, text: We go without pay., until: 2099-12-20,\n"
        " appeal: [strike-fund, letters], goal: 5000 EUR, how: letters to the board}\n"
    )
    told = [published(home, tmp_path / name) for name in ("a.md", "b.json", "c.yaml")]
    for key in ("appealKind", "until", "goal", "how", "content"):
        assert told[0][key] == told[1][key] == told[2][key], key
    assert told[0]["goal"] == goal
    listed = run("appeal", "list", home).out
    assert listed.count("strike-fund, letters") + listed.count("letters, strike-fund") == 3 and "5,000 EUR" in listed
    assert run("appeal", "end", home, told[0]["id"], "--as-state", "met").status == 0
    left = json.loads(run("appeal", "list", home, "--kind", "letters", "--json").out)
    assert [one["id"] for one in left] == [told[2]["id"], told[1]["id"]]
    every = json.loads(run("appeal", "list", home, "--all", "--own", "--json").out)
    assert [one["open"] for one in every] == [True, True, False]
    (tmp_path / "answer.md").write_text("With you.\n")
    answered = run("appeal", "answer", home, told[1]["id"], tmp_path / "answer.md", "--answer", "given")
    refused(answered, "its own appeal")


def test_conditions_are_the_same_from_every_file_and_are_counted(home: Path, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(CONDITIONS)
    wages = {
        "topic": "wages",
        "minValue": 11,
        "maxValue": 13,
        "currency": "EUR",
        "period": "hour",
        "name": "new people",
    }
    entries = [wages, {"topic": "safety", "name": "two fell"}]
    more = {"gathered": "survey", "respondents": 58, "location": {"country": "SE"}}
    given = {"title": "At the depot", "text": "We asked at the gate.", "conditions": entries} | more
    (tmp_path / "b.json").write_text(json.dumps(given))
    told = [published(home, tmp_path / name) for name in ("a.md", "b.json")]
    for key in ("conditions", "gathered", "respondents", "location", "content"):
        assert told[0][key] == told[1][key], key
    assert told[0]["conditions"] == entries
    said = run("conditions", home, "--topic", "wages").out
    assert "wages      EUR per hour: median 11 to 13 (11 to 13), groups 1, reports 2, people asked 116" in said
    assert json.loads(run("conditions", home, "--country", "NO", "--json").out)["figures"] == []


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("appeal: gold", "strike-fund"),
        ("appeal: bail\ngoal: plenty", "goal"),
        ("condition_1: wages 3 XXQ", "XXQ"),
        ("pledge: 5 EUR", "there is no such key"),
    ],
)
def test_what_is_wrong_is_said_and_changes_nothing(home: Path, tmp_path: Path, line: str, why: str) -> None:
    (tmp_path / "a.md").write_text(f"---\n{line}\n---\nWe ask.\n")
    refused(run("publish", home, tmp_path / "a.md"), why)
    assert json.loads(run("appeal", "list", home, "--all", "--json").out) == []
