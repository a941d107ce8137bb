"""Members and groups from the command line: what changes the group goes through its decision there too."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.test_command_line import STATEMENT, home, made_once, refused, run

FIXTURES = (home, made_once)


def test_a_mandate_is_given_held_in_turns_and_recalled(home: Path) -> None:
    for name in ("rosa", "emma"):
        assert run("member", "add", home, name, "--role", "reader").status == 0
    remit = "the night shifts"
    assert run("member", "mandate", home, "rosa", "--role", "editor", "--remit", remit).status == 0
    refused(run("member", "mandate", home, "rosa", "--role", "editor"), "rosa", "editor in this group already")
    said = run("member", "turns", home, "--role", "delegate", "--members", "rosa emma", "--days", "7", "--rounds", "3")
    assert "in turns of 7 days" in said.out
    listed = {one["name"]: one for one in json.loads(run("member", "list", home, "--json").out)}
    assert listed["rosa"]["remits"] == {"editor": remit}
    assert sum("delegate" in one for one in listed["emma"]["mandates"]) == 3
    assert run("member", "recall", home, "rosa", "--role", "editor").status == 0
    refused(run("member", "recall", home, "rosa", "--role", "editor"), "no mandate as editor")
    refused(run("member", "recall", home, "steward", "--role", "steward"), "only steward")
    refused(run("member", "turns", home, "--members", "rosa emma", "--days", "x"), "x")
    assert run("member", "remove", home, "emma", "--as", "emma").status == 0
    assert "emma" not in run("member", "list", home).out


def test_links_are_printed_once_and_what_was_done_is_in_the_log(home: Path) -> None:
    invited = json.loads(run("member", "invite", home, "--role", "writer", "--days", "3", "--json").out)
    assert "/join/" in invited["link"] and invited["decision"]["state"] == "adopted"
    run("member", "add", home, "rosa", "--role", "reader")
    link = json.loads(run("member", "reset", home, "rosa", "--json").out)["link"]
    secrets = [one.rpartition("/")[2].encode() for one in (invited["link"], link)]
    for path in home.rglob("*"):
        if path.is_file():
            assert not any(secret in path.read_bytes() for secret in secrets), path
    assert "made a link to a new password for rosa" in run("member", "log", home).out
    assert "logged in nowhere" in run("member", "sessions", home, "rosa").out
    refused(run("member", "reset", home, "nobody"), "nobody")


def test_where_two_decide_the_command_says_so(home: Path) -> None:
    run("member", "add", home, "rosa", "--role", "steward")
    rule = ("--method", "approvals", "--approvals", "2", "--at-most", "7d")
    assert run("rule", "set", home, "change_roles", *rule).status == 0
    said = json.loads(run("member", "invite", home, "--role", "writer", "--json").out)
    assert said["decision"]["state"] == "open" and said["decision"]["until"] is not None
    assert "nothing has changed yet" in run("member", "add", home, "emma", "--role", "editor").out
    number = str(said["decision"]["number"])
    assert run("decision", "vote", home, number, "for", "--as", "rosa").status == 0
    assert "adopted" in run("decision", "show", home, number).out


def test_a_group_is_added_speaks_and_is_retired(home: Path, tmp_path: Path) -> None:
    run("member", "add", home, "rosa", "--role", "reader")
    added = run("group", "add", home, "fund", "--name", "Strike Fund", "--steward", "rosa", "--json")
    assert json.loads(added.out)["steward"] == "rosa"
    key = home / "recovery-key-fund.pem"
    assert "PRIVATE KEY" in key.read_text() and key.stat().st_mode & 0o077 == 0
    refused(run("group", "add", home, "fund", "--name", "Again"), "fund")
    refused(run("group", "add", home, "paper", "--name", "Paper", "--as", "rosa"), "rosa", "mandate")
    (tmp_path / "s.md").write_text(STATEMENT)
    said = run("publish", home, tmp_path / "s.md", "--group", "fund")
    assert said.status == 0, "its own steward is who acts for it"
    refused(run("publish", home, tmp_path / "s.md", "--group", "fund", "--as", "steward"), "steward", "mandate")
    refused(run("group", "retire", home, "union"), "main group")
    refused(run("group", "retire", home, "fund", "--as", "steward"), "mandate")
    assert run("group", "retire", home, "fund").status == 0
    assert "retired" in run("group", "list", home).out
    refused(run("publish", home, tmp_path / "s.md", "--group", "fund"), "was retired")
