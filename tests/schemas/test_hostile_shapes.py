"""Whatever JSON a stranger sends, the answer is a value, Unknown or Malformed."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import schemas
from schemas import activity, codes, fields, reading, struggle_report
from schemas.attached import Attachment, Picture, ProfileField, Tag
from schemas.context import PUBLIC
from schemas.reading import Malformed
from tests.amounts import SOAKED, many

pytestmark = SOAKED

TYPE_NAMES = sorted(
    {*activity.TYPES, "Note", "Article", "Question", "Video", "Person", "Organization", "Application", "Collection"}
    | {"OrderedCollection", "OrderedCollectionPage", "CollectionPage", "Tombstone", "Link", "constructor", ""}
)


def _keys() -> list[str]:
    found = {"@context", "@graph", "@id", "@type", "moreObjects", "items", "id", "type", "href", "sharedInbox"}
    todo: list[Any] = [fields.object_schema(cls) for cls in schemas.TYPES]
    while todo:
        schema = todo.pop()
        for key, value in schema.items():
            if key == "properties":
                found.update(value)
            if isinstance(value, dict):
                todo.append(value)
    return sorted(found)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(alphabet=st.characters(), max_size=8)
    | st.sampled_from([
        "https://a.example/1", PUBLIC, "as:Public", "2026-11-22", "1984", "2026-11-22T10:00:00Z", "en", "Multikey",
        "\ud800", "\x00", "imported", "Place", "Z" * 3000, "https://a.example/\u202e", "text/html",
    ])
    | st.sampled_from(TYPE_NAMES),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_keys()) | st.text(), inner, max_size=6)
    ),
    max_leaves=24,
)  # fmt: skip
EXAMPLES = Path(schemas.__file__).parent / "examples"
VALID = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(EXAMPLES.glob("*.json"))]


@settings(
    max_examples=many(100), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(st.dictionaries(st.sampled_from(_keys()), JSON, max_size=12), st.sampled_from(TYPE_NAMES))
def test_any_object_gives_a_value_or_malformed(document: dict[str, Any], name: str) -> None:
    _reads_or_refuses({**document, "type": name})


@settings(
    max_examples=many(100), deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)
@given(st.sampled_from(VALID), st.data())
def test_a_valid_document_with_one_field_replaced_gives_a_value_or_malformed(
    valid: dict[str, Any], data: st.DataObject
) -> None:
    key = data.draw(st.sampled_from(sorted(valid)))
    _reads_or_refuses({**valid, key: data.draw(JSON)})


@settings(max_examples=many(100), deadline=None)
@given(st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode("utf-8", "surrogatepass")))
def test_any_bytes_give_an_object_or_malformed(raw: bytes) -> None:
    with contextlib.suppress(Malformed):
        assert isinstance(reading.loads(raw), dict)


def _reads_or_refuses(document: object) -> None:
    for read in (schemas.parse, *[_reader(cls) for cls in schemas.TYPES]):
        try:
            value = read(document)
        except Malformed as refusal:
            assert str(refusal) and "\n" not in str(refusal)
            continue
        if isinstance(value, schemas.Activity):
            assert value.object_id is None or reading.iri(value.object_id)
            assert value.object_type is None or isinstance(value.object_type, str)
        if isinstance(value, schemas.Statement):
            assert value.language is None or value.language in {
                *value.content_map, *value.name_map, *value.summary_map
            }  # fmt: skip
        _written_again(value)


def _reader(cls: type) -> Any:
    return activity.parse if cls is schemas.Activity else lambda document: fields.parse(cls, document)


def _written_again(value: Any) -> None:
    """What we read we can write and read again, unless a peer used a code that is not ours."""
    if isinstance(value, schemas.Unknown):
        return
    try:
        written = schemas.serialise(value)
    except Malformed as refusal:
        assert "is not one of" in refusal.why
        return
    # An embedded object stays as it came, and NaN comes past `loads` in this test alone.
    embeds = isinstance(value, schemas.Activity | schemas.Collection | schemas.CollectionPage)
    json.dumps(written, allow_nan=embeds)
    assert _reader(type(value))(written) == value


DEPTHS: list[Any] = [{}, [], None, 0, "", [[]], [{}], {"id": None}, {"id": []}, {"type": {}}, True, 1e300]


@pytest.mark.parametrize("valid", VALID, ids=lambda document: document["type"])
def test_every_field_of_every_example_can_be_missing_null_or_of_another_shape(valid: dict[str, Any]) -> None:
    for key in valid:
        _reads_or_refuses({name: value for name, value in valid.items() if name != key})
        for wrong in DEPTHS:
            _reads_or_refuses({**valid, key: wrong})


@pytest.mark.parametrize("document", [None, [], "x", 1, True, [{"type": "Note"}], {}, {"type": None}, {"id": 1}])
def test_what_is_no_typed_object_is_malformed(document: object) -> None:
    with pytest.raises(Malformed):
        schemas.parse(document)


@pytest.mark.parametrize("name", ["Relationship", "Invented", "Link", "__class__"])
def test_a_type_we_do_not_read_is_unknown_and_kept(name: str) -> None:
    document = {"type": name, "id": "https://a.example/1", "x": [1]}
    assert schemas.parse(document) == schemas.Unknown(name, "https://a.example/1", document)


def _note(**changes: object) -> dict[str, Any]:
    return {"id": "https://a.example/1", "type": "Note", "attributedTo": "https://a.example/u", **changes}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", None), ("id", ""), ("id", "bear:?x"), ("id", ["https://a.example/1"]), ("id", {"id": "https://a.example"}),
        ("attributedTo", None), ("attributedTo", []), ("attributedTo", ["https://a.example/u", "https://b.example/u"]),
        ("attributedTo", [{"id": "https://a.example/u", "type": "Person"}, {"id": "https://a.example/c"}]),
        ("attributedTo", {"type": "Person"}), ("content", 5), ("content", ["<p>"]), ("published", "yesterday"),
        ("published", 1_700_000_000), ("to", 5), ("to", True), ("type", ["Note", "Article"]), ("salt", 5),
        ("imports", "not an IRI"), ("adoptedAt", "2026"), ("summary", False), ("name", {"en": 5}),
    ],
)  # fmt: skip
def test_a_statement_whose_substance_is_unreadable_is_malformed(key: str, value: object) -> None:
    with pytest.raises(Malformed) as refusal:
        schemas.parse(_note(**{key: value}))
    assert refusal.value.path.startswith(key)


@pytest.mark.parametrize(
    "key", ["tag", "attachment", "replies", "likes", "shares", "url", "quote", "interactionPolicy", "context", "source"]
)
@pytest.mark.parametrize("value", [5, True, [5, None, {}], {"id": 5}, "nonsense", {"canQuote": []}], ids=repr)
def test_unreadable_decoration_counts_as_absent(key: str, value: object) -> None:
    assert schemas.parse(_note(**{key: value})) == schemas.parse(_note())


def test_of_many_tags_the_readable_ones_stay() -> None:
    found = schemas.parse(_note(tag=[5, {"type": "Hashtag", "name": "#a"}, {"name": "no type"}, None]))
    assert isinstance(found, schemas.Statement)
    assert found.tags == (Tag(type="Hashtag", name="#a"),)


def test_an_unreadable_recipient_addresses_nobody_and_the_others_stay() -> None:
    found = schemas.parse(_note(to=["as:Public", 5, "acct:a@b.example", "https://a.example/f", "Public"], cc=[]))
    assert isinstance(found, schemas.Statement)
    assert (found.to, found.cc) == ((PUBLIC, "https://a.example/f"), ())


def test_a_million_recipients_are_malformed() -> None:
    with pytest.raises(Malformed, match="more than 10000"):
        schemas.parse(_note(to=["https://a.example/f"] * 1_000_000))


def _follow(**changes: object) -> dict[str, Any]:
    return {"id": "https://a.example/f", "type": "Follow", "actor": "https://a.example/u", **changes}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("id", None), ("id", ""), ("id", 5), ("actor", None), ("actor", []), ("actor", ["https://a.example/u"]),
        ("actor", ["https://a.example/u", "https://b.example/u"]), ("actor", {"type": "Person"}), ("actor", "u"),
        ("type", ["Follow", "Create"]), ("object", ["https://a.example/1", "https://a.example/2"]), ("object", 5),
        ("object", {}), ("object", "not an IRI"), ("to", 7),
    ],
)  # fmt: skip
def test_an_activity_that_leaves_doubt_is_malformed(key: str, value: object) -> None:
    with pytest.raises(Malformed) as refusal:
        activity.parse(_follow(**{key: value}))
    assert refusal.value.path == key or refusal.value.path.startswith(f"{key}.")


@pytest.mark.parametrize("name", [*activity.TYPES, "EmojiReact", "Invented"])
def test_every_activity_type_is_read(name: str) -> None:
    assert activity.parse(_follow(type=[name], actor={"id": "https://a.example/u"})).type == name


def test_ids_and_types_of_odd_embedded_objects_are_none() -> None:
    for embedded in ({"x": 1}, {"id": 5, "type": 5}, {"id": "x", "type": ["A", "B"]}):
        found = activity.parse(_follow(object=embedded))
        assert (found.object_id, found.object_type) == (None, None)


def test_only_a_flag_may_have_several_objects_and_none_is_lost() -> None:
    document = _follow(type="Flag", object=["https://a.example/1", {"id": "https://a.example/2"}])
    assert activity.parse(document).object == "https://a.example/1"
    assert activity.objects(document) == ("https://a.example/1", {"id": "https://a.example/2"})


def _report(**changes: object) -> dict[str, Any]:
    said = {"struggle": "https://a.example/s", "actionKind": "strike", "field": "work"}
    return _note(**said) | changes


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("struggle", "s"), ("struggle", 5), ("actionKind", 5), ("actionKind", ""), ("began", "May 1984"),
        ("began", "1984-13"), ("began", "1984-02-30"), ("began", 1984), ("addressee", "Ministry"),
        ("addressee", [{"partyKind": "employer"}]), ("measures", [{"measure": "arrests", "value": -1}]),
        ("measures", [{"measure": "arrests", "value": "many"}]), ("measures", [{"measure": "arrests"}]),
        ("demands", [{}]), ("location", "Leeds"), ("location", {"country": "gb"}), ("location", {"latitude": 91}),
        ("location", {"latitude": 51}), ("location", {"radius": -5}), ("sector", "H"),
        ("sources", [{"retrieved": "x"}]), ("who", [5]),
    ],
)  # fmt: skip
def test_a_report_whose_facts_are_unreadable_is_malformed(key: str, value: object) -> None:
    with pytest.raises(Malformed) as refusal:
        struggle_report.parse(_report(**{key: value}))
    assert refusal.value.path.startswith(key)


def test_of_another_s_report_the_facts_that_break_a_rule_are_left_out_and_named() -> None:
    document = _report(
        who=["workers", 5], began="2026-05-02", ended="2026-05-01", sector={"scheme": "isic4", "code": "H"},
        measures=[{"measure": "arrests", "value": -1}], outcome="triumph", demands=[{"name": "a", "demandStatus": "x"}],
    )  # fmt: skip
    found = schemas.parse(document)
    assert isinstance(found, schemas.StruggleReport)
    assert (found.who, found.ended, found.measures) == ((), None, ())
    assert found.sector is not None and found.outcome == "triumph"
    broken = {str(flaw) for flaw in struggle_report.flaws(document)}
    assert len(broken) == 5
    assert "ended: 2026-05-01 is before it began, 2026-05-02" in broken
    assert "measures[0].value: must be at least 0" in broken
    assert any(flaw.startswith("demands[0].demandStatus: 'x' is not one of") for flaw in broken)
    assert struggle_report.flaws(_report(who=["workers"], outcome="won")) == ()


@pytest.mark.parametrize("mark", [{"struggle": "s"}, {"struggle": 5}, {"actionKind": 5}, {"actionKind": " "}], ids=repr)
def test_what_cannot_say_on_which_struggle_it_reports_is_a_statement(mark: dict[str, object]) -> None:
    assert type(schemas.parse(_report(**mark))) is schemas.Statement


def test_a_report_that_is_no_statement_is_malformed() -> None:
    for wrong in ({"attributedTo": []}, {"content": 5}, {"id": "x"}):
        with pytest.raises(Malformed):
            schemas.parse(_report(**wrong, measures=[5]))


@pytest.mark.parametrize(
    ("began", "ended", "possible"),
    [
        ("1984-03-12", "1984-03-12", True), ("1984-03-12", "1984-03", True), ("1984-03-12", "1984", True),
        ("1984", "1984-01-01", True), ("1984-03-12", "1984-03-11", False), ("1984-03", "1984-02", False),
        ("1985", "1984", False), ("1984-03-12", "1984-02", False),
    ],
)  # fmt: skip
def test_an_action_cannot_end_before_it_began(began: str, ended: str, possible: bool) -> None:
    if possible:
        struggle_report.parse(_report(began=began, ended=ended))
    else:
        with pytest.raises(Malformed, match=r"^ended: "):
            struggle_report.parse(_report(began=began, ended=ended))


def test_a_code_we_do_not_know_is_kept_when_read_and_refused_when_written() -> None:
    found = struggle_report.parse(_report(actionKind="siren-strike", who=["bards"]))
    assert (found.action_kind, found.who) == ("siren-strike", ("bards",))
    assert not codes.known(codes.ACTION_KINDS, found.action_kind) and codes.known(codes.ACTION_KINDS, "strike")
    with pytest.raises(Malformed, match=r"^who\[0\]: 'bards' is not one of"):
        schemas.serialise(dataclasses.replace(found, action_kind="strike"))
    schemas.serialise(dataclasses.replace(found, action_kind="strike", who=("workers",)))


@pytest.mark.parametrize("missing", ["struggle", "actionKind"])
def test_without_both_marks_it_is_a_statement(missing: str) -> None:
    found = schemas.parse({key: value for key, value in _report().items() if key != missing})
    assert type(found) is schemas.Statement
    assert type(schemas.parse(_report(type=["Note"]))) is schemas.StruggleReport
    assert type(schemas.parse(_report(type="Question"))) is schemas.Question


@pytest.mark.parametrize(
    "value",
    [
        schemas.Statement(id="nonsense", attributed_to="https://a.example/u"),
        schemas.Statement(id="https://a.example/1", attributed_to="https://a.example/u", content="\ud800"),
        schemas.Statement(id="https://a.example/1", attributed_to="https://a.example/u", to=("everybody",)),
        schemas.Statement(id="https://a.example/1", attributed_to="https://a.example/u", type="Poem"),
        schemas.Statement(id="https://a.example/1", attributed_to="https://a.example/u", name_map={"": "x"}),
    ],
    ids=["id", "surrogate", "recipient", "type", "language"],
)
def test_what_no_peer_could_read_is_refused_when_written(value: schemas.Statement) -> None:
    with pytest.raises(Malformed):
        schemas.serialise(value)


def test_small_values_are_frozen_and_without_further_attributes() -> None:
    for value in (Picture(url="https://a.example/i"), Attachment(url="https://a.example/i"),
                  ProfileField(name="a", value="b")):  # fmt: skip
        with pytest.raises(dataclasses.FrozenInstanceError):
            value.type = "x"  # type: ignore[misc]
        assert not hasattr(value, "__dict__")
