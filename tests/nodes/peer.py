"""A server that somebody else wrote, and that may mean no good: a small aiohttp application with actors of its own."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web

from federation import keys
from federation.media_types import ACTIVITY_JSON
from federation.signatures import cavage, proofs
from tests.nodes.served import free_port, private_key

AS = "https://www.w3.org/ns/activitystreams"
PUBLIC = f"{AS}#Public"


@dataclass
class Answer:
    """What the peer serves at one path."""

    body: bytes | dict[str, Any]
    status: int = 200
    content_type: str = ACTIVITY_JSON
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Peer:
    """The peer, its keys, what it serves, what it was asked and sent.

    What is `served` at a path (or a path with its query) is an answer, or a function that makes one each time.
    """

    origin: str
    rsa: Any
    ed25519: Any
    http: aiohttp.ClientSession
    served: dict[str, Answer | Callable[[], Answer]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    received: list[dict[str, Any]] = field(default_factory=list)
    inbox_status: int = 202
    counter: int = 0
    last: str = ""
    inbox_statuses: dict[str, int] = field(default_factory=dict)  # of single inboxes, by path
    inbox_headers: dict[str, str] = field(default_factory=dict)
    inbox_body: str | None = None  # JSON, said with every answer of an inbox
    inbox_open: asyncio.Event = field(default_factory=asyncio.Event)  # until then no inbox answers
    taken: list[tuple[str, dict[str, Any]]] = field(default_factory=list)  # by path, what an inbox has said yes to
    every_request: list[Callable[[web.Request], None]] = field(default_factory=list)

    @property
    def fetches(self) -> int:
        """How many requests have come that are no deliveries."""
        return sum(self.asked.values()) - len(self.received)

    def sent_to(self, kind: str) -> list[dict[str, Any]]:
        """The activities of one type that were delivered here."""
        return [one for one in self.received if one["type"] == kind]

    def actor(self, name: str = "mallory", /, **changes: Any) -> str:
        """Serve an actor with the peer's keys; its IRI."""
        iri = f"{self.origin}/users/{name}"
        document = {
            "@context": [AS, "https://w3id.org/security/v1"],
            "id": iri,
            "type": "Person",
            "preferredUsername": name,
            "inbox": f"{iri}/inbox",
            "publicKey": {
                "id": f"{iri}#main-key",
                "owner": iri,
                "publicKeyPem": keys.public_pem(self.rsa.public_key()),
            },
            "assertionMethod": [
                {
                    "id": f"{iri}#ed25519-key",
                    "type": "Multikey",
                    "controller": iri,
                    "publicKeyMultibase": keys.to_multibase(self.ed25519.public_key()),
                }
            ],
        } | changes
        self.served[f"/users/{name}"] = Answer(document)
        jrd = {"subject": f"acct:{name}@{self.host}", "links": [{"rel": "self", "type": ACTIVITY_JSON, "href": iri}]}
        self.served[f"/.well-known/webfinger?resource=acct:{name}@{self.host}"] = Answer(
            jrd, content_type="application/jrd+json"
        )
        return iri

    @property
    def host(self) -> str:
        return self.origin.partition("://")[2]

    def id(self, kind: str) -> str:
        """A fresh id of the peer."""
        self.counter += 1
        return f"{self.origin}/{kind}/{self.counter}"

    def note(self, author: str, content: str = "<p>hello</p>", **fields: Any) -> dict[str, Any]:
        """A public note, not served yet."""
        return {
            "@context": AS,
            "id": self.id("notes"),
            "type": "Note",
            "attributedTo": author,
            "content": content,
            "published": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "to": [PUBLIC],
        } | fields

    def activity(self, kind: str, actor: str, object: Any, **fields: Any) -> dict[str, Any]:
        """An activity, not sent yet."""
        base = {"@context": AS, "id": self.id("activities"), "type": kind, "actor": actor, "object": object}
        return base | {"to": [PUBLIC]} | fields

    def proved(self, document: dict[str, Any], actor: str) -> dict[str, Any]:
        """`document` with a proof by the actor's key."""
        return proofs.prove(
            document, verification_method=f"{actor}#ed25519-key", key=self.ed25519, created=datetime.now(UTC)
        )

    def signed(
        self, inbox: str, body: bytes, *, key_id: str, key: Any = None, now: datetime | None = None
    ) -> dict[str, str]:
        """The headers with which a decent server would POST `body`."""
        return cavage.sign(
            "POST", inbox, key_id=key_id, key=key or self.rsa, now=now or datetime.now(UTC), body=body,
            content_type=ACTIVITY_JSON,
        )  # fmt: skip

    async def post(self, inbox: str, body: bytes, headers: dict[str, str]) -> int:
        """POST exactly this; the status. What the node said is in `last`."""
        async with self.http.post(inbox, data=body, headers=headers, skip_auto_headers=["Content-Type"]) as response:
            self.last = await response.text()
            return response.status

    async def send(
        self,
        inbox: str,
        activity: dict[str, Any] | bytes,
        *,
        key_id: str | None = None,
        key: Any = None,
        headers: dict[str, str] | None = None,
        now: datetime | None = None,
    ) -> int:
        """POST an activity, signed as a decent server does unless told otherwise; the status."""
        body = activity if isinstance(activity, bytes) else json.dumps(activity).encode()
        if key_id is None:
            if not isinstance(activity, dict):
                raise AssertionError("say who signs")
            key_id = f"{activity['actor']}#main-key"
        signed = self.signed(inbox, body, key_id=key_id, key=key, now=now)
        return await self.post(inbox, body, signed | (headers or {}))

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.asked[request.path] += 1
        for look in self.every_request:
            look(request)
        if request.method == "POST":
            self.received.append(json.loads(await request.read()))
            await self.inbox_open.wait()
            status = self.inbox_statuses.get(request.path, self.inbox_status)
            if status < 300:
                self.taken.append((request.path, self.received[-1]))
            kind = None if self.inbox_body is None else "application/json"
            return web.Response(status=status, headers=self.inbox_headers, text=self.inbox_body, content_type=kind)
        answer = self.served.get(request.path_qs) or self.served.get(request.path)
        if answer is None:
            return web.Response(status=404)
        if not isinstance(answer, Answer):
            answer = answer()
        body = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
        headers = {"Content-Type": answer.content_type} | answer.headers
        return web.Response(body=body, status=answer.status, headers=headers)


@asynccontextmanager
async def peer(key_directory: Path) -> AsyncIterator[Peer]:
    """Serve a peer with the keys in `key_directory`."""
    port = free_port()
    async with aiohttp.ClientSession() as http:
        one = Peer(
            f"http://127.0.0.1:{port}",
            private_key((key_directory / "group.rsa.pem").read_bytes()),
            private_key((key_directory / "group.ed25519.pem").read_bytes()),
            http,
        )
        one.inbox_open.set()
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", one._answer)
        runner = web.AppRunner(application, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        try:
            yield one
        finally:
            one.inbox_open.set()
            await runner.cleanup()
