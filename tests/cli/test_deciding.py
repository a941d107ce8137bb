"""Deciding from the command line: proposed or done, with the number of the decision and until when."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from blockbuster import BlockBuster

from node import cli
from tests.cli.test_command_line import STATEMENT, make, refused
from tests.nodes.processes import Said


def run(*words: Any) -> Said:
    """A command in this process: starting one for each takes longer than what they do."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        status = cli.run([str(word) for word in words])
    return Said(status, out.getvalue(), err.getvalue())


@pytest.fixture(autouse=True)
def _a_command_may_wait_for_the_disk(_nothing_blocks_the_loop: BlockBuster) -> Iterator[None]:
    _nothing_blocks_the_loop.deactivate()
    mask, hook = os.umask(0o077), sys.excepthook
    yield
    os.umask(mask)
    sys.excepthook = hook


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node made by `init`, to be copied."""
    return asyncio.run(make(tmp_path_factory.mktemp("deciding") / "union"))


@pytest.fixture
def home(made_once: Path, tmp_path: Path) -> Path:
    """A node with a steward and two editors, and a statement beside it."""
    (tmp_path / "statement.md").write_text(STATEMENT)
    home = Path(shutil.copytree(made_once, tmp_path / "union"))
    for name in ("rosa", "karl"):
        assert run("member", "add", home, name, "--role", "editor").status == 0
    return home


def answer(*words: Any) -> Any:
    said = run(*words, "--json")
    assert said.status == 0, said.err
    return json.loads(said.out)


def test_a_statement_is_proposed_voted_on_and_published(home: Path) -> None:
    # Decisions 1 and 2 gave rosa and karl their mandates, 3 is the rule.
    text = home.parent / "statement.md"
    assert "majority" in run("rule", "set", home, "publish_statement", "--method", "majority", "--at-most", "3d").out
    said = run("publish", home, text, "--as", "rosa")
    assert said.status == 0
    for words in ("proposed, nothing has changed yet", "decision 4", "until 20", "receipt", "/statements/"):
        assert words in said.out
    listed = run("decision", "list", home, "--as", "karl").out
    assert "No trams tonight" in listed and "waits for you" in listed
    shown = run("decision", "show", home, "4", "--as", "karl").out
    assert "a majority of those voting; 1 of 3 voted" in shown and "The depot is closed." in shown
    assert " for, " not in shown, "nobody sees how a secret vote stands"
    refused(run("publish", home, text, "--as", "rosa", "--urgent"), "urgent")
    refused(run("decision", "vote", home, "4", "block", "--as", "karl", "--because", "no"), "consent")
    refused(run("decision", "vote", home, "4", "yes", "--as", "karl"), "none of for")
    refused(run("decision", "vote", home, "two", "for", "--as", "karl"), "number of a decision", status=2)
    assert "decision 4 is open" in run("decision", "vote", home, "4", "against", "--as", "karl").out
    refused(run("decision", "vote", home, "4", "for", "--as", "karl"), "you have voted")
    refused(run("decision", "withdraw", home, "4", "--as", "karl"), "only who proposed")
    assert "decision 4 is adopted" in run("decision", "vote", home, "4", "for").out
    assert "2 for, 1 against, 0 abstaining" in run("decision", "show", home, "4").out
    closed = [one for one in answer("decision", "list", home, "--closed") if one["kind"] != "change_roles"]
    assert [(one["kind"], one["state"]) for one in closed] == [
        ("publish_statement", "adopted"),
        ("change_rules", "adopted"),
    ]
    assert run("show", home, closed[0]["about"]["address"]).status == 0


def test_the_holder_of_the_server_resets_no_rule_that_can_be_met(home: Path) -> None:
    assert run("rule", "set", home, "publish_statement", "--approvals", "3").status == 0
    refused(run("rule", "reset", home, "publish_statement"), "can meet the rule for “publish a statement”")
    refused(run("rule", "reset", home, "publishing"), "no kind of rule")
    with sqlite3.connect(home / "node.db") as database:  # karl's mandate ends by itself
        database.execute(
            "UPDATE mandates SET begins = 1, ends = 2 WHERE member = (SELECT id FROM members WHERE name = 'karl')"
        )
    said = run("rule", "reset", home, "publish_statement")
    assert said.status == 0 and "it was: approval by 3 members" in said.out, said.err
    assert answer("rule", "list", home)["publish_statement"]["method"] == "one_member"
    (told,) = answer("member", "log", home)
    assert (told["office"], told["about"]) == ("server", "publish_statement")
    assert "publish_statement" in run("member", "log", home).out


def test_every_rule_can_be_tightened_at_once_and_none_so_that_nobody_can_act(home: Path) -> None:
    refused(run("rule", "set", home, "all", "--approvals", "2"), "could never be met", "1 hold")
    refused(run("rule", "set", home, "delete"), "say what to change", status=2)
    refused(run("rule", "set", home, "delete", "--at-most", "soon"), "not a time")
    refused(run("rule", "set", home, "deletion", "--approvals", "2"), "no kind of rule")
    assert run("member", "add", home, "clara", "--role", "steward").status == 0
    assert "decision" in run("rule", "set", home, "all", "--approvals", "2").out
    found = answer("rule", "list", home)
    assert {rule["method"] for rule in found.values()} == {"approvals"}
    refused(run("member", "remove", home, "clara"), "could not decide any more")
    proposed = answer("rule", "set", home, "delete", "--for-urgent", "--method", "one_member")
    assert proposed["state"] == "proposed", "rules change by their own rule"
    number, receipt = str(proposed["decision"]["number"]), proposed["decision"]["receipt"]
    assert "adopted" in run("decision", "vote", home, number, "for", "--as", "clara").out
    assert receipt in answer("decision", "show", home, number)["receipts"]
    assert answer("rule", "list", home)["delete"]["urgent"]["method"] == "one_member"


def test_what_a_member_does_says_whether_it_is_done_or_proposed(home: Path) -> None:
    text = home.parent / "statement.md"
    iri = answer("publish", home, text)["id"]
    done = answer("pin", home, iri)
    assert (done["state"], done["decision"]["state"]) == ("pinned", "adopted")
    for kind in ("pin", "delete", "edit_profile", "limit_peer"):
        assert run("rule", "set", home, kind, "--at-least", "1h").status == 0
    for words in (
        ("unpin", home, iri),
        ("delete", home, iri, "--reason", "mistake"),
        ("profile", home, "--name", "Another Name"),
        ("peer", "suspend", home, "spam.example", "--reason", "spam"),
        ("keys", "rotate", home),
    ):
        said = answer(*words)
        assert (said["state"], said["decision"]["state"]) == ("proposed", "open"), words
    assert answer("profile", home)["name"] == "Transport Workers"
    assert run("show", home, iri).status == 0
    refused(run("keys", "rotate", home), "deciding on new keys already")
    number = str(answer("decision", "list", home)[0]["number"])
    assert answer("decision", "withdraw", home, number)["state"] == "withdrawn"
