"""What looks like a group that is known already is found, and what does not is let be."""

from __future__ import annotations

import pytest

from node.peering import likeness
from node.peering.likeness import Kind, Known

UNION = Known("https://union.example/groups/union", "Transport Workers' Union", "union.example")


@pytest.mark.parametrize(
    "name",
    [
        "Transport Workers' Union",
        "transport workers union",
        "Тrаnsроrt Wоrkеrs Uniоn",  # Cyrillic letters among the Latin ones
        "Transport\u200b Workers\u2019 Uníon",
        "Transpоrt W0rkers Uni0n",
        "Transport VVorkers Union",
        "Trnasport Workers' Union",
        "Transport Worker Union",
        "ＴＲＡＮＳＰＯＲＴ ＷＯＲＫＥＲＳ ＵＮＩＯＮ",
    ],
)
def test_a_name_that_is_drawn_like_a_known_one_is_alike(name: str) -> None:
    assert likeness.names_alike(name, UNION.name)


@pytest.mark.parametrize("name", ["", "!!!", "Dock Workers' Union", "Transport", "The Paper", "نقابة النقل"])
def test_another_name_is_not(name: str) -> None:
    assert not likeness.names_alike(name, UNION.name)


@pytest.mark.parametrize(
    "host",
    [
        "un1on.example", "uni0n.example", "unoin.example", "union.exampel", "union.test", "union-example.test",
        "union.example.evil.test", "xn--unin-75d.example", "UNION.example.evil", "unionexample.org", "unions.example",
    ],
)  # fmt: skip
def test_an_address_that_is_drawn_like_a_known_one_is_alike(host: str) -> None:
    assert likeness.hosts_alike(host, "union.example")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("union.example", "union.example"),
        ("union.example:8443", "union.example"),
        ("tenants.example", "union.example"),
        ("paper.union.example", "union.example"),  # its own sub-domain: whose it is, the domain has settled
        ("mail.test", "main.test"),  # too short: each is a word
        ("127.0.0.1:3000", "127.0.0.2:3000"),
        ("[::1]:3000", "[::2]:3000"),
        ("xn--\u00ff", "union.example"),
    ],
)
def test_another_address_is_not(one: str, other: str) -> None:
    assert not likeness.hosts_alike(one, other)


def test_a_group_is_not_like_itself_and_says_in_what_it_is_like_another() -> None:
    twin = Known("https://unlon.example/groups/union", "Transport Workers Union", "unlon.example")
    neighbour = Known("https://union.example/groups/other", "Something else", "union.example")
    assert likeness.found(UNION, [UNION]) == []
    assert {one.kind for one in likeness.found(twin, [UNION, neighbour]) if one.known == UNION} == set(Kind)
    assert likeness.found(neighbour, [UNION]) == []


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [("", "abc", 3), ("union", "union", 0), ("union", "unoin", 1), ("union", "unin", 1), ("abc", "cab", 2)],
)
def test_letters_that_change_places_are_one_slip(one: str, other: str, apart: int) -> None:
    assert likeness.distance(one, other) == likeness.distance(other, one) == apart
