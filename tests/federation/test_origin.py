from __future__ import annotations

from typing import Any

import pytest

from federation import origin
from federation.errors import Malformed, Refused
from schemas import activity as activities

ALICE = "https://one.example/users/alice"
MALLORY = "https://one.example/users/mallory"
BOB = "https://two.example/users/bob"


@pytest.mark.parametrize(
    ("iri", "expected"),
    [
        ("https://One.Example/a", "https://one.example"),
        ("HTTPS://one.example:443/a", "https://one.example"),
        ("http://one.example:80", "http://one.example"),
        ("https://one.example:8443/?a#b", "https://one.example:8443"),
        ("http://one.example:443/", "http://one.example:443"),
        ("https://one.example./a", "https://one.example."),
        ("https://xn--bcher-kva.example/", "https://xn--bcher-kva.example"),
        ("http://[::1]:8080/", "http://[::1]:8080"),
        ("http://[0:0:0:0:0:0:0:1]/", "http://[::1]"),
        ("https://one.example?author=1", "https://one.example"),
        ("https://one.example/@two.example/x", "https://one.example"),
    ],
)
def test_an_origin_is_scheme_host_and_port(iri: str, expected: str) -> None:
    assert origin.origin(iri) == expected


@pytest.mark.parametrize(
    "iri",
    [
        "",
        "one.example/a",
        "/users/alice",
        "ftp://one.example/",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https:///users/alice",
        "https:one.example",
        "https://one.example:0/",
        "https://one.example:99999/",
        "https://one.example:x/",
        "https://user@one.example/",
        "https://user:pass@one.example/",
        "https://one.example\\@two.example/",
        "https://one.example\\.two.example/",
        "https://one.exa\tmple/",
        "https://one.example/\n",
        " https://one.example/",
        "https://one.example/a b",
        "https://one.example/\x7f",
        "https://one..example/",
        "https://-one.example/",
        "https://%6fne.example/",
        "https://one.example%2f.two.example/",
        "https://ｏne.example/",
        "https://bücher.example/",
        "https://раураl.example/",
        "https://[::1%25eth0]/",
        "https://[::1/",
        "https://[one.example]/",
        "did:example:123",
        f"https://{'a' * 64}.example/",
        f"https://{'a.' * 130}example/",
        "https://one.example../",
        "https://one.example/" + "a" * 3000,
    ],
)
def test_what_has_no_clear_origin_is_malformed(iri: str) -> None:
    with pytest.raises(Malformed):
        origin.origin(iri)


def activity(actor: str = ALICE, iri: str = f"{ALICE}/1", **more: Any) -> activities.Activity:
    return activities.parse({"id": iri, "type": "Create", "actor": actor, **more})


def test_an_actor_speaks_for_itself() -> None:
    origin.check_activity(activity(), ALICE)
    origin.check_creation(ALICE, "https://one.example/notes/1", ALICE)
    origin.check_change(ALICE, author=ALICE)
    origin.check_undo(ALICE, author=ALICE)
    origin.check_answer(ALICE, followed=ALICE)
    origin.check_embedded(f"{ALICE}/1", "https://one.example/notes/1", ALICE)
    origin.check_foreign(ALICE, own_origin="https://ours.example")
    origin.check_key(f"{ALICE}#main-key", owner=ALICE, actor_id=ALICE)
    origin.check_key(f"{ALICE}/main-key", owner=ALICE, actor_id=ALICE)  # GoToSocial
    origin.check_proof(f"{ALICE}#ed25519-key", controller=ALICE, owner=ALICE)


FORGERIES: list[tuple[str, Any]] = [
    ("signed by another", lambda: origin.check_activity(activity(), BOB)),
    ("signed by a neighbour", lambda: origin.check_activity(activity(), MALLORY)),
    ("the id of an activity elsewhere", lambda: origin.check_activity(activity(iri="https://two.example/1"), ALICE)),
    ("the id on another port", lambda: origin.check_activity(activity(iri="https://one.example:8443/1"), ALICE)),
    ("the id without tls", lambda: origin.check_activity(activity(iri="http://one.example/1"), ALICE)),
    ("the id at a subdomain", lambda: origin.check_activity(activity(iri="https://a.one.example/1"), ALICE)),
    ("publishing for another", lambda: origin.check_creation(ALICE, "https://one.example/n", BOB)),
    ("publishing for a neighbour", lambda: origin.check_creation(MALLORY, "https://one.example/n", ALICE)),
    ("an object id elsewhere", lambda: origin.check_creation(ALICE, "https://two.example/n", ALICE)),
    ("changing a neighbour's", lambda: origin.check_change(MALLORY, author=ALICE)),
    ("changing another's", lambda: origin.check_change(BOB, author=ALICE)),
    ("undoing a neighbour's", lambda: origin.check_undo(MALLORY, author=ALICE)),
    ("answering for another", lambda: origin.check_answer(MALLORY, followed=ALICE)),
    ("embedding another's", lambda: origin.check_embedded(f"{BOB}/1", "https://one.example/n", ALICE)),
    ("embedding with a false author", lambda: origin.check_embedded(f"{BOB}/1", "https://two.example/n", ALICE)),
    ("an id of ours", lambda: origin.check_foreign("https://OURS.example/s/1", own_origin="https://ours.example")),
    ("a key of a neighbour", lambda: origin.check_key(f"{ALICE}#k", owner=MALLORY, actor_id=ALICE)),
    ("a key for a neighbour", lambda: origin.check_key(f"{ALICE}#k", owner=ALICE, actor_id=MALLORY)),
    ("a key elsewhere", lambda: origin.check_key(f"{BOB}#k", owner=ALICE, actor_id=ALICE)),
    ("a proof by another", lambda: origin.check_proof(f"{BOB}#k", controller=BOB, owner=ALICE)),
    ("a proof by a neighbour", lambda: origin.check_proof(f"{MALLORY}#k", controller=MALLORY, owner=ALICE)),
    ("a proof with a key elsewhere", lambda: origin.check_proof(f"{BOB}#k", controller=ALICE, owner=ALICE)),
]  # fmt: skip


@pytest.mark.parametrize("forge", [forge for _, forge in FORGERIES], ids=[name for name, _ in FORGERIES])
def test_nobody_speaks_for_another(forge: Any) -> None:
    with pytest.raises(Refused):
        forge()


def test_a_key_that_does_not_belong_is_a_failed_authentication() -> None:
    with pytest.raises(Refused) as caught:
        origin.check_key(f"{BOB}#k", owner=BOB, actor_id=ALICE)
    assert caught.value.status == 401
