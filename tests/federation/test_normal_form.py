"""Which documents are read as they are, and what becomes of the others: real ones, written anew in unusual ways."""

from __future__ import annotations

import asyncio
import json
import os
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pyld import jsonld
from pyld.documentloader.frozen import BUNDLED_CONTEXTS, FrozenDocumentLoader

import schemas
from federation.errors import Malformed, Unreachable
from federation.normal_form import ACTIVITYSTREAMS, NAMES, OTHER_NAMES, is_usual
from federation.normaliser import WAITING, Normaliser
from schemas.context import BUNDLED_URLS, bundled
from tests.nodes.served import eventually

AS = "https://www.w3.org/ns/activitystreams"
HERE = Path(__file__).parents[1]
FOLDERS = (HERE / "schemas" / "foreign", Path(schemas.__file__).parent / "examples")
REAL = {path.stem: json.loads(path.read_bytes()) for folder in FOLDERS for path in sorted(folder.glob("*.json"))}
PROOF_CONTEXT = REAL["struggle_report"]["@context"][:-1]
ALICE, NOTE = "https://a.example/users/alice", "https://a.example/notes/1"
CARRIED = {url: json.loads(place.read_bytes()) for url, place in BUNDLED_CONTEXTS.items()}
CARRIED |= {url: bundled(url) for url in BUNDLED_URLS}
CREATE: dict[str, Any] = {
    "id": "https://a.example/creates/1",
    "type": "Create",
    "actor": ALICE,
    "to": [f"{AS}#Public"],
    "object": {"id": NOTE, "type": "Note", "attributedTo": ALICE, "content": "<p>hello</p>", "to": [f"{AS}#Public"]},
}


@pytest.fixture
async def normaliser() -> AsyncIterator[Normaliser]:
    one = Normaliser()
    yield one
    await one.close()


def test_the_names_are_those_of_the_context_of_activitystreams() -> None:
    context = json.loads(BUNDLED_CONTEXTS[AS].read_bytes())["@context"]
    meant = {name: term if isinstance(term, str) else term["@id"] for name, term in context.items()}
    assert {name for name, iri in meant.items() if iri == f"as:{name}"} == NAMES
    others = {
        name: iri.replace("as:", ACTIVITYSTREAMS).replace("ldp:", "http://www.w3.org/ns/ldp#")
        for name, iri in meant.items()
    }
    assert {name: others[name] for name in OTHER_NAMES} == OTHER_NAMES
    prefixes = {"@vocab", "xsd", "as", "ldp", "vcard"}
    assert set(meant) == NAMES | set(OTHER_NAMES) | prefixes


@pytest.mark.parametrize("name", REAL)
def test_what_others_and_we_really_send_is_usual(name: str) -> None:
    assert is_usual(REAL[name])


USUAL: list[dict[str, Any]] = [
    {},
    {"@context": AS},
    {"@context": [AS, {"@language": "und"}]},
    {"@context": ["https://join-lemmy.org/context.json", AS]},
    {"@context": "https://nobody.example/context"},
    {"@context": {"toot": "http://joinmastodon.org/ns#", "sensitive": "as:sensitive", "movedTo": {"@id": "as:movedTo", "@type": "@id"}}},
    {"@context": [AS, {"text": "as:content"}]},  # it is not used
    {"@context": [AS, {"id": "@id", "type": "@type"}]},
    {"@context": [AS, {"tag": {"@id": "as:tag", "@type": "@id", "@container": "@set"}}]},
    {"@context": [AS, {"proof": {"@id": "https://w3id.org/security#proof", "@type": "@id", "@container": "@graph"}}]},
    {"endpoints": {"type": "as:Endpoints", "sharedInbox": "https://a.example/inbox"}},
    {"toot:discoverable": True, "schema:name": "x"},
    {"type": "Accept", "object": {"id": NOTE, "type": "Follow", "actor": {"sec:publicKey": {"@value": 1}, "as:name": "x"}}},
]  # fmt: skip


@pytest.mark.parametrize("more", USUAL)
def test_usual_documents_cost_nothing(more: dict[str, Any]) -> None:
    assert is_usual(CREATE | more)


def load(url: str, options: dict[str, Any]) -> Any:
    return FrozenDocumentLoader({url: {"@context": {}}} | CARRIED)(url, options)


def test_a_page_of_a_hundred_reports_is_usual_and_quick_to_tell() -> None:
    context = [*PROOF_CONTEXT, REAL["struggle_report"]["@context"][-1]]
    report = REAL["struggle_report"] | {"proof": {"type": "DataIntegrityProof", "@context": context}}
    page = REAL["collection_page"] | {"orderedItems": [json.loads(json.dumps(report)) for _ in range(100)]}
    began = time.process_time()
    assert is_usual(page)
    assert time.process_time() - began < 1


def test_many_contexts_are_as_quick_to_tell() -> None:
    many = [{"@context": {f"x{number}": "as:x"}} for number in range(30_000)]
    began = time.process_time()
    assert not is_usual(CREATE | {"object": many})
    assert not is_usual(CREATE | {"@context": [one["@context"] for one in many]})
    assert time.process_time() - began < 10


def in_full(document: dict[str, Any]) -> dict[str, Any]:
    """Expanded JSON-LD: every name an IRI, every value in a list."""
    [found] = jsonld.expand(document, {"documentLoader": load, "expandContext": AS, "base": ""})
    return dict(found)


def compacted(document: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    found = jsonld.compact(in_full(document), {"@context": context}, {"documentLoader": load})
    return {name: value for name, value in found.items() if name != "@context"} | {"@context": context}


UNUSUAL: dict[str, dict[str, Any]] = {
    "expanded": in_full(CREATE),
    "prefixed": {f"as:{name}" if name not in ("id", "type") else name: value for name, value in CREATE.items()},
    "prefixed throughout": compacted(CREATE, {"as": ACTIVITYSTREAMS}),
    "keywords for names": compacted(CREATE, {"@vocab": ACTIVITYSTREAMS}),
    "a prefix of its own": compacted(CREATE, {"x": ACTIVITYSTREAMS, "who": {"@id": "x:actor", "@type": "@id"}}),
    "aliases": compacted(CREATE, {"kind": "@type", "is": "@id", "says": f"{ACTIVITYSTREAMS}content", "@vocab": ACTIVITYSTREAMS}),
    "lists of one": CREATE | {"type": ["Create"], "actor": [ALICE]},
    "whole IRIs as types": CREATE | {"type": f"{ACTIVITYSTREAMS}Create"},
    "an alias in an alias": compacted(
        CREATE, {"a": "https://www.w3.org/ns/", "b": "a:activitystreams#", "t": "@type", "body": "b:content", "@vocab": ACTIVITYSTREAMS}
    ),
}  # fmt: skip


async def test_an_unusual_document_says_what_it_says_in_short_names(normaliser: Normaliser) -> None:
    for name, document in UNUSUAL.items():
        assert not is_usual(document), name
        found = await normaliser.normal(document)
        read, meant = schemas.activity.parse(found), schemas.activity.parse(CREATE)
        assert (read.id, read.type, read.actor, read.to) == (meant.id, meant.type, meant.actor, meant.to), name
        assert schemas.parse(read.object) == schemas.parse(meant.object), name


async def test_real_documents_written_in_full_are_read_as_the_same(normaliser: Normaliser) -> None:
    for document in REAL.values():
        same(understood(await normaliser.normal(in_full(document))), understood(document))


def understood(document: dict[str, Any]) -> Any:
    try:
        return schemas.parse(document)
    except Malformed as error:
        return schemas.Unknown(str(error), None, {})


def same(one: Any, other: Any) -> None:
    """Whether two values mean the same; what they embed is read first, because a list of one is as good as the one."""
    for name in type(other).__dataclass_fields__:
        mine, yours = getattr(one, name), getattr(other, name)
        if (isinstance(other, schemas.Unknown) and name == "document") or name == "former_type":
            continue  # a type name alone is no IRI, where JSON-LD takes it for one
        if isinstance(yours, dict) and "type" in yours:
            same(understood(mine), understood(yours))
        else:
            assert isinstance(yours, dict) or mine == yours, name


async def test_a_name_that_was_given_another_meaning_has_that_meaning(normaliser: Normaliser) -> None:
    document = CREATE | {"@context": [AS, {"actor": "https://evil.example/ns#puppet", "summary": "as:actor"}]}
    found = await normaliser.normal(document)
    assert "actor" not in found, "a text where an address is meant, under a name that is not the actor's"
    assert found["https://evil.example/ns#puppet"] == ALICE


async def test_a_proof_is_left_with_the_document_as_it_came(normaliser: Normaliser) -> None:
    document = in_full(CREATE | {"object": CREATE["object"] | {"https://w3id.org/security#proof": {"type": "Note"}}})
    found = await normaliser.normal(document | {"proof": {"a": 1}, "signature": {"b": 1}})
    assert "proof" not in json.dumps(found) and "signature" not in found


async def test_a_context_that_we_do_not_carry_says_nothing_and_is_not_fetched(normaliser: Normaliser) -> None:
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.read(100))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/context"
    for context in ([AS, address], [address], [AS, {"x": {"@id": "as:x", "@context": address}}]):
        document = in_full(CREATE) | {"@context": context, "mystery": "kept as it is"}
        found = await normaliser.normal(document)
        assert found["type"] == "Create" and found["mystery"] == "kept as it is"
    with pytest.raises(Malformed):
        await normaliser.normal(in_full(CREATE) | {"@context": {"@import": address}})
    assert not asked
    server.close()
    await server.wait_closed()


REFUSED: dict[str, dict[str, Any]] = {
    "@graph": {"@graph": [CREATE]},
    "@graph inside": CREATE | {"object": {"@graph": [CREATE["object"]]}},
    "@included": CREATE | {"@included": [CREATE["object"]]},
    "@reverse": CREATE | {"@reverse": {"actor": ALICE}},
    "@nest": CREATE | {"@nest": {"actor": ALICE}},
    "an alias of @graph": CREATE | {"@context": [AS, {"all": "@graph"}], "all": [CREATE]},
    "an alias of @included": CREATE | {"@context": [AS, {"all": {"@id": "@included"}}], "all": [CREATE]},
    "a reversed name": CREATE | {"@context": [AS, {"did": {"@reverse": "as:actor"}}], "did": ALICE},
    "nothing": {"@id": NOTE, "@context": AS},
    "a redefinition of what is protected": in_full(CREATE)
    | {"@context": ["https://w3id.org/security/data-integrity/v1", {"proof": "https://evil.example/proof"}]},
    "no term": {"@context": [AS, {"a": {"@id": 5}}], "@id": NOTE, "a": 1},
    "no language": {"@context": [AS, {"@language": 5}], "@id": NOTE},
    "circles": {"@context": {"a": "b:c", "b": "a:d"}, "@id": NOTE, "a:x": 1},
}


async def test_what_nobody_needs_who_means_well_is_malformed(normaliser: Normaliser) -> None:
    for name, document in REFUSED.items():
        with pytest.raises(Malformed):
            pytest.fail(f"{name} is read as {await normaliser.normal(document)}")


def nested(levels: int) -> dict[str, Any]:
    document: dict[str, Any] = {f"{ACTIVITYSTREAMS}name": "x"}
    for _ in range(levels):
        document = {
            "@context": [AS, {"@vocab": f"{AS}#", "object": {"@id": "as:object", "@context": [AS, {}]}}],
            "object": document,
        }
    return document | {"@type": "Create"}


async def test_a_bomb_is_refused_before_it_is_touched(normaliser: Normaliser) -> None:
    for bomb in (nested(150), {"@id": NOTE, "to": [NOTE] * 2_000}, {"@id": NOTE, "x": [[[[]]]] * 700}):
        with pytest.raises(Malformed, match="unusual"):
            await normaliser.normal(bomb)
    assert normaliser.process_id is None


def crowded(contexts: int) -> dict[str, Any]:
    many = [{"@context": [AS, {f"x{number}": "as:x"}], "@id": f"{NOTE}{number}"} for number in range(contexts)]
    return {"@type": "Create", "to": many}


async def test_what_takes_too_long_ends_with_the_process_and_the_next_is_read() -> None:
    patient = Normaliser(depth=2_000, values=1_000_000, budget=timedelta(seconds=1))
    try:
        assert (await patient.normal(in_full(CREATE)))["actor"] == ALICE
        first = patient.process_id
        with pytest.raises(Malformed, match="more than 1 s"):
            await patient.normal(crowded(60_000))
        assert not running(first), "it was ended"
        assert (await patient.normal(in_full(CREATE)))["actor"] == ALICE
        assert patient.process_id not in (None, first)
    finally:
        await patient.close()
    assert patient.process_id is None


async def test_what_takes_too_much_memory_ends_with_the_process() -> None:
    small = Normaliser(values=10_000_000, memory_bytes=120 * 1024 * 1024, budget=timedelta(seconds=30))
    try:
        with pytest.raises(Malformed, match="too much"):
            await small.normal(
                {"@id": NOTE, f"{ACTIVITYSTREAMS}name": [{"@value": str(number)} for number in range(300_000)]}
            )
        assert (await small.normal(in_full(CREATE)))["actor"] == ALICE
    finally:
        await small.close()


async def test_an_idle_process_goes_away() -> None:
    brief = Normaliser(idle=timedelta(seconds=0.1))
    await brief.normal(in_full(CREATE))
    started = brief.process_id
    assert started is not None

    async def gone() -> bool:
        return brief.process_id is None and not running(started)

    await eventually(gone)
    assert (await brief.normal(in_full(CREATE)))["actor"] == ALICE
    await brief.close()


async def test_one_process_reads_for_many_and_too_many_are_told_to_come_again(normaliser: Normaliser) -> None:
    asked = [asyncio.create_task(normaliser.normal(in_full(CREATE))) for _ in range(WAITING + 5)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(one, Unreachable) for one in answers) == 5
    assert [one["actor"] for one in answers if isinstance(one, dict)] == [ALICE] * WAITING


async def test_whoever_hangs_up_leaves_the_process_in_order(normaliser: Normaliser) -> None:
    asked = asyncio.create_task(normaliser.normal(in_full(CREATE)))
    await asyncio.sleep(0)  # it has asked, and nothing can have answered
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    other = in_full(CREATE | {"actor": f"{ALICE}2"})
    assert (await normaliser.normal(other))["actor"] == f"{ALICE}2"


def running(process: int | None) -> bool:
    try:
        os.kill(process or 0, 0)
    except ProcessLookupError:
        return False
    return True
