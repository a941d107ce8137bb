"""The files of the demonstration are what the demonstration needs."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from node.reports import imports
from node.statements import writing
from schemas import codes, struggle_report
from schemas.struggle_report import StruggleReport


@pytest.fixture(scope="module")
def drafts(demo: Path) -> list[imports.Draft]:
    path = demo / "struggles.csv"
    outline = imports.outline(path)
    mapping = imports.detect(outline.columns)
    assert mapping is not None and mapping.name == "commonwire"
    assert imports.unused(mapping, outline.columns) == ()
    found = list(imports.read_all(imports.rows(path), mapping))
    assert [str(one) for one in found if isinstance(one, imports.RefusedRow)] == []
    return [one for one in found if isinstance(one, imports.Draft)]


def test_the_struggles_are_of_many_fields_kinds_countries_and_decades(drafts: list[imports.Draft]) -> None:
    assert 15 <= len(drafts) <= 18
    assert len({draft.field for draft in drafts}) >= 10
    wanted = {"strike", "rent-strike", "land-defence", "lockout", "school-strike", "feminist-strike", "occupation"}
    kinds = {draft.action_kind for draft in drafts}
    assert kinds >= wanted | {"encampment", "blockade", "hunger-strike"}
    assert kinds <= set(codes.ACTION_KINDS)
    assert len({draft.location.country for draft in drafts if draft.location}) >= 10
    assert len({draft.began.year // 10 for draft in drafts}) >= 7


def test_each_struggle_names_a_public_source_and_claims_no_more_than_it(drafts: list[imports.Draft]) -> None:
    for draft in drafts:
        assert [source.url for source in draft.sources if source.url and source.url.startswith("https://")]
        assert draft.basis == "imported"


def test_two_reports_can_be_on_one_struggle(drafts: list[imports.Draft]) -> None:
    titles = [draft.struggle_title for draft in drafts if draft.struggle_key == "commonwire:h-block"]
    assert titles == ["Hunger strikes in the H-Blocks"] * 2


def test_the_evictions_are_read_by_their_mapping_and_are_not_only_about_strikes(demo: Path) -> None:
    path = demo / "evictions.csv"
    columns = imports.outline(path).columns
    mapping = imports.fitted(imports.from_toml(demo / "evictions.toml"), columns)
    assert imports.unused(mapping, columns) == ()
    found = list(imports.read_all(imports.rows(path), mapping))
    assert [str(one) for one in found if isinstance(one, imports.RefusedRow)] == []
    drafts = [one for one in found if isinstance(one, imports.Draft)]
    assert len(drafts) == 11
    assert {draft.field for draft in drafts} == {"housing", "land", "migration"}
    assert {draft.started_by for draft in drafts} == {"addressee"}
    assert all(draft.sources and draft.sources[0].retrieved and draft.basis == "imported" for draft in drafts)
    measures = {one.measure for draft in drafts for one in draft.measures}
    assert measures >= {"households", "displaced", "evictions", "hectares", "arrests"}
    assert any(one.low != one.high for draft in drafts for one in draft.measures if one.low is not None)
    assert {draft.outcome for draft in drafts} >= {"lost", "partly-won", "undecided"}
    assert sum(bool(draft.claims) for draft in drafts) == 2
    assert any(one.measure == "displaced" and one.value == 0 for draft in drafts for one in draft.measures)


@pytest.mark.parametrize(("name", "least", "most"), [("long-statement.md", 900, 1300), ("short-statement.md", 60, 110)])
def test_a_statement_has_its_front_matter_and_its_length(demo: Path, name: str, least: int, most: int) -> None:
    _, front, body = (demo / name).read_text(encoding="utf-8").split("---\n", 2)
    keys = [line.partition(": ")[0] for line in front.strip().splitlines()]
    assert keys == ["title", "language", "summary", "tags", "sensitive"]
    assert least <= len(body.split()) <= most


@pytest.mark.parametrize(
    "name",
    ["minority-report", "position-linden", "position-bureau", "joint-statement", "strike-fund", "open-proposal"],
)
def test_what_else_is_said_can_be_published(demo: Path, name: str) -> None:
    text = (demo / f"{name}.md").read_text(encoding="utf-8").replace("{statement}", "https://node.example/statements/1")
    draft = writing.read(text)
    assert draft.language == "en"
    assert 60 <= len(draft.text.split()) <= 250
    assert bool(draft.position) == name.startswith("position-")


def test_the_long_statement_has_all_that_a_page_must_show(demo: Path) -> None:
    body = (demo / "long-statement.md").read_text(encoding="utf-8")
    for pattern in (r"^## ", r"^- ", r"^1\. ", r"^> .*[\u0600-\u06ff]{3}", r"\]\(https://", r"\*\*Won\.\*\*"):
        assert re.search(pattern, body, re.MULTILINE), pattern


def test_each_draft_can_be_written_as_a_report_and_read_again(drafts: list[imports.Draft]) -> None:
    shared = {field.name for field in fields(imports.Draft)} & {field.name for field in fields(StruggleReport)}
    for draft in drafts:
        told = {name: getattr(draft, name) for name in shared - {"summary"}}
        report = StruggleReport(
            id="https://node.example/reports/1",
            attributed_to="https://node.example/groups/a",
            content="<p></p>",
            struggle="https://node.example/struggles/1",
            **told,
        )
        again = struggle_report.parse(struggle_report.serialise(report))
        assert {name: getattr(again, name) for name in told} == told
