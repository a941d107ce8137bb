"""What is documented is there, and what is there is documented."""

from __future__ import annotations

import csv
import io
import json
import re
import shlex
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

import schemas
from node import cli, config, rooms
from node.cli import commands, documentation
from node.database import metadata
from node.reports import documents, imports, shapes
from node.reports import writing as reports
from node.reports.imports.fields import FIELDS
from node.reports.imports.ready import NAMED
from node.statements import writing
from node.web import api, routes
from node.web.admin.sections import SECTIONS
from node.web.pages import messages

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "schemas" / "examples"
MARKDOWN = sorted([*ROOT.glob("*.md"), *(ROOT / "deploy").rglob("*.md")])
IN_THE_ROOT = {
    "CHANGELOG.md", "CONTRIBUTING.md", "FEDERATION.md", "LICENSE", "Makefile", "PRIVACY.md", "README.md",
    "pyproject.toml",
}  # fmt: skip


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def in_code(text: str) -> set[str]:
    """Everything between backticks outside of blocks."""
    return set(re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.DOTALL | re.MULTILINE)))


def complain(missing: Iterable[str], where: str) -> None:
    listed = sorted(missing)
    assert not listed, f"{where} does not name: {', '.join(listed)}"


# ---- generated pages


@pytest.mark.parametrize(
    ("name", "written"),
    [("settings.md", documentation.settings_markdown), ("commands.md", documentation.commands_markdown)],
)
def test_generated_pages_are_those_that_the_code_gives(name: str, written: Any) -> None:
    assert page(f"deploy/docs/{name}") == written(), "write them anew: make docs"


def test_the_generator_writes_both_pages(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert documentation.main([str(tmp_path / "docs")]) == 0
    assert sorted(path.name for path in (tmp_path / "docs").iterdir()) == ["commands.md", "settings.md"]
    assert "settings.md" in capsys.readouterr().out


def test_every_setting_stands_on_its_page_with_its_help_and_in_the_example() -> None:
    text, example = page("deploy/docs/settings.md"), page("deploy/node.toml.example")
    for field in config.SETTINGS:
        assert f"### `{field.metadata['key']}`\n\n{field.metadata['help']}" in text
        name = field.metadata["key"].rpartition(".")[2]
        assert re.search(rf"^(# )?{name} = ", example, re.MULTILINE), f"the example lacks {name}"


def test_the_example_settings_can_be_used_as_they_stand_and_with_every_line() -> None:
    text = page("deploy/node.toml.example")
    every_line = re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE)
    for written in (text, every_line):
        settings = config.from_table(tomllib.loads(written), directory=ROOT)
        assert settings.origin == "https://union.example"
    defaults = {field.name: field.default for field in config.SETTINGS if field.name not in ("origin", "database_url")}
    assert {name: getattr(settings, name) for name in defaults} == defaults, "the example shows the defaults"


def test_every_command_stands_on_its_page_with_its_synopsis_and_example() -> None:
    text = page("deploy/docs/commands.md")
    for command in commands():
        assert f"\n## {command.name}\n" in text
        assert f"commonwire {command.synopsis}\n" in text
        assert command.example in text
        for option in command.options:
            assert f"| `{option.flags[0]}" in text


def test_commands_in_documents_exist() -> None:
    known = {command.name.split()[0] for command in commands()}
    for path in MARKDOWN:
        for name in re.findall(r"^commonwire ([a-z]+)", "\n".join(blocks(path.read_text(), "sh")), re.MULTILINE):
            assert name in known, f"{path.name}: there is no command {name}"


def test_what_members_are_told_to_type_can_be_typed() -> None:
    parser = cli.build_parser(commands())
    typed = [line for block in blocks(page("deploy/docs/deciding.md"), "sh") for line in block.splitlines()]
    typed += re.findall(r"^(commonwire \S+ .*\S)$", "\n".join(blocks(page("README.md"), "sh")), re.MULTILINE)
    assert len(typed) > 20
    for line in typed:
        words = shlex.split(line, comments=True)
        options = parser.parse_args(words[1:])
        wanted = len(options.command.words) + (1 if options.command.has_directory else 0)
        assert words[0] == "commonwire" and len(options.words) == wanted, line


def test_what_members_are_told_to_choose_stands_at_the_desk() -> None:
    text = " ".join(page("deploy/docs/deciding.md").split())
    complain((one.title for one in SECTIONS if one.title.lower() not in text.lower()), "deciding.md")
    shown = {found.text for found in messages.sentences()}
    labels = re.findall(r"(?<!\*)\*([A-Z][^*]+)\*(?!\*)", text)
    assert len(labels) > 20
    unknown = sorted({label for label in labels if not any(one.startswith(label) for one in shown)})
    assert not unknown, f"the desk has no such words: {unknown}"


# ---- what a node serves, speaks and keeps


def test_every_address_is_documented() -> None:
    app = web.Application()
    routes.add(app)
    served = {
        route.resource.canonical.rstrip("/") or "/" for route in app.router.routes() if route.resource is not None
    }
    where = ("FEDERATION.md", "deploy/docs/running.md", "deploy/docs/api.md", "deploy/docs/apps.md")
    complain(served - in_code("".join(map(page, where))), ", ".join(where))


def test_every_address_for_programs_stands_in_api_md() -> None:
    app = web.Application()
    routes.add(app)
    served = {route.resource.canonical for route in app.router.routes() if route.resource is not None}
    of_apps = {path.rstrip("/") for path in served if path.startswith(("/api/v1", "/api/v2", "/oauth/"))}
    complain(of_apps - in_code(page("deploy/docs/apps.md")), "deploy/docs/apps.md")
    programs = {path for path in served - of_apps if path.startswith("/api/") and path.rstrip("/") not in of_apps}
    complain(programs - {"/api/oembed"} - in_code(page("deploy/docs/api.md")), "deploy/docs/api.md")


def test_every_type_has_an_example_and_stands_in_federation_md() -> None:
    shown = {type(schemas.parse(json.loads(path.read_text(encoding="utf-8")))) for path in EXAMPLES.glob("*.json")}
    complain((one.__name__ for one in set(schemas.TYPES) - shown), "schemas/examples")
    complain({one.__name__ for one in schemas.TYPES} - in_code(page("FEDERATION.md")), "FEDERATION.md")


def test_every_example_is_named_in_federation_md() -> None:
    complain({path.name for path in EXAMPLES.glob("*.json")} - in_code(page("FEDERATION.md")), "FEDERATION.md")


def test_examples_in_federation_md_are_cut_from_the_real_ones() -> None:
    real = {}
    for path in EXAMPLES.glob("*.json"):
        document = json.loads(path.read_text(encoding="utf-8"))
        real[document["id"]] = document
    cut = [json.loads(block) for block in blocks(page("FEDERATION.md"), "json")]
    assert cut
    for document in cut:
        whole = real[document["id"]]
        assert document == {name: whole.get(name) for name in document}


def test_every_activity_that_has_an_effect_stands_in_federation_md() -> None:
    section = page("FEDERATION.md").partition("## What comes in\n")[2].partition("\n## ")[0]
    rows = [
        (in_code(cells[1]), in_code(cells[2])) for line in section.splitlines() if len(cells := line.split("|")) > 4
    ]
    shown = {(activity, kind) for activities, kinds in rows for activity in activities for kind in kinds | {"*"}}
    handled = {
        (activity, kind if kind in ("Follow", "Statement", "StruggleReport") else "*")
        for activity, kind in rooms.assemble().handlers.rows()
    }
    complain((f"{activity} of {kind}" for activity, kind in handled - shown), "FEDERATION.md")


def test_every_limit_that_federation_md_names_is_a_setting() -> None:
    named = {name for name in in_code(page("FEDERATION.md")) if re.fullmatch(r"(limits|federation)\.\w+", name)}
    assert named
    assert named <= {field.metadata["key"] for field in config.SETTINGS}


def test_every_table_is_named_in_privacy_md() -> None:
    complain(set(metadata.tables) - in_code(page("PRIVACY.md")), "PRIVACY.md")


def test_every_room_and_every_role_is_documented() -> None:
    from node.members.rules import ROLES

    complain(
        {room.__name__.removeprefix("node.") for room in rooms.ROOMS} - in_code(page("CONTRIBUTING.md")),
        "CONTRIBUTING.md",
    )
    for role, meaning in ROLES.items():
        assert f"| `{role}` |" in page("deploy/docs/running.md"), f"running.md lacks the role {role} ({meaning})"


# ---- what a person writes


def test_every_key_of_a_statement_is_documented() -> None:
    complain(set(writing.KEYS) - in_code(page("deploy/docs/running.md")), "running.md")


def test_every_key_that_a_program_may_send_is_documented() -> None:
    text = page("deploy/docs/api.md")
    complain(set(api.KEYS) - in_code(text), "api.md")
    (request,) = blocks(text, "http")
    assert set(json.loads(request.rpartition("\n\n")[2])) <= set(api.KEYS)


def test_the_statement_that_running_md_shows_can_be_published() -> None:
    (text,) = blocks(page("deploy/docs/running.md"), "markdown")
    draft = writing.read(text)
    assert (draft.title, draft.language, draft.tags) == (
        "No night turns without rest", "en", ("transport", "nightwork"),
    )  # fmt: skip
    assert writing.handles_in(draft.text) == ["@tenants@tenants.example"]


def test_every_column_and_mapping_is_documented_in_its_words() -> None:
    text = page("deploy/docs/importing.md")
    for name, meaning in FIELDS.items():
        assert f"| `{name}` | {meaning} |" in text
    complain(set(NAMED) - in_code(text), "importing.md")


def test_the_table_that_importing_md_shows_can_be_imported() -> None:
    (text,) = blocks(page("deploy/docs/importing.md"), "csv")
    header, *cells = list(csv.reader(io.StringIO(text)))
    mapping = imports.detect(header)
    assert mapping is not None and mapping.name == "commonwire"
    assert imports.unused(mapping, header) == ()
    rows = [imports.Row(line, dict(zip(header, row, strict=True))) for line, row in enumerate(cells, start=2)]
    (found,) = imports.read_all(rows, mapping)
    assert isinstance(found, imports.Draft), found


def test_the_mapping_that_importing_md_shows_can_be_used(tmp_path: Path) -> None:
    (text,) = blocks(page("deploy/docs/importing.md"), "toml")
    (tmp_path / "mapping.toml").write_text(text, encoding="utf-8")
    (tmp_path / "strikes.csv").write_text(
        "Nr;Titel;Art;Betrieb;Ort;Beginn;Ende;Beteiligte;Branche\n"
        "17;Warnstreik bei der Hafenbahn;Warnstreik;Hafenbahn;Bremen;3.4.2026;4.4.2026;120;Bahn\n"
        "18;Ausstand im Depot;Warnstreik;Nordbahn;Kiel;9.5.2026;1.5.2026;;Bahn\n",
        encoding="utf-8",
    )
    mapping = imports.fitted(
        imports.from_toml(tmp_path / "mapping.toml"), imports.outline(tmp_path / "strikes.csv").columns
    )
    good, bad = imports.read_all(imports.rows(tmp_path / "strikes.csv"), mapping)
    assert isinstance(good, imports.Draft) and good.action_kind == "strike" and good.sector is not None
    assert f"refused: {bad}" in page("deploy/docs/importing.md"), "the page shows what is really said"


def test_every_part_of_a_report_is_documented() -> None:
    text = page("deploy/docs/reporting.md")
    complain(reports.KEYS - FIELDS.keys() - in_code(text), "reporting.md")
    for name, part in {"measures": shapes.MEASURE, "addressee": shapes.PARTY, "location": shapes.PLACE}.items():
        (row,) = (line for line in text.splitlines() if line.startswith(f"| `{name}` |"))
        complain(set(part.keys) - {"units"} - in_code(row), f"reporting.md, {name}")


def test_the_reports_that_reporting_md_shows_can_be_published() -> None:
    (yaml,) = blocks(page("deploy/docs/reporting.md"), "yaml")
    (markdown,) = blocks(page("deploy/docs/reporting.md"), "markdown")
    for draft in (documents.read(yaml, ending=".yaml"), writing.read(markdown, report_keys=reports.KEYS)):
        found = reports.report_in(draft)
        assert found.title == "Rent strike in the Sun Street blocks" and len(found.measures) >= 2


# ---- the project


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads(page("pyproject.toml"))["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    names = {re.split(r"[^A-Za-z0-9_.-]", one)[0].lower() for one in wanted}
    explained = {
        name.lower() for name in re.findall(r"^\| \[([^]]+)\]\(https://pypi", page("CONTRIBUTING.md"), re.MULTILINE)
    }
    complain(names - explained, "CONTRIBUTING.md")
    assert explained <= names, f"CONTRIBUTING.md explains what is not used: {explained - names}"


def test_the_commands_of_a_newcomer_exist() -> None:
    makefile, readme = page("Makefile"), page("README.md")
    shown = "\n".join(blocks(readme, "sh")).splitlines()
    assert "make demo" in shown and "make test" in shown
    for line in shown:
        if line.startswith("make "):
            assert re.search(rf"^{line.split()[1]}:", makefile, re.MULTILINE), f"the Makefile cannot {line}"


def test_links_between_documents_lead_somewhere() -> None:
    for path in MARKDOWN:
        text = re.sub(r"`[^`\n]*`", "", path.read_text(encoding="utf-8"))
        for target in re.findall(r"\]\((?!https?://)([^)\s]+)\)", text):
            name, _, anchor = target.partition("#")
            file = (path.parent / name) if name else path
            assert file.exists(), f"{path.relative_to(ROOT)} links to {target}"
            assert not anchor or anchor in _anchors(file), f"{path.relative_to(ROOT)} links to {target}"


def _anchors(path: Path) -> set[str]:
    """The anchors that forges give to headings."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def test_only_what_belongs_there_stands_in_the_root() -> None:
    files = {path.name for path in ROOT.iterdir() if path.is_file() and not path.name.startswith(".")}
    assert files <= IN_THE_ROOT, f"documentation lives in deploy/docs: {sorted(files - IN_THE_ROOT)}"
    assert files >= IN_THE_ROOT


def test_the_version_is_one() -> None:
    from node import VERSION

    assert tomllib.loads(page("pyproject.toml"))["project"]["version"] == VERSION
    assert f"## {VERSION} " in page("CHANGELOG.md")
