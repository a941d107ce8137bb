"""The canonical form is that of RFC 8785, whatever is remembered of it."""

from __future__ import annotations

import json
from typing import Any

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

import schemas
from federation.errors import Malformed
from federation.signatures import canonical as module
from federation.signatures.canonical import canonical
from tests.schemas.test_examples import EXAMPLES

NAMES = st.sampled_from(["@context", "proof", "object", "a", "b", "ä", "€", "😀", "\ufb33", "\r", "1", ""])
SCALARS = (
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    SCALARS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=300, deadline=None)
@given(st.dictionaries(NAMES, VALUES, max_size=5))
def test_it_is_what_the_library_writes(document: dict[str, Any]) -> None:
    try:
        expected = rfc8785.dumps(document)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError):
        with pytest.raises(Malformed):
            canonical(document)
        return
    assert canonical(document) == canonical(document) == expected


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_so_it_is_of_every_example_also_as_it_comes_from_elsewhere(path: Any) -> None:
    document = json.loads(path.read_text(encoding="utf-8"))
    assert canonical(document) == rfc8785.dumps(document)
    assert canonical(schemas.serialise(schemas.parse(document))) == canonical(document)


@pytest.mark.parametrize("value", [2**53, float("nan"), float("inf"), "\ud800", [[2**60]]])
def test_what_has_no_canonical_form_has_none_in_a_context_either(value: Any) -> None:
    for document in ({"@context": value}, {"a": value}, {"object": {"@context": [value]}}):
        for _ in range(2):
            with pytest.raises(Malformed):
                canonical(document)


def test_long_contexts_of_strangers_are_not_remembered() -> None:
    before = module._context.cache_info().currsize
    document = {"@context": {f"term{number}": "https://a.example/ns#" for number in range(2000)}}
    assert canonical(document) == rfc8785.dumps(document)
    assert module._context.cache_info().currsize == before
