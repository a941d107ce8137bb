"""Fedify as a peer: its process, and the doors through which a test has its actors act."""

from __future__ import annotations

import itertools
import json
import select
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from node.peering import store as peering
from tests.interop import npm
from tests.nodes.served import ServedNode, eventually

PROJECT = Path(__file__).with_name("fedify")
START_SECONDS = 180
NUMBERS = itertools.count(1)
SERVERS = ("rfc9421", "draft-cavage-http-signatures-12", "rfc9421 alone", "draft-cavage alone")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the process listens: its servers in the order of SERVERS, and the door for tests."""

    servers: tuple[str, ...]
    door: str


@contextmanager
def running(cache: Path, log: Path) -> Iterator[Addresses]:
    """Install and start the peer; it ends with the context, or with this process."""
    packages = npm.installed(PROJECT, cache)
    with log.open("wb") as errors, tempfile.TemporaryDirectory(dir=packages) as directory:
        for source in PROJECT.glob("*.mjs"):
            shutil.copy(source, directory)
        process = subprocess.Popen(
            [npm.node_command(), "peer.mjs"], cwd=directory,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors,
        )  # fmt: skip
        with process:
            assert process.stdin is not None
            try:
                yield _addresses(process, log)
            finally:
                process.stdin.close()
                process.wait(START_SECONDS)


def _addresses(process: subprocess.Popen[bytes], log: Path) -> Addresses:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    line = process.stdout.readline() if ready else b""
    assert line, f"the Fedify peer did not start: {log.read_text()[-2000:]}"
    told = json.loads(line)
    return Addresses(tuple(told["origins"]), told["door"])


@dataclass(frozen=True, slots=True)
class Fedify:
    """One of the Fedify servers."""

    number: int
    origin: str
    door: str
    http: aiohttp.ClientSession

    async def does(self, what: str, **fields: Any) -> Any:
        """Have the server do something; what came of it. Fails with Fedify's own words."""
        async with self.http.post(self.door, json={"peer": self.number, "do": what, **fields}) as response:
            assert response.status == 200, f"Fedify could not do `{what}`: {await response.text()}"
            return await response.json()

    async def actor(self, name: str = "alice", *, accepts: bool = True) -> Person:
        """A new actor there, who accepts those who follow her or rejects them."""
        name = f"{name}{next(NUMBERS)}"
        made = await self.does("actor", name=name, accepts=accepts)
        return Person(self, name, made["id"], made["handle"], made["inbox"])

    async def lookup(self, text: str, **fields: Any) -> dict[str, Any]:
        """What Fedify finds under a handle or an address."""
        found: dict[str, Any] | None = await self.does("lookup", text=text, **fields)
        assert found is not None, f"Fedify does not find {text}"
        return found

    async def received(self, kind: str, *, actor: str) -> list[dict[str, Any]]:
        """The activities of one type that an actor has brought there, each with what Fedify made of it."""
        entries = await self.does("received")
        return [
            one
            for one in entries
            if one["status"] and one["document"].get("type") == kind and one["document"].get("actor") == actor
        ]

    async def knocks(self, inbox: str) -> list[tuple[str, int]]:
        """The deliveries that Fedify has tried at `inbox`: how they were signed, and the answer."""
        return [(one["scheme"], one["status"]) for one in await self.does("knocks", url=inbox)]

    async def receives(self, kind: str, *, actor: str) -> dict[str, Any]:
        """The last activity of one type from an actor that Fedify has let in, once there is one, with valid signatures.

        Fails with what became of it if none is let in.
        """

        async def let_in() -> dict[str, Any] | None:
            come = await self.received(kind, actor=actor)
            return next((one for one in reversed(come) if one["status"] == 202), None)

        try:
            entry: dict[str, Any] = await eventually(let_in)
        except AssertionError:
            raise AssertionError(f"Fedify lets in no {kind} of {actor}: {await self._fates(kind, actor)}") from None
        wrong = [name for name in ("http", "proof", "linkedData") if entry[name] is False]
        assert not wrong, f"Fedify does not verify what our {kind} carries: {wrong}"
        assert entry["http"] and entry["proof"], f"our {kind} came without a signature or a proof"
        assert entry["understood"], f"Fedify's listener was not called with the {kind}"
        return entry

    async def _fates(self, kind: str, actor: str) -> list[dict[str, Any]]:
        told = ("scheme", "http", "proof", "linkedData", "status")
        return [{name: one[name] for name in told} for one in await self.received(kind, actor=actor)]


@dataclass(frozen=True, slots=True)
class Person:
    """An actor on a Fedify server."""

    fedify: Fedify
    name: str
    iri: str
    handle: str
    inbox: str

    async def does(self, what: str, **fields: Any) -> Any:
        """Have her do something; with `to` she brings it to that actor, without to her followers."""
        return await self.fedify.does(what, name=self.name, **fields)

    async def fate(self, node: ServedNode, sent: dict[str, Any]) -> str | None:
        """What became at `node` of something that she has sent there."""
        return await node.fate({"id": sent["id"], "actor": self.iri})


async def hear(node: ServedNode, person: Person) -> None:
    """Have the group of `node` follow somebody, until it is accepted."""
    await node.follow(person.handle)

    async def accepted() -> bool:
        return await follow_state(node, person) == "accepted"

    await eventually(accepted)


async def be_followed(node: ServedNode, person: Person) -> None:
    """Have somebody follow the group of `node`, until she knows that it was accepted."""
    await person.does("follow", to=node.group)
    await person.fedify.receives("Accept", actor=node.group)


async def follow_state(node: ServedNode, person: Person) -> str | None:
    """What the group of `node` knows of its wish to follow somebody."""
    row = await node.read(peering.find, follower=node.group, followed=person.iri)
    return None if row is None else str(row.state)
