"""Who may bring something: a request that was not signed by the actor it names, for us, just now, has no effect at all."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from federation import keys
from node.peering import store as follows
from tests.nodes.peer import Peer
from tests.nodes.served import ServedNode


@dataclass
class Delivery:
    """A Follow on its way, that a test may spoil before it is sent."""

    node: ServedNode
    peer: Peer
    actor: str
    activity: dict[str, Any]
    inbox: str
    body: bytes
    headers: dict[str, str]
    key_id: str

    def sign_again(
        self, *names: str, algorithm: str = "rsa-sha256", target: str | None = None, key: Any = None
    ) -> None:
        """Sign over `names` and nothing else."""
        path = self.inbox.removeprefix(self.node.origin)
        values = {name.lower(): value for name, value in self.headers.items()}
        values["(request-target)"] = f"post {target or path}"
        message = "\n".join(f"{name}: {values[name]}" for name in names).encode()
        signature = (key or self.peer.rsa).sign(message, padding.PKCS1v15(), hashes.SHA256())
        self.put_signature(signature, names, algorithm)

    def put_signature(self, signature: bytes, names: tuple[str, ...], algorithm: str) -> None:
        self.headers["Signature"] = (
            f'keyId="{self.key_id}",algorithm="{algorithm}",headers="{" ".join(names)}",'
            f'signature="{b64encode(signature).decode()}"'
        )

    async def send(self) -> int:
        return await self.peer.post(self.inbox, self.body, self.headers)


EVERYTHING = ("(request-target)", "host", "date", "digest")


def a_follow(node: ServedNode, peer: Peer, *, actor: str | None = None) -> Delivery:
    """A Follow by an actor of the peer, signed as it should be."""
    actor = actor or peer.actor()
    activity = peer.activity("Follow", actor, node.group)
    inbox, body = f"{node.group}/inbox", json.dumps(activity).encode()
    key_id = f"{actor}#main-key"
    return Delivery(node, peer, actor, activity, inbox, body, peer.signed(inbox, body, key_id=key_id), key_id)


async def followers(node: ServedNode) -> int:
    await node.quiet()
    return int(await node.read(follows.count_followers, node.group))


def unsigned(it: Delivery) -> None:
    del it.headers["Signature"]


def one_bit(it: Delivery) -> None:
    head, _, rest = it.headers["Signature"].partition('signature="')
    signature = bytearray(b64decode(rest.rstrip('"')))
    signature[7] ^= 1
    it.headers["Signature"] = f'{head}signature="{b64encode(bytes(signature)).decode()}"'


def a_wrong_key(it: Delivery) -> None:
    it.sign_again(*EVERYTHING, key=keys.make_rsa())


def no_digest(it: Delivery) -> None:
    del it.headers["Digest"]


def an_uncovered_digest(it: Delivery) -> None:
    it.sign_again("(request-target)", "host", "date")


def a_wrong_digest(it: Delivery) -> None:
    it.headers["Digest"] = "SHA-256=" + b64encode(hashlib.sha256(b"{}").digest()).decode()
    it.sign_again(*EVERYTHING)


def a_weak_digest(it: Delivery) -> None:
    it.headers["Digest"] = "MD5=" + b64encode(hashlib.md5(it.body).digest()).decode()
    it.sign_again(*EVERYTHING)


def another_body(it: Delivery) -> None:
    it.body = it.body.replace(b"Follow", b"Create")


def an_uncovered_target(it: Delivery) -> None:
    it.sign_again("host", "date", "digest")


def another_path(it: Delivery) -> None:
    it.sign_again(*EVERYTHING, target="/inbox")


def another_host(it: Delivery) -> None:
    it.headers["Host"] = "elsewhere.example"
    it.sign_again(*EVERYTHING)


def an_uncovered_host(it: Delivery) -> None:
    it.sign_again("(request-target)", "date", "digest")


def dated(days: float) -> Callable[[Delivery], None]:
    def spoil(it: Delivery) -> None:
        it.headers["Date"] = format_datetime(datetime.now(UTC) + timedelta(days=days), usegmt=True)
        it.sign_again(*EVERYTHING)

    spoil.__name__ = f"dated {days:+g} days"
    return spoil


def no_date(it: Delivery) -> None:
    del it.headers["Date"]
    it.sign_again("(request-target)", "host", "digest")


def an_absurd_date(it: Delivery) -> None:
    it.headers["Date"] = "Mon, 99 Foo 99999 99:99:99 GMT"
    it.sign_again(*EVERYTHING)


def expired(it: Delivery) -> None:
    it.headers["Signature"] += f",expires={int(datetime.now(UTC).timestamp()) - 5}"


def nothing_covered(it: Delivery) -> None:
    it.put_signature(b"x", ("",), "rsa-sha256")


def an_hmac_with_the_public_key(it: Delivery) -> None:
    pem = keys.public_pem(it.peer.rsa.public_key()).encode()
    values = {name.lower(): value for name, value in it.headers.items()}
    values["(request-target)"] = f"post {it.inbox.removeprefix(it.node.origin)}"
    message = "\n".join(f"{name}: {values[name]}" for name in EVERYTHING).encode()
    it.put_signature(hmac.new(pem, message, hashlib.sha256).digest(), EVERYTHING, "hmac-sha256")


def the_algorithm_none(it: Delivery) -> None:
    it.sign_again(*EVERYTHING, algorithm="none")


def sha1(it: Delivery) -> None:
    it.sign_again(*EVERYTHING, algorithm="rsa-sha1")


def rfc_9421(it: Delivery) -> None:
    it.headers["Signature-Input"] = f'sig1=("@method" "@target-uri");keyid="{it.key_id}"'
    it.headers["Signature"] = "sig1=:AAAA:"


def rubbish(it: Delivery) -> None:
    it.headers["Signature"] = 'keyId="' + "A" * 5000 + '",,,=""\'); DROP TABLE actors'


def twice_the_same_parameter(it: Delivery) -> None:
    it.headers["Signature"] += f',keyId="{it.key_id}"'


SPOILED = [
    unsigned, one_bit, a_wrong_key, no_digest, an_uncovered_digest, a_wrong_digest, a_weak_digest, another_body,
    an_uncovered_target, another_path, another_host, an_uncovered_host, dated(2), dated(-2), dated(-0.1), no_date,
    an_absurd_date, expired, nothing_covered, an_hmac_with_the_public_key, the_algorithm_none, sha1, rfc_9421, rubbish,
    twice_the_same_parameter,
]  # fmt: skip


async def test_a_request_that_is_not_signed_as_it_should_be_has_no_effect(node: ServedNode, hostile_peer: Peer) -> None:
    answers = {}
    for spoil in SPOILED:
        it = a_follow(node, hostile_peer)
        spoil(it)
        answers[spoil.__name__] = await it.send()
        assert len(hostile_peer.last) < 600
    assert set(answers.values()) <= {400, 401, 403}, answers
    assert await followers(node) == 0
    contents = await node.contents(without=("actors", "actor_keys"))
    assert contents["activities"] == []
    assert await a_follow(node, hostile_peer).send() == 202, hostile_peer.last
    assert await followers(node) == 1


async def test_a_signature_with_created_in_place_of_a_date_is_accepted(node: ServedNode, hostile_peer: Peer) -> None:
    it = a_follow(node, hostile_peer)
    created = int(datetime.now(UTC).timestamp())
    names = ("(request-target)", "(created)", "host", "digest")
    path = it.inbox.removeprefix(node.origin)
    message = (
        f"(request-target): post {path}\n(created): {created}\nhost: {it.headers['Host']}\n"
        f"digest: {it.headers['Digest']}"
    )
    it.put_signature(hostile_peer.rsa.sign(message.encode(), padding.PKCS1v15(), hashes.SHA256()), names, "hs2019")
    it.headers["Signature"] += f",created={created}"
    assert await it.send() == 202, hostile_peer.last
