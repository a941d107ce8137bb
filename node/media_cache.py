"""Pictures of others, shown through this node: their servers never learn who reads here.

A page never names a picture on another server. It names an address of this node that `address` has made and signed, so
that nobody can make the node fetch what no page of it shows: it is no open proxy.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from dataclasses import dataclass
from enum import Enum
from urllib.parse import urldefrag

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from federation.errors import Malformed
from federation.origin import origin
from node import actors
from node.context import Node

PATH = "/media/remote/"
URL_BYTES = 2000  # a longer address of a picture is a document in itself; and request lines have an end
MAC_BYTES = 16
MAC_CHARACTERS = 22
PURPOSE = b"commonwire: addresses of pictures on other servers"


class Size(Enum):
    """How large a picture is shown: the value stands in its address, `side` is the most pixels on its longer side."""

    PICTURE = "p"
    SMALL = "s"  # portraits, emoji

    @property
    def side(self) -> int:
        return {Size.PICTURE: 1280, Size.SMALL: 256}[self]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture that a page of ours shows: where it is, and how large it is shown."""

    url: str
    size: Size

    @property
    def key(self) -> str:
        """The name of its file in the cache, without its ending."""
        return hashlib.sha256(self._bytes).hexdigest()

    @property
    def _bytes(self) -> bytes:
        return f"{self.size.value}{self.url}".encode()

    def name(self, secret: bytes) -> str:
        """The last part of its address: a signature, and what is signed."""
        mac = hmac.digest(secret, self._bytes, "sha256")[:MAC_BYTES]
        return _spelled(mac) + _spelled(self._bytes)


def address(node: Node, url: str, size: Size = Size.PICTURE) -> str | None:
    """Where pages of this node show the picture at `url` on another server; None if they can only link to it.

    It is an address of this node, made without asking anybody; the picture is fetched when somebody first looks at it.
    Only for pictures (JPEG, PNG, WebP, GIF): whatever else is there is answered with 404. `url` comes from an object or
    an actor that the node holds, never from a request. None if the cache is off (`limits.media_cache_bytes = 0`), or
    for what is no address that the node would fetch.
    """
    try:
        place = origin(url)
    except Malformed:
        return None
    bare = urldefrag(url).url
    if place == node.config.origin:
        return bare  # one of our own; asking ourselves would be a detour
    usable = place.startswith("https://") or node.config.allow_http
    if not usable or not node.config.media_cache_bytes or len(bare.encode()) > URL_BYTES:
        return None
    return node.address(PATH + Wanted(bare, size).name(_secret(node)))


def wanted(node: Node, name: str) -> Wanted | None:
    """What the last part of an address asks for; None if this node has not made it."""
    try:
        said = _read(name[MAC_CHARACTERS:]).decode()
        found = Wanted(said[1:], Size(said[:1]))
    except (ValueError, binascii.Error):
        return None
    return found if hmac.compare_digest(found.name(_secret(node)).encode(), name.encode()) else None


def _secret(node: Node) -> bytes:
    """Made from a key of the node, so that every process and machine of it has the same and no file is added."""
    if not node.media_secret:
        seed = node.keyring.ed25519(actors.INSTANCE_NAME).private_bytes_raw()
        node.media_secret = HKDF(SHA256(), 32, salt=None, info=PURPOSE).derive(seed)
    return node.media_secret


def _spelled(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
