"""The examples are documentation, fixture and promise at once: they are read, written, described and expanded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
from pyld import jsonld
from pyld.documentloader.frozen import BUNDLED_CONTEXTS, FrozenDocumentLoader

import schemas
from schemas import Activity, Statement, StruggleReport, codes, fields
from schemas.context import (
    ACTIVITY_CONTEXT,
    ACTOR_CONTEXT,
    COLLECTION_CONTEXT,
    NS,
    OBJECT_CONTEXT,
    REPORT_CONTEXT,
    bundled,
    iri_of,
)
from schemas.reading import loads

EXAMPLES = sorted((Path(schemas.__file__).parent / "examples").glob("*.json"))
WE_CARRY = ("https://w3id.org/security/data-integrity/v1", "https://w3id.org/security/multikey/v1")


def read(path: Path) -> dict[str, Any]:
    return loads(path.read_bytes())


each_example = pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)


@each_example
def test_an_example_is_written_as_it_was_read(path: Path) -> None:
    value = schemas.parse(read(path))
    assert not isinstance(value, schemas.Unknown)
    assert schemas.serialise(value) == read(path)


@each_example
def test_an_example_keeps_to_its_schema(path: Path) -> None:
    schema = fields.json_schema(type(schemas.parse(read(path))))
    jsonschema.Draft202012Validator.check_schema(schema)
    document = {key: value for key, value in read(path).items() if key != "@context"}
    # An unordered collection has its items under another key.
    assert set(document) - {"items"} <= set(schema["properties"])
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(document)


@pytest.mark.parametrize("cls", schemas.TYPES)
def test_every_type_has_an_example(cls: type) -> None:
    assert any(type(schemas.parse(read(path))) is cls for path in EXAMPLES)


def test_every_term_of_a_report_is_in_an_example() -> None:
    report = next(read(path) for path in EXAMPLES if path.stem == "struggle_report")
    ours = {term.key for term in fields.describe(StruggleReport)} - {term.key for term in fields.describe(Statement)}
    assert ours - set(report) == {"ended", "allegedBy", "reportStatusReason"}


@pytest.mark.parametrize("cls", schemas.TYPES)
def test_the_schema_refuses_what_lacks_a_required_field(cls: type) -> None:
    path = next(path for path in EXAMPLES if type(schemas.parse(read(path))) is cls)
    schema = fields.json_schema(cls)
    assert schema["required"]
    for key in schema["required"]:
        document = {name: value for name, value in read(path).items() if name != key}
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(document, schema)
        with pytest.raises(schemas.Malformed):
            fields.parse(cls, document)


@pytest.mark.parametrize("cls", schemas.TYPES)
def test_every_term_is_described(cls: type) -> None:
    terms = fields.describe(cls)
    assert [term.key for term in terms[:2]] == ["id", "type"]
    assert all(term.doc.endswith(".") and term.kind for term in terms)


def test_a_term_of_ours_has_an_iri_under_our_namespace() -> None:
    found = {term.key: term.iri for term in fields.describe(StruggleReport)}
    assert found["actionKind"] == f"{NS}actionKind" and found["salt"] == f"{NS}salt"
    assert found["quote"] == "https://w3id.org/fep/044f#quote" and found["content"] is None
    assert iri_of("sensitive") == "https://www.w3.org/ns/activitystreams#sensitive" and iri_of("cw") == NS


def test_every_code_has_a_meaning() -> None:
    lists = [found for name, found in vars(codes).items() if name.isupper() and name != "MEASURE_UNITS"]
    assert len(lists) >= 15
    assert all(meaning.endswith(".") for found in lists for meaning in found.values())


# ---- JSON-LD: PyLD reads the same documents, from bundled contexts alone


def loader() -> FrozenDocumentLoader:
    ours: dict[str, Any] = {url: bundled(url) for url in WE_CARRY}
    return FrozenDocumentLoader({**BUNDLED_CONTEXTS, **ours})


def properties(expanded: object) -> set[str]:
    if isinstance(expanded, list):
        return set().union(*map(properties, expanded))
    if isinstance(expanded, dict):
        return set(expanded).union(*map(properties, expanded.values()))
    return set()


def keys(document: object) -> set[str]:
    if isinstance(document, list):
        return set().union(*map(keys, document))
    if isinstance(document, dict):
        maps = ("nameMap", "contentMap", "summaryMap", "@context")
        return set(document).union(*(keys(value) for key, value in document.items() if key not in maps))
    return set()


def our_terms(document: dict[str, Any]) -> dict[str, Any]:
    """The terms that a document, and the object inside it, define in their contexts."""
    embedded = document.get("object")
    below = our_terms(embedded) if isinstance(embedded, dict) and "@context" in embedded else {}
    return {key: term for one in document["@context"] if isinstance(one, dict) for key, term in one.items()} | below


@each_example
def test_json_ld_drops_no_property_and_puts_ours_under_our_namespace(path: Path) -> None:
    document = read(path)
    found = properties(jsonld.expand(document, {"documentLoader": loader()}))
    assert not [name for name in found if name.startswith("_:") or (":" not in name and not name.startswith("@"))]
    terms = our_terms(document)
    used = {key for key in keys(document) & set(terms) if "cw:" in str(terms[key])}
    if terms.get("@vocab") == NS:
        used |= {key for key in keys(document) - set(terms) if (iri_of(key) or "").startswith(NS)}
    assert {f"{NS}{key}" for key in used} == {name for name in found if name.startswith(NS)}


PROOF = {
    "type": "DataIntegrityProof",
    "cryptosuite": "eddsa-jcs-2022",
    "created": "2026-11-03T18:30:00Z",
    "verificationMethod": "https://tram.example/groups/depot-north#ed25519-key",
    "proofPurpose": "assertionMethod",
    "proofValue": "z2wrong",
}


@each_example
def test_json_ld_reads_an_example_that_carries_proofs(path: Path) -> None:
    document = {**read(path), "proof": {**PROOF, "@context": read(path)["@context"]}}
    if isinstance(document.get("object"), dict):
        document["object"] = {**document["object"], "proof": {**PROOF, "@context": REPORT_CONTEXT}}
    found = properties(jsonld.expand(document, {"documentLoader": loader()}))
    assert {"https://w3id.org/security#proof", "https://w3id.org/security#proofValue"} <= found


def test_an_embedded_object_keeps_its_own_context() -> None:
    create = schemas.parse(read(next(path for path in EXAMPLES if path.stem == "activity_create")))
    assert isinstance(create, Activity) and isinstance(create.object, dict)
    assert create.object["@context"] == REPORT_CONTEXT
    assert schemas.serialise(create)["@context"] == ACTIVITY_CONTEXT


def test_only_well_known_contexts_are_named_and_each_is_bundled() -> None:
    named = {url for context in (ACTOR_CONTEXT, OBJECT_CONTEXT, COLLECTION_CONTEXT) for url in context[:-1]}
    assert named <= {*BUNDLED_CONTEXTS, *WE_CARRY}
    assert all(isinstance(context[-1], dict) for context in (ACTOR_CONTEXT, OBJECT_CONTEXT, COLLECTION_CONTEXT))
    assert bundled("https://w3id.org/security/v1") is None and bundled("https://evil.example/") is None


def test_the_namespace_is_fixed_for_ever() -> None:
    assert NS == "urn:uuid:e6d8b737-8e85-4ab6-82de-c21e7ae3160c#"
    assert json.loads(json.dumps(OBJECT_CONTEXT))[-1]["cw"] == NS
