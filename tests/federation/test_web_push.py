"""Web Push on the wire, against an implementation that others wrote (http-ece, py-vapid)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, strategies

from federation import web_push
from federation.errors import Malformed
from federation.web_push import Coding, Device, Sender
from tests.nodes import push_service

NOW = datetime(2026, 5, 1, tzinfo=UTC)
PLACE = "https://push.example:8443/device/1"
OURS = Sender(web_push.sender_key(b"a" * 48), "mailto:we@union.example")
READER = push_service.Device(PLACE)
KEY = web_push.point(READER.key.public_key())


@given(message=strategies.binary(max_size=web_push.MESSAGE_BYTES), coding=strategies.sampled_from(Coding))
def test_others_read_what_is_encrypted_for_them(message: bytes, coding: Coding) -> None:
    device = Device(PLACE, KEY, READER.auth, coding)
    text = b'"' + message.hex()[: web_push.MESSAGE_BYTES - 2].encode() + b'"'
    made = web_push.encrypt(text, device)
    assert len(made.body) <= 4096
    pushed = push_service.Pushed("/", dict(made.headers), made.body)
    assert READER.read(pushed) == text.decode().strip('"')
    assert web_push.encrypt(text, device).body != made.body, "each has a key and a salt of its own"


@pytest.mark.parametrize("coding", Coding)
def test_push_services_know_who_sends(coding: Coding) -> None:
    headers = web_push.authorization(Device(PLACE, KEY, READER.auth, coding), OURS, now=NOW)
    claims = push_service.Pushed("/", headers, b"").claims(OURS.public)
    assert claims == {
        "aud": "https://push.example:8443",
        "exp": int((NOW + timedelta(hours=12)).timestamp()),
        "sub": "mailto:we@union.example",
    }
    assert headers.get("Crypto-Key") == (None if coding is Coding.STANDARD else f"p256ecdsa={OURS.public}")


def test_what_cannot_be_encrypted_is_refused() -> None:
    with pytest.raises(Malformed):
        web_push.encrypt(b"a" * (web_push.MESSAGE_BYTES + 1), Device(PLACE, KEY, READER.auth))
    with pytest.raises(Malformed):
        web_push.encrypt(b"a", Device(PLACE, b"\4" + b"\1" * 64, READER.auth))


def test_a_seed_makes_one_key_and_base_64_is_read_in_any_spelling() -> None:
    assert web_push.Sender(web_push.sender_key(b"a" * 48), "").public == OURS.public
    assert web_push.Sender(web_push.sender_key(b"b" * 48), "").public != OURS.public
    assert web_push.is_point(web_push.decoded(OURS.public)) and not web_push.is_point(b"")
    for text in ("-_-_", "+/+/", "+/+/====", " -_-_ "):
        assert web_push.decoded(text) == b"\xfb\xff\xbf"
    for text in ("a", "!", "é", "a b c"):
        with pytest.raises(ValueError):
            web_push.decoded(text)
