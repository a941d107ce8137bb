"""`loads` and the readers, as tables: what is taken, what is refused and how the refusal reads."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from schemas import reading
from schemas.reading import Malformed, loads

HOSTILE_JSON = {
    "empty": b"",
    "truncated": b'{"id": "https://a.example/1", "ty',
    "not JSON": b"<html></html>",
    "latin-1": '{"a": "é"}'.encode("latin-1"),
    "UTF-16": '{"a": "b"}'.encode("utf-16"),
    "UTF-8 surrogate": b'{"a": "\xed\xa0\x80"}',
    "overlong UTF-8": b'{"a": "\xc0\xaf"}',
    "byte order mark": b'\xef\xbb\xbf{"a": 1}',
    "a list": b"[]",
    "a string": b'"https://a.example/"',
    "a number": b"1",
    "null": b"null",
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": Infinity}',
    "minus Infinity": b'{"a": -Infinity}',
    "a float beyond floats": b'{"a": 1e400}',
    "2**53 + 1": b'{"a": 9007199254740993}',
    "a huge negative integer": b'{"a": -99999999999999999999}',
    "an integer of 100,000 digits": b'{"a": ' + b"9" * 100_000 + b"}",
    "a key twice": b'{"id": "https://a.example/1", "id": "https://b.example/1"}',
    "a key twice, once escaped": b'{"id": 1, "\\u0069d": 2}',
    "a key twice, deep": b'{"a": [{"b": {"c": 1, "c": 1}}]}',
    "nested 65 deep": b'{"a":' * 65 + b"1" + b"}" * 65,
    "lists nested 65 deep": b'{"a":' + b"[" * 65 + b"]" * 65 + b"}",
    "nested 100,000 deep": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "lists nested 100,000 deep": b"[" * 100_000,
    "a hundred thousand objects": b'{"a": [' + b"{}," * 99_999 + b"{}]}",
    "a hundred thousand lists": b'{"a": [' + b"[]," * 99_999 + b"[]]}",
    "escaped NUL": b'{"a": "b\\u0000c"}',
    "NUL in a key": b'{"a\\u0000": 1}',
    "raw NUL": b'{"a": "b\x00c"}',
    "raw line feed in a string": b'{"a": "b\nc"}',
    "lone high surrogate": b'{"a": ["\\ud83d"]}',
    "lone low surrogate": b'{"a": {"b": "\\uDC00x"}}',
    "surrogate in a key": b'{"\\ud83d": 1}',
    "surrogates the wrong way round": b'{"a": "\\udc00\\ud83d"}',
    "trailing garbage": b'{"a": 1} {"b": 2}',
    "single quotes": b"{'a': 1}",
    "a comment": b'{"a": 1} // hello',
}


@pytest.mark.parametrize("raw", HOSTILE_JSON.values(), ids=HOSTILE_JSON)
def test_hostile_bytes_are_malformed_and_nothing_else(raw: bytes) -> None:
    with pytest.raises(Malformed):
        loads(raw)


def test_a_surrogate_at_the_deepest_allowed_level_is_found() -> None:
    loads(b'{"a":' * 64 + b"1" + b"}" * 64)
    with pytest.raises(Malformed, match="surrogate"):
        loads(b'{"a":' * 64 + b'"\\ud800"' + b"}" * 64)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        (b'{"a": 9007199254740992}', 2**53),
        (b'{"a": -9007199254740992}', -(2**53)),
        (b'{"a": "\\ud83d\\ude8b"}', "🚋"),
        (b'{"a": "\\\\u0000"}', "\\u0000"),
        (b'{"a": "\\\\ud800"}', "\\ud800"),
        (b'{"a": "[[[{{{"}', "[[[{{{"),
        (b'{"a": 1.5}', 1.5),
        ('{"a": "مرحبا"}'.encode(), "مرحبا"),
        (b' \r\n\t{"a": null} ', None),
    ],
)
def test_unusual_but_correct_json_is_read(raw: bytes, value: object) -> None:
    assert loads(raw) == {"a": value}


def test_wide_is_not_deep() -> None:
    assert len(loads(b'{"a": [' + b"[]," * 19_000 + b"[]]}")["a"]) == 19_001


IRIS = [
    "https://a.example",
    "https://a.example/",
    "http://127.0.0.1:8001/groups/x",
    "https://[2001:db8::1]:8443/actor",
    "https://blog.example/?author=1",
    "https://blog.example?author=1",
    "https://a.example/users/x#main-key",
    "https://a.example/@name/posts/1;v=2",
    "https://a.example/straße/日本",
    "https://xn--bcher-kva.example/",
    "https://a_b.example./x",
    "https://a.example/" + "x" * 2030,
]
NOT_IRIS: list[Any] = [
    "", "a", "/groups/x", "//a.example/x", "a.example", "ftp://a.example/", "javascript:alert(1)", "data:text/html,x",
    "file:///etc/passwd", "urn:uuid:0", "acct:a@b.example", "did:key:z6Mk", "https://", "https:///path", "https://:80/",
    "https:a.example", "https:/a.example/", "https://user@a.example/", "https://user:pw@a.example/",
    "https://a.example\\@b.example/", "https://a.example:99999/", "https://a.example:/", "https://a.example:x/",
    "https://a.example/a b", " https://a.example/", "https://a.example/\n", "https://a.exa\nmple/",
    "https://a.example/\x00", "https://a.example/\x7f", "https://a.example/\u202egpj.exe", "https://a.example/\u200b",
    "https://a.example/\ufeff", "https://a.example/\ud800", "https://bücher.example/", "https://a．example/",
    "https://%61.example/", "https://a.example/<script>", 'https://a.example/"x', "https://[::1", "https://.example/",
    "https://-/", "https://a.example/" + "x" * 2031, None, 1, True, [], {}, ["https://a.example/"], b"https://a.example/",
]  # fmt: skip


@pytest.mark.parametrize("value", IRIS)
def test_an_iri_is_taken_as_it_is(value: str) -> None:
    assert reading.iri(value) == value


@pytest.mark.parametrize("value", NOT_IRIS, ids=repr)
def test_what_is_no_safe_http_iri_is_malformed(value: object) -> None:
    with pytest.raises(Malformed):
        reading.iri(value, "id")


MOMENTS = {
    "2026-11-22T10:00:00Z": datetime(2026, 11, 22, 10, tzinfo=UTC),
    "2026-11-22T10:00:00.5Z": datetime(2026, 11, 22, 10, 0, 0, 500_000, tzinfo=UTC),
    "2026-11-22T10:00:00.123456789Z": datetime(2026, 11, 22, 10, 0, 0, 123_456, tzinfo=UTC),
    "2026-11-22T10:00Z": datetime(2026, 11, 22, 10, tzinfo=UTC),
    "2026-11-22T10:00:00": datetime(2026, 11, 22, 10, tzinfo=UTC),
    "2026-11-22t10:00:00z": datetime(2026, 11, 22, 10, tzinfo=UTC),
    "2026-11-22 10:00:00 +0000": datetime(2026, 11, 22, 10, tzinfo=UTC),
    "2026-11-22T10:00:00+05:30": datetime(2026, 11, 22, 4, 30, tzinfo=UTC),
    "2026-11-22T10:00:00-0800": datetime(2026, 11, 22, 18, tzinfo=UTC),
    "2016-12-31T23:59:60Z": datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC),
    "0001-01-01T00:00:00Z": datetime(1, 1, 1, tzinfo=UTC),
    "9999-12-31T23:59:59Z": datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC),
}
NOT_MOMENTS: list[Any] = [
    "", "now", "2026", "2026-11-22", "22.11.2026", "2026-11-22T25:00:00Z", "2026-02-30T10:00:00Z",
    "2026-13-01T10:00:00Z", "0000-01-01T00:00:00Z", "-0001-01-01T00:00:00Z", "10000-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "2026-11-22T10:00:00+99:00", "2026-11-22T10:00:00Z\n",
    "2026-11-22T10:00:00Zjunk", "٢٠٢٦-11-22T10:00:00Z", "20261122T100000Z", 0, 1.5, True, None, [], {},
]  # fmt: skip


@pytest.mark.parametrize(("text", "moment"), MOMENTS.items())
def test_a_moment_is_read_as_utc(text: str, moment: datetime) -> None:
    found = reading.moment(text)
    assert found == moment and found.tzinfo is UTC


@pytest.mark.parametrize("value", NOT_MOMENTS, ids=repr)
def test_what_is_no_moment_is_malformed(value: object) -> None:
    with pytest.raises(Malformed):
        reading.moment(value, "published")


@pytest.mark.parametrize(
    ("read", "value", "found"),
    [
        (reading.text, "", ""),
        (reading.label, " x ", " x "),
        (reading.integer, 3.0, 3),
        (reading.count, 0, 0),
        (reading.number, 0.5, 0.5),
        (reading.boolean, False, False),
        (reading.day, "2024-02-29", date(2024, 2, 29)),
        (reading.language, "pt-BR", "pt-BR"),
        (reading.language_map, {"en": "a", "ar": "ب"}, {"en": "a", "ar": "ب"}),
        (reading.type_name, ["Note"], "Note"),
        (reading.reference, {"id": "https://a.example/1", "type": "Note"}, "https://a.example/1"),
        (reading.iris, "https://a.example/1", ("https://a.example/1",)),
        (reading.iris, None, ()),
        (reading.iris, ["https://a.example/1", {"id": "https://a.example/2"}],
         ("https://a.example/1", "https://a.example/2")),
        (reading.one_or_many, {"a": 1}, [{"a": 1}]),
        (reading.uri, "urn:uuid:e6d8b737#", "urn:uuid:e6d8b737#"),
    ],
)  # fmt: skip
def test_a_usable_value_is_read(read: Any, value: object, found: object) -> None:
    assert read(value, "field") == found


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (reading.text, None), (reading.text, 1), (reading.text, ["a"]), (reading.text, "a\x00"),
        (reading.text, "\ud800"), (reading.label, " \n"), (reading.label, ""), (reading.integer, True),
        (reading.integer, 1.5), (reading.integer, "1"), (reading.integer, 2**53 + 1), (reading.integer, float("inf")),
        (reading.count, -1), (reading.number, float("nan")), (reading.number, float("-inf")), (reading.number, True),
        (reading.number, "1"), (reading.number, 1e300), (reading.number, 10**400), (reading.boolean, 0),
        (reading.boolean, "false"), (reading.boolean, None), (reading.day, "2023-02-29"),
        (reading.day, "2026-11-22T00:00:00Z"), (reading.day, 20261122), (reading.language, "en_GB"),
        (reading.language, ""), (reading.language, "<b>"), (reading.language_map, {"en": None}),
        (reading.language_map, {"en": ["a"]}), (reading.language_map, {"": "a"}), (reading.language_map, {1: "a"}),
        (reading.language_map, ["en"]), (reading.type_name, ["Note", "Article"]), (reading.type_name, []),
        (reading.type_name, {}), (reading.type_name, None), (reading.type_name, [["Note"]]), (reading.reference, {}),
        (reading.reference, {"id": None}), (reading.reference, {"id": {"id": "https://a.example/"}}),
        (reading.iris, [None]), (reading.iris, [["https://a.example/"]]), (reading.one_or_many, [1] * 10_001),
        (reading.uri, "no scheme"), (reading.uri, "urn:a b"), (reading.uri, None),
    ],
)  # fmt: skip
def test_an_unusable_value_is_malformed_and_named(read: Any, value: object) -> None:
    with pytest.raises(Malformed) as refusal:
        read(value, "field")
    assert refusal.value.path.startswith("field") and str(refusal.value).startswith("field")


def test_a_refusal_says_where_and_why_in_one_line() -> None:
    refusal = Malformed("name", "is missing").under("[0]").under("addressee")
    assert str(refusal) == "addressee[0].name: is missing"
    assert str(Malformed("", "must be a JSON object")) == "must be a JSON object"


def test_apps_write_ids_of_64_bits_as_numbers() -> None:
    assert reading.loads_with_ids(b'{"a": 9223372036854775807}') == {"a": 2**63 - 1}
    for wrong in (b'{"a": 9223372036854775808}', b'{"a": 1' + b"0" * 400 + b"}", b'{"a": NaN}', b'{"a": 1, "a": 2}'):
        with pytest.raises(Malformed):
            reading.loads_with_ids(wrong)
