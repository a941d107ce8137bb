"""Pictures of others, shown through this node: their servers never learn who reads here.

A page never names a picture on another server. It names an address of this node that `address` has made and signed, so
that nobody can make the node fetch what no page of it shows: it is no open proxy.

When somebody looks at a picture for the first time, the node fetches it without saying for whom, draws it anew
(`node.redrawing`) and keeps the result (`node.picture_store`). A film or a sound is fetched when somebody starts it,
and taken out of its file as our own are (`node.filming`), if it is no longer than a part of the quota (FILM_SHARE), so
that one does not take the room of all pictures; pages link to those that are longer. What could not be had is not asked
for again for a while, whoever looks.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import hashlib
import hmac
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from pathlib import Path
from urllib.parse import urldefrag
from weakref import WeakValueDictionary

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from federation.errors import Malformed, Refused, Unreachable
from federation.origin import origin
from node import actors, redrawing
from node.context import Node, Transaction
from node.errors import Busy, Invalid, Missing, Unfit
from node.films import Films
from node.gate import Gate
from node.picture_store import DIRECTORY, Held, PictureStore

PATH = "/media/remote/"
URL_BYTES = 2000  # a longer address of a picture is a document in itself; and request lines have an end
MAC_BYTES = 16
MAC_CHARACTERS = 22
ACCEPT = "image/webp, image/jpeg, image/png, image/gif;q=0.9"
FETCHED_BYTES = 8 * 1024 * 1024
FETCHES_AT_ONCE = 6  # each may hold its bytes in memory until they are drawn
OF_ONE_HOST = 2  # of these, so that one that hangs leaves room for others
WAITING_AT_MOST = 120
WAITING_OF_ONE_HOST = 40
PIXELS_AT_MOST = 24_000_000
FILM_ACCEPT = "video/mp4, video/webm, audio/*;q=0.9, video/*;q=0.8"
FILM_SHARE = 16  # of the quota, one in so many parts is the longest film
FILM_SECONDS = 120
FILMS_AT_ONCE = 2
REFUSED_FOR = timedelta(days=1)
SILENT_FOR = timedelta(minutes=10)
REMEMBERED = 10_000
PURPOSE = b"commonwire: addresses of pictures on other servers"


class Size(Enum):
    """How large a picture is shown: the value stands in its address, `side` is the most pixels on its longer side."""

    PICTURE = "p"
    SMALL = "s"  # portraits, emoji
    FILM = "f"  # or a sound: as large as it is

    @property
    def side(self) -> int:
        return {Size.PICTURE: 1280, Size.SMALL: 256, Size.FILM: 0}[self]


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


def address(tx: Transaction, url: str, size: Size = Size.PICTURE) -> str | None:
    """Where pages of this node show the picture at `url` on another server; None if they can only link to it.

    It is an address of this node, made without asking anybody; the picture is fetched when somebody first looks at it.
    Only for pictures (JPEG, PNG, WebP, GIF), and with Size.FILM for what `node.filming` reads; whatever else is there
    is answered with 404. `url` comes from an object or an actor that the node holds, never from a request. None if the
    cache is off (`limits.media_cache_bytes = 0`), or for what is no address that the node would fetch.
    """
    node = tx.node
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
    signed_with = secret(tx)
    return node.address(PATH + Wanted(bare, size).name(signed_with)) if signed_with else None


async def wanted(node: Node, name: str) -> Wanted | None:
    """What the last part of an address asks for; None if this node has not made it, or would not by now."""
    try:
        said = _read(name[MAC_CHARACTERS:]).decode()
        found = Wanted(said[1:], Size(said[:1]))
    except (ValueError, binascii.Error):
        return None
    signed_with = await node.database.remembered(secret)
    return found if signed_with and hmac.compare_digest(found.name(signed_with).encode(), name.encode()) else None


def secret(tx: Transaction) -> bytes:
    """What the addresses are signed with; nothing if the keys of this node are not on this machine.

    It is made from the key that the instance actor uses, so that every process and machine of the node has the same, no
    file is added, and new keys make new addresses: whoever has the old ones can make none any more.
    """
    row, kept = actors.instance(tx), tx.node.media_secret
    name = actors.key_name(row.kind, row.handle, row.key_number)
    if name not in kept:
        try:
            seed = tx.node.keyring.ed25519(name).private_bytes_raw()
        except Unfit:
            return b""
        kept = {name: HKDF(SHA256(), 32, salt=None, info=PURPOSE).derive(seed)}
        tx.node.media_secret = kept
    return kept[name]


def forget(tx: Transaction, urls: Iterable[str]) -> None:
    """Delete the pictures at `urls` when this transaction is committed: those who showed them take them back."""
    keys = [Wanted(urldefrag(url).url, size).key for url in urls for size in Size]
    if keys:
        tx.after_commit(partial(tx.node.media_cache.store.drop, keys))


class MediaCache:
    """Brings pictures of others here, each once, however many look at it at the same moment."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.store = PictureStore(node.config.directory, node.config.media_cache_bytes)
        self._under_way: dict[str, asyncio.Task[Path]] = {}
        self._failed: OrderedDict[str, datetime] = OrderedDict()
        self._fetching = asyncio.Semaphore(FETCHES_AT_ONCE)
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._waiting: Counter[str] = Counter()
        self._drawing = Gate(at_once=1, waiting=FETCHES_AT_ONCE)
        self._films = Films(node.config.directory / DIRECTORY)
        self._fetching_films = asyncio.Semaphore(FILMS_AT_ONCE)

    async def picture(self, picture: Wanted) -> Path:
        """The file of a picture, fetched if it is not here. Raises Missing if it cannot be had, Busy."""
        key = picture.key
        found = await asyncio.to_thread(self.store.find, key, now=self._node.clock())
        if found is not None:
            return found
        if key not in self._under_way:
            host = origin(picture.url)
            self._refuse_if_failed(key, host)
            self._waiting[host] += 1
            self._under_way[key] = task = asyncio.create_task(self._bring(picture, host))
            task.add_done_callback(lambda done: self._ended(key, host, done))
        return await asyncio.shield(self._under_way[key])

    async def prune(self) -> Held:
        """Let go of what nobody looks at, and of what is over the quota."""
        return await asyncio.to_thread(self.store.prune, now=self._node.clock())

    async def close(self) -> None:
        """Break off what is under way."""
        tasks = list(self._under_way.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _bring(self, picture: Wanted, host: str) -> Path:
        if picture.size is Size.FILM:
            async with self._fetching_films:
                return await self._fetch_film(picture)
        turn = self._turns.setdefault(host, asyncio.Semaphore(OF_ONE_HOST))
        async with turn, self._fetching:
            return await self._fetch(picture)

    async def _fetch_film(self, picture: Wanted) -> Path:
        longest = self._node.config.media_cache_bytes // FILM_SHARE
        partial = self._node.config.directory / DIRECTORY / f"{picture.key}.partial"
        patience = timedelta(seconds=FILM_SECONDS)
        with self._remembering(picture.key):
            async with self._films.received(longest) as raw:
                with raw:
                    await self._node.client.get(
                        picture.url, accept=FILM_ACCEPT, limit_bytes=longest, into=raw, patience=patience
                    )
                    made = await self._films.remuxed(raw, partial, limit_bytes=longest)
        now = self._node.clock()
        return await asyncio.to_thread(self.store.keep_film, picture.key, made.ending, partial, now=now)

    async def _fetch(self, picture: Wanted) -> Path:
        with self._remembering(picture.key):
            fetched = await self._node.client.get(picture.url, accept=ACCEPT, limit_bytes=FETCHED_BYTES)
            drawn = await self._drawing.run(
                redrawing.redraw_apart, fetched.body, side=picture.size.side, pixels=PIXELS_AT_MOST
            )
        now = self._node.clock()
        return await asyncio.to_thread(self.store.keep, picture.key, drawn.ending, drawn.raw, now=now)

    @contextlib.contextmanager
    def _remembering(self, key: str) -> Iterator[None]:
        try:
            yield
        except Unreachable as error:
            self._remember(key, max(SILENT_FOR, min(error.retry_after or SILENT_FOR, REFUSED_FOR)))
            raise Missing("the server with this picture does not answer at the moment") from None
        except (Refused, Malformed, Invalid, redrawing.NoPicture):
            self._remember(key, REFUSED_FOR)
            raise Missing("this picture cannot be had, or is none") from None

    def _remember(self, key: str, duration: timedelta) -> None:
        self._failed[key] = self._node.clock() + duration
        while len(self._failed) > REMEMBERED:
            self._failed.popitem(last=False)

    def _refuse_if_failed(self, key: str, host: str) -> None:
        if key in self._failed and self._node.clock() < self._failed[key]:
            raise Missing("this picture could not be had a while ago")
        if len(self._under_way) >= WAITING_AT_MOST or self._waiting[host] >= WAITING_OF_ONE_HOST:
            raise Busy("too many pictures are being fetched; try again in a moment")

    def _ended(self, key: str, host: str, task: asyncio.Task[Path]) -> None:
        self._under_way.pop(key, None)
        self._waiting[host] -= 1
        if not self._waiting[host]:
            del self._waiting[host]
        if not task.cancelled():
            task.exception()  # whoever asked may have gone away; then nobody else takes note of it


def _spelled(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _read(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
