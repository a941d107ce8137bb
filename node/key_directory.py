"""Whose key is it? The actors and keys of other servers: from the database, else from their own server.

What keeps a flood of bad requests from making us fetch: what was asked for in vain is not asked for again for a while,
and a host a few times in a while and no more (`asked_in_vain` says how newcomers get in all the same), an actor is read
again at most once in five minutes because a signature did not match, and requests that wait for the same actor share
one fetch.
"""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urldefrag

from sqlalchemy import Row

from federation import actor_keys, origin
from federation.client import Purpose
from federation.errors import Gone, Malformed, Refused, Unreachable
from federation.keys import from_multibase, read_public
from federation.signatures import proofs
from federation.verification import ActorKey
from node import actors, identifiers, objects, signing
from node.asked_in_vain import REMEMBERED, AskedInVain, remember
from node.context import Node
from schemas import actor as actor_documents

REFRESH_AT_MOST = timedelta(minutes=5)
# An actor has a few kilobytes; but whoever likes can make up many, and each who knocks here is kept for a while.
DOCUMENT_BYTES = 262_144
FETCHES_AT_ONCE = 4  # of one host, so that its failures are known before the next ones are under way
KEYS_REMEMBERED = 2000  # of those who speak most; three kilobytes each
# How long another process of this node may have known better. Our own changes, and on SQLite everybody's, tell at once.
TRUSTED_FOR = timedelta(seconds=10)


class KeyDirectory:
    """Implements `federation.verification.KeyDirectory` on this node's database and client."""

    def __init__(self, node: Node) -> None:
        self._node = node
        self.in_vain = AskedInVain()
        self._refreshed: OrderedDict[str, datetime] = OrderedDict()
        self._fetched: OrderedDict[str, int] = OrderedDict()  # how often, so that those who come together look once
        self._under_way: dict[str, asyncio.Future[str]] = {}
        self._turns: OrderedDict[str, asyncio.Semaphore] = OrderedDict()
        self._keys: OrderedDict[str, tuple[datetime, ActorKey]] = OrderedDict()
        self._changes = 0  # of keys, so that none is remembered that changed while it was read
        self._lock = threading.Lock()  # changes are told by the threads of the database

    async def key(self, key_id: str, *, fresh: bool = False) -> ActorKey:
        """The key `key_id` and its owner.

        Raises Refused if there is no such key or it is not its owner's, Gone if the owner has left, Unreachable.
        """
        if origin.same_origin(key_id, self._node.config.origin):
            raise Refused("that key is one of this node's own", status=401)
        held = await self.held_key(key_id)
        if held is None:
            return await self._unknown_key(key_id)
        if not fresh or not self._may_refresh(held.owner):
            return held
        row = await self._node.database.read(actors.key, key_id)
        if row is None:
            return await self._unknown_key(key_id)
        await self.actor_at(row.actor)
        current = await self._node.database.read(actors.key, key_id)
        if current is None:
            raise Refused(f"{key_id} is no longer a key of {row.actor}", status=401)
        if current.public == row.public:
            self.in_vain.failed(row.actor, now=self._node.clock())
        return _actor_key(current)

    async def held_key(self, key_id: str) -> ActorKey | None:
        """The key if it is known here, from memory or the database; nobody is asked. Raises Gone if its owner left."""
        now, remembered = self._node.clock(), self._keys.get(key_id)
        if remembered is not None and abs(now - remembered[0]) < TRUSTED_FOR:
            return remembered[1]
        changes = self._changes
        row = await self._node.database.read(actors.key, key_id)
        if row is None:
            return None
        key = _actor_key(row)
        with self._lock:
            if changes == self._changes:
                remember(self._keys, key_id, (now, key), at_most=KEYS_REMEMBERED)
        return key

    def forget_keys(self, actor: str, key_ids: Collection[str] = ()) -> None:
        """The keys of an actor have changed, or these have a new owner; called after the commit, in any thread."""
        with self._lock:
            self._changes += 1
            for key_id, (_, key) in list(self._keys.items()):
                if key.owner == actor or key_id in key_ids:
                    del self._keys[key_id]

    def forget_all_keys(self) -> None:
        """Another process has changed something, perhaps keys."""
        with self._lock:
            self._changes += 1
            self._keys.clear()

    async def _unknown_key(self, key_id: str) -> ActorKey:
        holder = urldefrag(key_id).url
        fetched = self._fetched.get(holder)
        known = await self._node.database.read(actors.find, holder)
        if known is not None and (row := await self._node.database.read(actors.key, key_id)) is not None:
            return _actor_key(row)  # another request has fetched it at this moment
        if known is None:
            self._check_room(holder)
        joins = known is not None and holder in self._under_way  # those who come at once after a rotation
        asks = self._fetched.get(holder) == fetched and (known is None or joins or self._may_refresh(holder))
        if asks:
            await self.actor_at(holder)
        # Read again even by those who did not ask: the fetch of another may have ended between our two looks.
        row = await self._node.database.read(actors.key, key_id)
        if row is not None:
            return _actor_key(row)
        if asks and not joins:
            self.in_vain.failed(holder, now=self._node.clock())
        raise Refused(f"{key_id} is not a key of the actor it names", status=401)

    async def ensure_proof_key(self, method: str, *, author: str) -> None:
        """Make sure that the proof key `method` of `author` is known, if it exists; read the author again if not."""
        if await self._node.database.read(actors.proof_key, method) is None and self._may_refresh(author):
            await self.actor_at(author)

    async def actor(self, iri: str) -> Row[Any]:
        """An actor, fetched if it was never seen. Raises Refused, Gone, Unreachable."""
        row = await self._node.database.read(actors.find, iri)
        if row is None:
            row = await self._node.database.read(actors.find, await self.actor_at(iri))
        if row is None:
            raise Refused(f"{iri} could not be kept as an actor")
        return row

    async def actor_at(self, url: str) -> str:
        """Fetch the actor (or the key document) at `url` and keep it; the actor's IRI."""
        if (waiting := self._under_way.get(url)) is not None:
            return await asyncio.shield(waiting)
        self.in_vain.check(url, now=self._node.clock())
        future = asyncio.get_running_loop().create_future()
        future.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._under_way[url] = future
        try:
            async with self._turn(url):
                self.in_vain.check(url, now=self._node.clock())  # those before us may have found out
                iri = await self._fetch_or_remember(url)
            remember(self._fetched, url, self._fetched.get(url, 0) + 1, at_most=REMEMBERED)
            future.set_result(iri)
            return iri
        except (Refused, Unreachable) as error:
            future.set_exception(error)
            raise
        finally:
            future.cancel()
            del self._under_way[url]

    async def _fetch_or_remember(self, url: str) -> str:
        try:
            iri = await self._fetch(url)
        except Refused as error:
            self.in_vain.refused(url, error, now=self._node.clock())
            raise
        except Unreachable:
            self.in_vain.failed(url, now=self._node.clock())
            raise
        self.in_vain.succeeded(url)
        return iri

    async def _fetch(self, url: str) -> str:
        origin.check_foreign(url, own_origin=self._node.config.origin)
        signer = await signing.instance_signer(self._node)
        limit = min(DOCUMENT_BYTES, self._node.config.document_bytes)
        try:
            document = await self._node.client.document(url, signer=signer, limit_bytes=limit, purpose=Purpose.VERIFY)
            if isinstance(owner := document.get("owner"), str) and "publicKeyPem" in document:
                origin.check_foreign(owner, own_origin=self._node.config.origin)
                document = await self._node.client.document(
                    owner, signer=signer, limit_bytes=limit, purpose=Purpose.VERIFY
                )  # a page of its own
            actor = actor_documents.parse(document)
            identifiers.check_length(actor.id)
            if (method := proofs.verification_method(document)) is not None:
                own_key = actor_keys.assertion_key(actor, method, owner=actor.id)
                proofs.check(document, own_key, now=self._node.clock())
        except Malformed as error:
            raise Refused(f"the actor at {url} cannot be read: {error}", status=401) from None
        size = len(objects.encode(document))
        self._node.strangers.came(actors.host_of(actor.id), bytes=size, now=self._node.clock())
        await self._node.database.write_together(actors.keep, actor, document)
        return actor.id

    def _check_room(self, iri: str) -> None:
        """Raise Unreachable if so many of its host have come today that no more are looked up."""
        host = actors.host_of(iri)
        if not self._node.strangers.may_come(host, now=self._node.clock()):
            raise Unreachable(f"too many new accounts of {host} have come today: {iri} may come tomorrow")

    def _may_refresh(self, actor: str) -> bool:
        now, last = self._node.clock(), self._refreshed.get(actor)
        if last is not None and now - last < REFRESH_AT_MOST:
            return False
        remember(self._refreshed, actor, now, at_most=REMEMBERED)
        return True

    def _turn(self, url: str) -> asyncio.Semaphore:
        host = origin.origin(url)
        turn = self._turns.get(host) or asyncio.Semaphore(FETCHES_AT_ONCE)
        remember(self._turns, host, turn, at_most=REMEMBERED)
        return self._turns[host]


class KnownKeys:
    """The keys of those who are known here already. Whoever is not counts as gone, and nobody is asked about her.

    For farewells: when a big server deletes accounts it tells everybody, and what was never here need not be deleted.
    """

    def __init__(self, node: Node) -> None:
        self._node = node

    async def key(self, key_id: str, *, fresh: bool = False) -> ActorKey:
        """As `KeyDirectory.key`; a known actor is read again if her signature did not match."""
        if fresh:
            return await self._node.directory.key(key_id, fresh=True)
        held = await self._node.directory.held_key(key_id)
        if held is None:
            raise Gone(f"nobody who is known here has the key {key_id}")
        return held


def _actor_key(row: Row[Any]) -> ActorKey:
    if row.gone is not None:
        raise Gone(f"{row.actor} has left")
    if row.public.startswith("z"):
        return ActorKey(row.key_id, row.actor, from_multibase(row.public))
    return ActorKey(row.key_id, row.actor, read_public(row.public))
