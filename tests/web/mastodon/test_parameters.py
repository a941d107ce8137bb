"""What apps send in all its shapes is understood, and what nobody can understand is refused and breaks nothing."""

from __future__ import annotations

import json
import warnings
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node import log
from node.errors import Invalid
from node.web.mastodon.parameters import Parameters, nested
from tests.nodes.served import ServedNode


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("a=1&b=", {"a": "1", "b": ""}),
        ("id=1", {"id": "1"}),
        ("id=1&id=2", {"id": ["1", "2"]}),
        ("id[]=1&id[]=2", {"id": ["1", "2"]}),
        ("id%5B%5D=1", {"id": ["1"]}),
        ("poll[options][]=yes&poll[options][]=no&poll[expires_in]=60",
         {"poll": {"options": ["yes", "no"], "expires_in": "60"}}),
        ("k[][a]=1&k[][b]=2&k[][a]=3", {"k": [{"a": "1", "b": "2"}, {"a": "3"}]}),
        ("k[0][a]=1&k[1][a]=2", {"k": {"0": {"a": "1"}, "1": {"a": "2"}}}),
        ("home[last_read_id]=7", {"home": {"last_read_id": "7"}}),
        ("a=1&a[b]=2", {"a": {"b": "2"}}),
        ("a[]=1&a=2", {"a": ["1", "2"]}),
        ("[]=1&=2&a]=3", {}),
    ],
)  # fmt: skip
def test_names_say_what_belongs_together(query: str, values: dict[str, Any]) -> None:
    assert nested(parse_qsl(query, keep_blank_values=True)) == values


def test_a_value_can_be_asked_for_in_the_shape_that_is_needed() -> None:
    found = Parameters(
        {
            "id": "1",
            "ids": ["1", 2],
            "k": {"1": {"a": "y"}, "0": {"a": "x"}},
            "yes": True,
            "no": "0",
            "n": 7,
            "none": None,
        }
    )
    assert (found.many("id"), found.many("ids"), found.many("none"), found.many("else")) == (["1"], ["1", "2"], [], [])
    assert [one["a"] for one in found.mappings("k")] == ["x", "y"]
    assert found.flag("yes") and not found.flag("no") and found.optional_flag("else") is None
    assert (found.number("n", 1, at_most=5), found.number("else", 1, at_most=5), found.text("n")) == (5, 1, "7")
    assert found.within("k").within("0").text("a") == "x" and found.within("else").values == {}
    for wrong in (
        lambda: found.number("yes", 1, at_most=5),
        lambda: found.flag("n"),
        lambda: found.mapping("id"),
        lambda: found.mappings("ids"),
        lambda: found.text("k"),
        lambda: Parameters({"a": "\x00"}).text("a"),
        lambda: Parameters({"a": "\ud800"}).text("a"),
        lambda: Parameters({"a": ["x"] * 20}).many("a", at_most=10),
    ):
        with pytest.raises(Invalid):
            wrong()


@given(st.lists(st.tuples(st.text(alphabet="ab[]0", max_size=12), st.text(max_size=3)), max_size=12))
def test_no_names_whatever_break_it(pairs: list[tuple[str, str]]) -> None:
    try:
        found = Parameters(nested(pairs))
    except Invalid:
        return
    for name in list(found.values):
        for ask in (found.text, found.many, found.mapping, found.mappings, found.optional_flag, found.optional_number):
            try:
                ask(name)  # type: ignore[operator]
            except Invalid:
                continue


BODIES = (
    ("application/json", b"{"),
    ("application/json", b"[]"),
    ("application/json", b'"text"'),
    ("application/json", b"\xff\xfe"),
    ("application/json", b'{"a": NaN}'),
    ("application/json", b"[" * 20_000),
    ("application/json", json.dumps({"client_name": ["x"], "redirect_uris": {"a": {}}, "grant_type": [[]]}).encode()),
    ("application/json", json.dumps({"client_name": "\x00", "redirect_uris": 7, "code": "\ud800"}).encode()),
    ("application/json", b'{"grant_type": "authorization_code", "code": {"a": 1}}'),
    ("application/x-www-form-urlencoded", b"%ff%fe=%ff&a=%00"),
    ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 5000)),
    ("application/x-www-form-urlencoded", b"a" + b"[b]" * 50 + b"=1"),
    ("multipart/form-data", b"--x"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n\xff\r\n--x--\r\n"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n"),
    ("multipart/form-data; boundary=x", b"--x\r\nnothing\r\n\r\n1"),
    ("multipart/form-data; boundary=x",
     b"--x\r\nContent-Disposition: form-data; name=\"f\"; filename=\"f\"\r\n\r\n1\r\n--x--\r\n"),
    ("multipart/form-data; boundary=x",
     b"--x\r\nContent-Type: multipart/mixed; boundary=y\r\n\r\n--y\r\n\r\n1\r\n--y--\r\n--x--\r\n"),
    ("text/plain; charset=nothing", b"grant_type=client_credentials"),
    ("application/x-www-form-urlencoded; charset=nothing", b"grant_type=client_credentials"),
)  # fmt: skip


@pytest.mark.one_database
async def test_nothing_that_is_sent_to_a_door_breaks_it(node: ServedNode) -> None:
    for path in ("/api/v1/apps", "/oauth/token", "/oauth/revoke", "/oauth/authorize", "/login", "/login/code", "/join"):
        for media_type, body in BODIES:
            async with node.http.post(node.origin + path, data=body, headers={"Content-Type": media_type}) as response:
                assert 400 <= response.status < 500 or response.url.path == "/login", (path, media_type, body[:60])
                if path.startswith("/api") or path in ("/oauth/token", "/oauth/revoke"):
                    told = await response.json()
                    assert isinstance(told["error"], str), (path, body[:60])
    queries = ("client_id=%00", "client_id=%ff", "redirect_uri=" + "x" * 5000, "state=%ED%A0%80", "lang=%00&client_id=x",
               "client_id[]=1", "force_login=maybe")  # fmt: skip
    for query in queries:
        async with node.http.get(f"{node.origin}/oauth/authorize?{query}") as response:
            assert 400 <= response.status < 500, query
    for header in ("Basic", "Basic %%%", "Basic /////w==", "Basic " + "x" * 4000, "Bearer", "Bearer \t"):
        async with node.http.post(f"{node.origin}/oauth/token", headers={"Authorization": header}) as response:
            assert 400 <= response.status < 500, header
        async with node.http.get(f"{node.origin}/api/v1/accounts/verify_credentials",
                                 headers={"Authorization": header}) as response:  # fmt: skip
            assert response.status == 401, header


async def test_what_is_wrong_in_a_form_is_repeated_nowhere(node: ServedNode) -> None:
    body = b"--x\r\nContent-Disposition: form-data; name=a b; SECRET-OF-ROSA\r\n\r\n1\r\n--x--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        log.repeat_nothing_sent()
        async with node.http.post(f"{node.origin}/api/v1/apps", data=body, headers=headers) as response:
            assert response.status == 422
    assert not [one for one in told if "ROSA" in str(one.message)]
