"""Policies, doors and the log on the command line."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.nodes.processes import Said, commonwire

pytestmark = pytest.mark.one_database


@pytest.fixture
def home(make_node: Callable[..., Path]) -> Path:
    return make_node(0)


def run(*words: str | Path) -> Said:
    return asyncio.run(commonwire(*words))


def refused(said: Said, word: str) -> None:
    assert said.status == 1 and said.out == "" and word in said.err, said


def test_a_policy_is_foreseen_set_listed_and_dropped_and_the_log_says_so(home: Path) -> None:
    said = ("--severity", "reject", "--category", "spam", "--until", "2999-01-31", "--only")
    foreseen = json.loads(run("peer", "policy", "preview", home, "Spam.Example", *said, "--json").out)
    assert foreseen["subject"] == "spam.example" and foreseen["effects"]["shut_out"] == {}
    assert json.loads(run("peer", "policy", "list", home, "--json").out) == []
    refused(run("peer", "policy", "set", home, "spam.example", *said), "say why")
    refused(run("peer", "policy", "set", home, "org", *said, "--reason", "all of it"), "nobody's own")
    refused(run("peer", "policy", "set", home, "https://spam.example/", *said, "--reason", "x"), "without https://")
    assert run("peer", "policy", "set", home, "spam.example", *said, "--reason", "advertisements").status == 0
    (listed,) = json.loads(run("peer", "policy", "list", home, "--json").out)
    assert (listed["severity"], listed["category"], listed["subdomains"]) == ("reject", "spam", False)
    assert listed["expires"].startswith("2999-02-01") and listed["by_role"] == "steward"
    disagreement = ("--severity", "limit", "--category", "disagreement", "--reason", "they see it otherwise")
    assert "answered in public instead" in run("peer", "policy", "set", home, "other.example", *disagreement).out
    assert run("peer", "policy", "drop", home, "spam.example").status == 0
    refused(run("peer", "policy", "drop", home, "spam.example"), "no policy of our own")
    assert run("peer", "switch", home, "--door", "reading", "--mode", "allow_list").status == 0
    assert json.loads(run("peer", "switch", home, "--json").out)["reading"] == "allow_list"
    refused(run("peer", "switch", home, "--door", "windows", "--mode", "open"), "reading, delivering, pulling")
    entries = json.loads(run("peer", "log", home, "--json").out)["entries"]
    acts = [(one["act"], one["subject"], one["category"]) for one in entries]
    assert acts == [
        ("switch_set", None, None), ("policy_dropped", "spam.example", None),
        ("policy_set", "other.example", "disagreement"), ("policy_set", "spam.example", "spam"),
    ]  # fmt: skip
    assert run("peer", "log", home, "--redact", entries[-1]["id"]).status == 0
    assert "(reason redacted)" in run("peer", "log", home, "--about", "spam.example").out
