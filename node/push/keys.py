"""What is made from the secret of this room: the key pair of the node, the lock on tokens, and the topics of messages.

Apps of several accounts know by the token within a message whose it is (those for iOS show nothing without it), so it
has to be there; a node keeps of tokens only digests. So an app that subscribes has its token kept, locked with what is
not in the database, until the subscription ends.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from federation import web_push
from federation.web_push import Sender
from node.config import Config
from node.context import Node
from node.errors import Unfit

KEYRING_NAME = "push"
NONCE_BYTES = 12
TOPIC_BYTES = 24  # 32 letters, the most: RFC 8030 section 5.4
_SENDER, _TOKENS, _TOPICS = b"VAPID", b"tokens", b"topics"


def sender(node: Node) -> Sender:
    """As whom this node sends; made when it is asked for the first time, which reads a file. Raises Unfit."""
    if node.push_sender is None:
        key = web_push.sender_key(_made(node, _SENDER, 48))
        node.push_sender = Sender(key, _contact(node.config))
    return node.push_sender


def public(node: Node) -> str:
    """The key of this node as apps are told it; none if its keys cannot be read or written."""
    try:
        return sender(node).public
    except Unfit:
        return ""


def _contact(config: Config) -> str:
    """Whom a push service writes to when something is wrong."""
    if not config.contact:
        return config.origin
    return config.contact if "://" in config.contact else f"mailto:{config.contact}"


def lock(node: Node, token: str, digest: str) -> str:
    """A token locked, together with what it is the token of."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    locked = AESGCM(_made(node, _TOKENS, 32)).encrypt(nonce, token.encode(), digest.encode())
    return web_push.encoded(nonce + locked)


def unlock(node: Node, locked: str, digest: str) -> str | None:
    """The token, or None if it was locked with another secret."""
    kept = web_push.decoded(locked)
    try:
        return (
            AESGCM(_made(node, _TOKENS, 32)).decrypt(kept[:NONCE_BYTES], kept[NONCE_BYTES:], digest.encode()).decode()
        )
    except InvalidTag:
        return None


def topic(node: Node, subscription: int, notification: int) -> str:
    """A name for one message to one device: the same when it is sent again, and like no other.

    Two members of a group get the same notification; their push service is not told so.
    """
    named = hmac.digest(_made(node, _TOPICS, 32), f"{subscription} {notification}".encode(), hashlib.sha256)
    return web_push.encoded(named[:TOPIC_BYTES])


def _made(node: Node, what: bytes, length: int) -> bytes:
    return HKDF(SHA256(), length, salt=None, info=what).derive(node.keyring.secret(KEYRING_NAME))
