"""Whatever a file or a program holds, it is a report or it is refused in words; and what the form makes of it stays."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from node.errors import Invalid
from node.reports import asking, documents, shapes, writing
from node.web.admin import report_forms
from schemas.fields import describe
from tests.amounts import SOAKED, many

pytestmark = SOAKED

SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 2**60), st.floats(allow_nan=False), st.text(max_size=12),
    st.sampled_from(["strike", "2026-11", "100-500", "40+", "unknown", "NO", "EUR", "alleged", "yes", "a: b", "won",
                     "https://x.example/1", "[", "{", "own-witness", "person", "8331 Drivers", "H", "isic4"]),
)  # fmt: skip
NAMES = sorted(
    {term.name for one in vars(shapes).values() if isinstance(one, shapes.Shape) for term in describe(one.make)}
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*NAMES, "person"]), inner, max_size=5),
    max_leaves=12,
)
KEYS = st.sampled_from([*sorted(writing.KEYS), *writing.OF_A_STATEMENT])
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=8)
PLAIN = {"text": "On.", "title": "Out", "kind": "strike", "field": "work", "began": "2026-11-02"}


@settings(max_examples=many(120), deadline=None)
@given(DOCUMENTS)
def test_whatever_is_written_is_a_report_or_is_refused(document: dict[str, Any]) -> None:
    try:
        draft = writing.draft_of(PLAIN | document)
    except Invalid as error:
        assert error.field and str(error)
        return
    faults = writing.faults(draft)
    assert all(one.field and str(one) for one in faults)
    try:
        found = writing.report_in(draft)
    except Invalid:
        assert faults
        return
    assert faults == []
    asking.questions(found, today=found.began.earliest)


WORDS = st.text("abc éñ-'()/", min_size=1, max_size=12).filter(lambda words: words.strip(" -'()/"))
DATES = st.sampled_from(["2026", "2026-10", "2026-10-31"])
LINKS = st.lists(st.sampled_from(["https://x.example/1", "https://y.example/2"]), max_size=2)
PLAUSIBLE: dict[str, st.SearchStrategy[Any]] = {
    "raised": DATES, "decided": DATES, "on": DATES, "retrieved": st.just("2026-11-02"), "same_as": LINKS,
    "url": st.just("https://x.example/1"), "country": st.sampled_from(["NO", "IN"]), "latitude": st.just(59.5),
    "longitude": st.just(10.25), "radius": st.sampled_from([200, 5000]), "value": st.integers(0, 10**6),
    "low": st.integers(0, 9), "high": st.integers(9, 99), "unit": st.just("NOK"), "computed": st.booleans(),
    "consent": st.just(True), "name_map": st.dictionaries(st.sampled_from(["sv", "en"]), WORDS.map(str.strip)),
}  # fmt: skip


def plausible(shape: shapes.Shape, *, without: tuple[str, ...] = ()) -> st.SearchStrategy[dict[str, Any]]:
    """Objects that are mostly what the shape wants."""
    needed, more = {}, {}
    for term in describe(shape.make):
        if term.name not in shape.fields or term.name in ("units", *without):
            continue
        known = term.schema.get("enum")
        made = st.sampled_from(known) if known else PLAUSIBLE.get(term.name, WORDS)
        made = st.lists(plausible(shapes.CHAIN), max_size=2) if term.name == "chain" else made
        (needed if term.required and term.name != "scheme" else more)[term.name] = made
    return st.fixed_dictionaries(needed, optional=more)


def lists(shape: shapes.Shape, *without: str) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(plausible(shape, without=without), max_size=3)


MEASURES = st.lists(
    st.one_of(plausible(shapes.MEASURE, without=left) for left in (
        ("low", "high", "absent", "unit"), ("value", "absent", "unit"), ("value", "low", "high", "unit"),
        ("value", "high", "absent", "unit"), ("low", "high", "absent"),
    )),
    max_size=3,
)  # fmt: skip
REPORTS = st.fixed_dictionaries(
    {"began": DATES},
    optional={
        "addressee": lists(shapes.PARTY), "organisation": lists(shapes.PARTY), "location": plausible(shapes.PLACE),
        "demands": lists(shapes.DEMAND), "responses": lists(shapes.RESPONSE), "claims": lists(shapes.CLAIM),
        "withheld": lists(shapes.WITHHELD), "sources": lists(shapes.SOURCE), "measures": MEASURES,
        "who": st.lists(st.sampled_from(["workers", "tenants"]), unique=True),
    },
)  # fmt: skip


@settings(max_examples=many(100), deadline=None)
@given(REPORTS)
def test_what_is_a_report_is_the_same_report_after_the_form(document: dict[str, Any]) -> None:
    draft = writing.draft_of(PLAIN | document)
    try:
        found = writing.report_in(draft)
    except Invalid:
        return
    again = writing.report_in(report_forms.draft_of(report_forms.values_of(draft), draft))
    for name in ("addressees", "organisations", "location", "measures", "demands", "responses", "claims", "withheld",
                 "sources", "who", "began", "basis", "action_kind", "field"):  # fmt: skip
        assert getattr(again, name) == getattr(found, name), name


@settings(max_examples=many(80), deadline=None)
@given(st.one_of(DOCUMENTS.map(lambda one: json.dumps(one, ensure_ascii=False)), st.text(max_size=200)))
def test_whatever_a_file_holds_is_a_draft_or_is_refused(text: str) -> None:
    for ending in documents.ENDINGS:
        try:
            documents.read(text, ending=ending)
        except Invalid as error:
            assert str(error)
