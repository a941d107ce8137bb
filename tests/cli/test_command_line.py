"""The command line as people type it: what it makes, what it prints, its exit status, its errors of one line."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from node import cli
from node.__main__ import main
from tests.nodes.processes import Said, commonwire, typed
from tests.nodes.served import free_port

STATEMENT = "---\ntitle: No trams tonight\nlanguage: en\ntags: strike, trams\n---\nThe depot is **closed**.\n"
TABLE = Path("node/demo/struggles.csv").resolve()


@pytest.fixture(scope="module")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node made by `init`, to be copied."""
    return asyncio.run(make(tmp_path_factory.mktemp("cli") / "union"))


@pytest.fixture
def home(made_once: Path, tmp_path: Path) -> Path:
    """A node made by `init`, that publishes without a delay."""
    return Path(shutil.copytree(made_once, tmp_path / "union"))


async def make(directory: Path, *more: str) -> Path:
    port = free_port()
    said = await commonwire(
        "init", directory, "--origin", f"http://127.0.0.1:{port}", "--handle", "union", "--name", "Transport Workers",
        "--listen", f"127.0.0.1:{port}", *more,
    )  # fmt: skip
    assert said.status == 0, said.err
    settings = directory / "node.toml"
    settings.write_text("publication_delay = 0\n" + settings.read_text())
    return directory


def run(*words: str | Path, **more: Any) -> Said:
    said = asyncio.run(commonwire(*words, **more))
    assert "Traceback" not in said.out + said.err
    return said


def refused(said: Said, *words: str, status: int = 1) -> None:
    """The command failed, with one line that says these words, and printed no result."""
    assert said.status == status, said
    assert said.out == ""
    last = said.err.strip().splitlines()[-1]
    assert last.startswith("commonwire: "), said.err
    for word in words:
        assert word in last, said.err


def test_init_makes_files_that_only_their_owner_can_read(home: Path) -> None:
    for path in [home, *home.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, f"{path} can be read by others"
    assert {path.name for path in home.iterdir()} >= {"node.toml", "node.db", "keys", "recovery-key.pem"}


def test_init_keeps_only_the_public_half_of_the_recovery_key(home: Path) -> None:
    secret = (home / "recovery-key.pem").read_text().splitlines()[1]
    for path in home.rglob("*"):
        if path.is_file() and not path.name.startswith("recovery"):
            assert secret.encode() not in path.read_bytes()
    assert secret in (home / "recovery-sheet.html").read_text()


def test_init_says_what_is_for_ever_and_what_to_do_next(tmp_path: Path) -> None:
    words = ("init", tmp_path / "n", "--origin", "https://union.example", "--handle", "union", "--name", "Union")
    said = run(*words)
    assert said.status == 0
    assert "for ever" in said.out
    assert "@union@union.example" in said.out
    assert "commonwire serve" in said.out
    refused(run(*words), "not empty")


@pytest.mark.parametrize(
    ("origin", "handle", "name", "word"),
    [
        ("union.example", "union", "Union", "union.example"),
        ("https://union.example/path", "union", "Union", "without a path"),
        ("https://user@union.example", "union", "Union", "origin"),
        ("https://union.example", "Union!", "Union", "Union!"),
        ("https://union.example", "union", " ", "name"),
    ],
)
def test_init_refuses_what_cannot_be_and_leaves_nothing(
    tmp_path: Path, origin: str, handle: str, name: str, word: str
) -> None:
    refused(run("init", tmp_path / "n", "--origin", origin, "--handle", handle, "--name", name), word)
    assert list(tmp_path.iterdir()) == []


def test_a_command_that_is_not_understood_ends_with_two(home: Path) -> None:
    assert run("nonsense").status == 2
    assert run("publish", home, "a.md", "too", "many").status == 2
    assert run("publish").status == 2
    assert run("init", "--handle", "x").status == 2
    assert run().status == 2


def test_what_is_typed_at_a_shell_does_what_its_fork_does(home: Path) -> None:
    for words in (
        (),
        ("version",),
        ("nonsense",),
        ("member", "list", home),
        ("show", home, "https://nowhere.example/1"),
    ):
        assert asyncio.run(typed(*words)) == run(*words), words


def test_the_directory_may_be_left_out_inside_it_or_with_the_environment(home: Path, tmp_path: Path) -> None:
    for said in (
        run("member", "list", cwd=home),
        run("member", "list", env={"COMMONWIRE_NODE": str(home)}),
        run("member", "list", home),
    ):
        assert said.out == "steward  steward\n"
    refused(run("member", "list", cwd=tmp_path), "no node in", "commonwire init")


def test_publish_prints_the_address_and_show_shows_it(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "statement.md"
    file.write_text(STATEMENT)
    published = run("publish", home, file, "--json")
    iri = json.loads(published.out)["id"]
    shown = run("show", home, iri)
    assert "No trams tonight" in shown.out
    assert "The depot is closed." in shown.out
    document = json.loads(run("show", home, iri, "--json").out)
    assert document["type"] == "Note"
    assert document["contentMap"]["en"] == document["content"]
    assert [tag["name"] for tag in document["tag"]] == ["#strike", "#trams"]
    refused(run("show", home, "https://nowhere.example/1"), "https://nowhere.example/1")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("---\ntitel: x\n---\nText.\n", ("line 2", "titel")),
        ("---\ntitle: x\nText without an end\n", ("line 3", "Text without an end")),
        ("---\nsensitive: perhaps\n---\nText.\n", ("line 2", "sensitive", "perhaps")),
        ("---\nlanguage: klingon-or-so-it-seems\n---\nText.\n", ("language", "klingon")),
        ("---\ntitle: nothing\n---\n\n", ("text",)),
        ("---\ntags: 123\n---\nText.\n", ("tags", "123")),
        ("---\nreply_to: https://nowhere.example/1\n---\nText.\n", ("reply_to", "https://nowhere.example/1")),
        ("---\nkind: strike\nfield: work\nbegan: someday\n---\nText.\n", ("began", "someday")),
        ("---\nkind: strike\nfield: work\nbegan: 2026-05-02\nended: 2026-05-01\n---\nText.\n", ("ended", "2026-05-01")),
        ("---\nkind: riot\nfield: work\nbegan: 2026\n---\nText.\n", ("kind", "riot")),
        ("---\nkind: strike\nfield: work\nbegan: 2026\nparticipants: many\n---\nText.\n", ("participants", "many")),
    ],
)
def test_an_invalid_statement_names_its_field_and_changes_nothing(
    home: Path, tmp_path: Path, text: str, words: tuple[str, ...]
) -> None:
    file = tmp_path / "statement.md"
    file.write_text(text)
    before = dump(home)
    refused(run("publish", home, file), *words)
    assert dump(home) == before


def test_a_file_that_is_missing_or_no_text_is_named(home: Path, tmp_path: Path) -> None:
    refused(run("publish", home, tmp_path / "none.md"), "none.md")
    (tmp_path / "latin.md").write_bytes("Streik f\xfcr alle\n".encode("latin-1"))
    refused(run("publish", home, tmp_path / "latin.md"), "latin.md", "UTF-8")


def test_a_publication_waits_and_can_be_recalled(tmp_path: Path) -> None:
    directory = asyncio.run(make(tmp_path / "slow"))
    settings = directory / "node.toml"
    settings.write_text(settings.read_text().replace("publication_delay = 0", "publication_delay = 60"))
    (tmp_path / "s.md").write_text(STATEMENT)
    said = run("publish", directory, tmp_path / "s.md")
    assert "leaves in 60 s" in said.out
    iri = re.search(r"http\S+/statements/\w+", said.out)
    assert iri is not None
    refused(run("show", directory, iri[0]), iri[0])
    assert run("recall", directory, iri[0]).status == 0
    refused(run("recall", directory, iri[0]), "called back")


def test_an_import_names_every_refused_row_and_the_second_time_changes_nothing(home: Path, tmp_path: Path) -> None:
    table = tmp_path / "table.csv"
    lines = TABLE.read_text().splitlines()
    broken = lines[1].replace("1985-03-03", "1983-03-03")
    table.write_text("\n".join([lines[0], broken, *lines[2:5]]) + "\n")
    refused(run("import", home, table), "--publisher")
    before = dump(home)
    dry = json.loads(run("import", home, table, "--publisher", "Wikipedia", "--dry-run", "--json").out)
    assert (dry["reports"], dry["known"], dry["struggles"]) == (3, 0, 3)
    assert [one["line"] for one in dry["refused"]] == [2]
    assert [one["line"] for one in dry["first"]] == [3, 4, 5] and all(one["summary"] for one in dry["first"])
    assert dump(home) == before
    said = run("import", home, table, "--publisher", "Wikipedia", "--json")
    assert json.loads(said.out) == json.loads(said.out) | {"reports": 3, "known": 0, "refused": 1}
    assert "line 2, ended, “1983-03-03”" in said.err
    refused(run("import", home, table, "--publisher", "Wikipedia"), "imported already")
    again = tmp_path / "again.csv"
    again.write_text("\n".join([lines[0], *lines[2:6]]) + "\n")
    more = json.loads(run("import", home, again, "--publisher", "Wikipedia", "--json").out)
    assert (more["reports"], more["known"]) == (1, 3)


def test_a_row_on_a_struggle_that_there_is_not_is_refused_and_the_others_are_imported(
    home: Path, tmp_path: Path
) -> None:
    origin = json.loads(run("import", home, TABLE, "--publisher", "Wikipedia", "--json").out)["id"].partition(
        "/imports/"
    )[0]
    table = tmp_path / "rows.csv"
    table.write_text(
        "struggle,title,field,kind,began\n"
        f"{origin}/struggles/none,Nowhere,work,strike,2021\n"
        "here,Here,work,strike,2021\n"
    )
    said = run("import", home, table, "--publisher", "Us", "--json")
    assert (json.loads(said.out)["reports"], json.loads(said.out)["refused"]) == (1, 1)
    assert "line 2, struggle" in said.err and "is not a struggle of this node" in said.err


def test_an_import_is_undone_by_one_command_and_its_file_imported_again(home: Path) -> None:
    words = ("--publisher", "Wikipedia", "--json")
    iri = json.loads(run("import", home, TABLE, *words).out)["id"]
    refused(run("import", "undo", home, f"{iri}x"), "not an import of this node")
    undone = json.loads(run("import", "undo", home, iri, "--reason", "mistake", "--json").out)
    assert (undone["id"], undone["state"]) == (iri, "undone")
    refused(run("import", "undo", home, iri), "only while it is public")
    again = json.loads(run("import", home, TABLE, *words).out)
    assert again["id"] != iri and (again["reports"], again["known"]) == (18, 0)


def test_an_import_that_cannot_be_read_changes_nothing(home: Path, tmp_path: Path) -> None:
    before = dump(home)
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "strange.csv").write_text("a,b\n1,2\n")
    refused(run("import", home, tmp_path / "empty.csv"), "empty.csv")
    refused(run("import", home, tmp_path / "strange.csv", "--publisher", "X"), "a, b", "--mapping")
    refused(run("import", home, TABLE, "--publisher", "X", "--mapping", "none"), "none")
    refused(run("import", home, TABLE, "--publisher", "X", "--retrieved", "soon"), "soon")
    refused(run("import", home, TABLE, "--publisher", "X", "--publisher-url", "not an address"), "not an address")
    assert dump(home) == before


def test_members_are_added_listed_and_removed_and_one_steward_stays(home: Path) -> None:
    until = f"{datetime.now(UTC) + timedelta(days=300):%Y-%m-%d}"
    added = json.loads(run("member", "add", home, "rosa", "--role", "editor", "--until", until, "--json").out)
    assert len(added["password"]) >= 12
    assert f"rosa  editor until {until}" in run("member", "list", home).out
    refused(run("member", "add", home, "rosa"), "rosa")
    refused(run("member", "add", home, "Rosa!"), "Rosa!")
    refused(run("member", "add", home, "late", "--until", "1999-05-01"), "until")
    refused(run("member", "add", home, "late", "--until", "2199-05-01"), "ten years")
    assert run("member", "add", home, "x", "--role", "queen").status == 2
    refused(run("member", "remove", home, "steward"), "only steward")
    assert run("member", "remove", home, "rosa").status == 0
    refused(run("member", "remove", home, "rosa"), "rosa")


def test_a_mandate_is_needed_to_act(home: Path, tmp_path: Path) -> None:
    (tmp_path / "s.md").write_text(STATEMENT)
    run("member", "add", home, "reader", "--role", "reader")
    refused(run("publish", home, tmp_path / "s.md", "--as", "reader"), "reader", "mandate")
    refused(run("publish", home, tmp_path / "s.md", "--as", "nobody"), "nobody")


def test_a_token_is_printed_once_and_kept_as_a_digest(home: Path) -> None:
    token = run("token", home, "steward", "--scopes", "read write").out.strip()
    assert len(token) > 30
    for path in home.rglob("*"):
        if path.is_file():
            assert token.encode() not in path.read_bytes()
    refused(run("token", home, "steward", "--scopes", "fly"), "fly")
    refused(run("token", home, "nobody", "--scopes", "read"), "nobody")


def test_following_somebody_who_is_not_there_says_so(home: Path) -> None:
    refused(run("follow", home, "@nobody@127.0.0.1:1"), "127.0.0.1:1")
    refused(run("follow", home, "nonsense"), "nonsense")
    refused(run("unfollow", home, "https://127.0.0.1:1/users/x"), "not followed")
    assert "nobody is followed yet" in run("following", home).out
    assert json.loads(run("followers", home, "--json").out) == []


def test_hosts_are_suspended_and_restored_with_a_reason(home: Path) -> None:
    assert run("peer", "suspend", home, "spam.example", "--reason", "advertisements").status == 0
    assert "spam.example  reject" in run("peer", "list", home).out
    assert run("peer", "suspend", home, "spam.example").status == 2
    assert run("peer", "restore", home, "spam.example").status == 0
    assert "spam.example  accept" in run("peer", "list", home).out


def test_settings_that_are_wrong_are_named(home: Path) -> None:
    settings = home / "node.toml"
    good = settings.read_text()
    for line, word in (
        ("lissten = 'x'", "lissten"),
        ("log_level = 'loud'", "loud"),
        ("limits.inbox_bytes = -1", "limits.inbox_bytes"),
        ("federation.allow_networks = ['home']", "home"),
        ("this is no toml", "node.toml"),
    ):
        settings.write_text(f"{line}\n{good}")
        refused(run("serve", home), word)


def test_a_database_of_a_newer_version_is_refused(home: Path) -> None:
    import sqlite3

    assert "as it was" in run("migrate", home).out
    with sqlite3.connect(home / "node.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    refused(run("serve", home), "9999", "newer")


def test_a_port_that_is_taken_is_named(home: Path) -> None:
    import socket

    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        refused(run("serve", home, "--listen", f"127.0.0.1:{other.getsockname()[1]}"), "cannot listen")


def test_every_command_explains_itself_with_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    from node.cli import commands

    for command in commands():
        assert main([*command.name.split(), "--help"]) == 0
        assert command.example in capsys.readouterr().out
    assert "commonwire publish" in run("publish", "--help").out


def dump(home: Path) -> list[str]:
    """Everything in the database, as text."""
    import sqlite3

    with sqlite3.connect(home / "node.db") as connection:
        return list(connection.iterdump())


def test_what_was_published_is_corrected_and_deleted(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "statement.md"
    file.write_text(STATEMENT)
    iri = json.loads(run("publish", home, file, "--json").out)["id"]
    refused(run("correct", home, iri, file), "exactly this", "change the file")
    file.write_text(STATEMENT.replace("closed", "open"))
    said = run("correct", home, iri, file)
    assert (said.status, said.out) == (0, f"corrected: {iri}\n")
    assert "open" in run("show", home, iri).out
    refused(run("delete", home, iri, "--reason", "because"), "because", "personal-data")
    said = run("delete", home, iri, "--reason", "mistake", "--json")
    decision = {"number": 3, "state": "adopted", "until": None, "receipt": None}
    assert json.loads(said.out) == {"id": iri, "state": "deleted", "reason": "mistake", "decision": decision}
    refused(run("delete", home, iri, "--reason", "mistake"), "was deleted")
    refused(run("correct", home, iri, file), "was deleted")
    refused(run("show", home, iri), "was deleted", "mistake")
    assert run("delete", home, iri).status == 2, "a reason has to be given"


def test_what_was_said_is_boosted_and_pinned_and_both_are_taken_back(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "statement.md"
    file.write_text(STATEMENT)
    iri = json.loads(run("publish", home, file, "--json").out)["id"]
    for do, undo, word in (("boost", "unboost", "boosted"), ("pin", "unpin", "pinned")):
        refused(run(undo, home, iri), f"not {word}")
        assert run(do, home, iri).out == f"{word}: {iri}\n"
        refused(run(do, home, iri), f"commonwire {undo} {iri}")
        assert run(undo, home, iri).out == f"no longer {word}: {iri}\n"
    refused(run("boost", home, "rubbish"), "rubbish")
    refused(run("poll", "vote", home, iri, "--choice", "Monday"), "is no poll")
    assert run("poll", "vote", home, iri).status == 2, "say for what"


def test_only_the_commands_that_were_meant_are_entered_into_the_parser() -> None:
    assert {one.name for one in cli.meant(["import undo", "."])} == {"import", "import undo"}
    assert {one.name.partition(" ")[0] for one in cli.meant(["member", "list"])} == {"member"}
    assert cli.meant([]) == cli.meant(["membr"]) == cli.meant(["--help"]) == cli.commands()
