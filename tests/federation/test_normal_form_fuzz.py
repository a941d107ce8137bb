"""Any JSON at all is usual, unusual or Malformed: nothing else comes of looking at its names, or of expanding it."""

from __future__ import annotations

import contextlib
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from federation import json_ld
from federation.errors import Malformed
from federation.normal_form import ACTIVITYSTREAMS, is_usual
from tests.amounts import SOAKED, many

pytestmark = SOAKED

WORDS = st.sampled_from(
    ["@id", "@type", "@value", "@graph", "@context", "@list", "@set", "@language", "@reverse", "@nest", "@container",
     "@vocab", "@base", "@index", "@none", "@import", "@version", "@protected", "@propagate", "@prefix", "@direction",
     "as", "as:", "as:actor", "actor", "object", "type", "id", "content", "contentMap", "to", "items", "orderedItems",
     "x", "x:y", "x:as", "_:b0", ":", "", "en", "https://www.w3.org/ns/activitystreams", f"{ACTIVITYSTREAMS}actor",
     "https://a.example/1", "https://w3id.org/security/data-integrity/v1", "proof", "signature", "sec:proof"]
)  # fmt: skip
LEAVES = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.floats(allow_nan=False), WORDS, st.text(max_size=5))
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4), max_leaves=25
)
MEANINGS = VALUES | st.dictionaries(st.sampled_from(["@id", "@type", "@container", "@reverse", "@context"]), VALUES)
CONTEXTS = st.dictionaries(st.sampled_from(["x", "actor", "type", "as", "id", "content"]), MEANINGS, max_size=3)
PLAIN = st.dictionaries(WORDS, VALUES, max_size=6)
DOCUMENTS = PLAIN | st.builds(
    lambda document, context: {"@type": "x", "x": 1, "actor": "x"} | document | {"@context": context}, PLAIN, CONTEXTS
)


@settings(max_examples=many(100), deadline=None)
@example({"@context": {"x": {"@id": []}}, "x": 1})
@example({"@context": {"x": {"@id": {}}, "actor": {"@container": [[]]}}, "x": 1, "actor": 1})
@example({"@context": [[{}], 5, "", {"": ""}], "type": [{}, []], "": {"@context": {"x": {"@context": {"x": None}}}}})
@given(DOCUMENTS)
def test_looking_at_the_names_answers_or_refuses(document: dict[str, Any]) -> None:
    with contextlib.suppress(Malformed):
        assert is_usual(document) in (True, False)


@settings(max_examples=many(100), deadline=None)
@given(DOCUMENTS)
def test_expanding_answers_or_refuses(document: dict[str, Any]) -> None:
    """What it raises besides would end the process, which is started again: harmless, and slow."""
    try:
        found = json_ld.short(document)
    except ValueError:
        return
    assert found["@context"] == "https://www.w3.org/ns/activitystreams"
    assert not {"@graph", "@reverse", "@included"} & set(found)
