"""Any JSON at all is parsed or Malformed; what was parsed can be written, and says the same when it is read again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import schemas
from schemas import (
    activity,
    actor,
    collection,
    event,
    fields,
    question,
    quote_authorization,
    statement,
    struggle_report,
)
from schemas.reading import Malformed
from tests.amounts import SOAKED, many

pytestmark = SOAKED

CLASSES = (
    activity.Activity, actor.Actor, collection.Collection, collection.CollectionPage, event.Event, question.Question,
    quote_authorization.QuoteAuthorization, statement.Statement, struggle_report.StruggleReport,
)  # fmt: skip
KEYS = sorted(
    {term.key for one in CLASSES for term in fields.describe(one)}
    | {"type", "href", "name", "url", "mediaType", "width", "height", "totalItems", "items", "first", "addressCountry", "@context"}
)  # fmt: skip
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**53), 2**53), st.floats(allow_nan=False, allow_infinity=False), st.text(max_size=12),
    st.sampled_from([
        "https://a.example/1", "https://a.example/2", "http://[::1]/", "https://a.example:99999/", "as:Public", "#tag", "<p>x</p>", "en",
        "2026-11-22T12:00:00Z", "2026-02-30T12:00:00Z", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", "2026", "2026-13",
        "P1D", "Europe/Berlin", "image/png", "", "\u202e", "0", "x" * 3000, *schemas.TYPES,
    ]),
)  # fmt: skip
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=6),
    max_leaves=15,
)
DOCUMENTS = st.builds(
    lambda usual, rest: usual | rest,
    st.fixed_dictionaries({
        "id": st.just("https://a.example/1"),
        "type": st.sampled_from([*schemas.TYPES, "Note", "Create", "Person", "Event", "Question", "OrderedCollectionPage"]),
        "actor": st.just("https://a.example/u"),
        "attributedTo": st.just("https://a.example/u"),
        "inbox": st.just("https://a.example/u/inbox"),
        "to": st.just(["https://www.w3.org/ns/activitystreams#Public"]),
        "content": st.just("<p>x</p>"),
    }),
    st.dictionaries(st.sampled_from(KEYS), ANYTHING, max_size=8),
)  # fmt: skip
USUAL = settings(
    max_examples=many(150), derandomize=True, deadline=None, database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip


@USUAL
@given(document=DOCUMENTS | ANYTHING)
def test_a_document_is_parsed_or_malformed(document: Any) -> None:
    try:
        value = schemas.parse(document)
    except Malformed:
        return
    if isinstance(value, schemas.Unknown):
        return
    written = schemas.serialise(value)
    assert schemas.serialise(schemas.parse(written)) == written


@pytest.mark.parametrize("parse", [activity.parse, activity.objects, actor.parse, collection.parse, statement.parse])
@settings(USUAL, max_examples=many(50))
@given(document=DOCUMENTS)
def test_whoever_reads_one_kind_reads_it_or_refuses(parse: Callable[[Any], object], document: Any) -> None:
    with contextlib.suppress(Malformed):
        parse(document)
