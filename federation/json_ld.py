"""JSON-LD processing of what strangers wrote. Runs in a process of its own, under limits: see federation.normaliser.

`short` brings a document into the short names that everything else here reads. `main` is the process: it reads one
document after another from its standard input, each with its length before it, and answers in the same way.
"""

from __future__ import annotations

import json
import os
import resource
import struct
import sys
from functools import cache
from typing import Any, BinaryIO

from federation import contexts
from federation.normal_form import ACTIVITYSTREAMS, NAMES, OTHER_NAMES, SECURITY, SECURITY_NAMES
from schemas import context as our_contexts

LENGTH = struct.Struct(">I")
_BASE = ["https://www.w3.org/ns/activitystreams", "https://w3id.org/security/v1"]
_BY_LANGUAGE = {"content": "contentMap", "name": "nameMap", "summary": "summaryMap"}
_OF_THE_DOCUMENT_AS_IT_CAME = frozenset({f"{SECURITY}proof", f"{SECURITY}signature"})
# What others say in names of their own and schemas reads: security/v1 and its successors, Misskey, Fedibird, Pleroma.
_OTHERS = {
    "publicKey": f"{SECURITY}publicKey",
    "publicKeyPem": f"{SECURITY}publicKeyPem",
    "owner": f"{SECURITY}owner",
    "controller": f"{SECURITY}controller",
    "publicKeyMultibase": f"{SECURITY}publicKeyMultibase",
    "Multikey": f"{SECURITY}Multikey",
    "CryptographicKey": f"{SECURITY}Key",
    "_misskey_quote": "https://misskey-hub.net/ns#_misskey_quote",
    "_misskey_content": "https://misskey-hub.net/ns#_misskey_content",
    "_misskey_reaction": "https://misskey-hub.net/ns#_misskey_reaction",
    "quoteUri": "http://fedibird.com/ns#quoteUri",
    "EmojiReact": "http://litepub.social/ns#EmojiReact",
    "focalPoint": "http://joinmastodon.org/ns#focalPoint",
    "PropertyValue": "http://schema.org/PropertyValue",
    "value": "http://schema.org/value",
}


def short(document: dict[str, Any]) -> dict[str, Any]:
    """`document` in short names, its @context that of ActivityStreams alone. Raises ValueError if it is no JSON-LD.

    Proofs and signatures are left out: they are over the document as it came. A context that we do not carry says
    nothing, so that its names stay as they are. One value is written alone, several as a list.
    """
    from pyld import jsonld

    bare = {name: value for name, value in document.items() if name not in ("proof", "signature")}
    try:
        expanded = jsonld.expand(bare, {"documentLoader": _load, "expandContext": _BASE, "base": ""})
        if len(expanded) != 1 or not isinstance(expanded[0], dict):
            raise ValueError("is not one object")
        return {"@context": _BASE[0]} | _object(expanded[0])
    except (jsonld.JsonLdError, TypeError, AttributeError, KeyError, IndexError, RecursionError) as error:
        raise ValueError(f"is no JSON-LD that can be read here ({getattr(error, 'code', None) or 'error'})") from None


def _object(node: dict[str, Any]) -> dict[str, Any]:
    """A node object of expanded JSON-LD (JSON-LD 1.1 API §5.1) in short names."""
    if "@graph" in node or "@included" in node or "@reverse" in node:
        raise ValueError("is not one object")
    found: dict[str, Any] = {}
    if "@id" in node:
        found["id"] = node["@id"]
    if "@type" in node:
        types = [_short(iri) for iri in node["@type"]]
        found["type"] = types[0] if len(types) == 1 else types
    for iri, values in node.items():
        if iri[:1] != "@" and iri not in _OF_THE_DOCUMENT_AS_IT_CAME:
            _put(found, _short(iri), values)
    return found


def _put(found: dict[str, Any], name: str, values: list[Any]) -> None:
    if name == "items" and any("@list" in one for one in values):
        name = "orderedItems"
    if name in _BY_LANGUAGE:
        texts = {one["@language"]: one["@value"] for one in values if "@language" in one}
        plain = [one for one in values if "@language" not in one]
        if texts and texts.keys() != {"und"}:  # Pleroma's and Akkoma's way to say no language
            found.setdefault(_BY_LANGUAGE[name], texts)
        values = plain or [{"@value": text} for text in list(texts.values())[:1]]
    read = [item for one in values for item in _values(one)]
    alone = len(read) == 1 and not any("@list" in one for one in values)
    found.setdefault(name, read[0] if alone else read)


def _values(value: dict[str, Any]) -> list[Any]:
    if "@value" in value:
        return [value["@value"]]
    if "@list" in value:
        return [item for one in value["@list"] for item in _values(one)]
    return [value["@id"] if value.keys() <= {"@id", "@index"} and "@id" in value else _object(value)]


def _short(iri: str) -> str:
    # What no context defines is `_:name` under that of ActivityStreams.
    if iri.startswith("_:") and iri[2:] not in NAMES and iri[2:] not in OTHER_NAMES:
        return iri[2:]
    if (known := _names().get(iri)) is not None:
        return known
    # Mobilizon's `timezone` is another IRI than ours. Extensions are read by their short names, whosever they are.
    local = iri.rpartition("#")[2].rpartition("/")[2]
    return local if local in _extensions() else iri


@cache
def _extensions() -> frozenset[str]:
    return frozenset(_names().values()) - NAMES - OTHER_NAMES.keys() - SECURITY_NAMES


@cache
def _names() -> dict[str, str]:
    """IRI -> the short name under which schemas reads it."""
    found = {iri: name for name, iri in _OTHERS.items()} | {f"{ACTIVITYSTREAMS}quoteUrl": "quoteUrl"}
    for listed, context in vars(our_contexts).items():
        if listed.endswith("_CONTEXT") and isinstance(context[-1], dict):
            for name in context[-1]:
                if name[:1] != "@":
                    found[_whole(context[-1], name)] = name
    found |= {our_contexts.NS + name: name for name in our_contexts.REPORT_WORDS}
    found |= {OTHER_NAMES["inbox"]: "inbox"} | {ACTIVITYSTREAMS + name: name for name in NAMES}
    return found


def _whole(terms: dict[str, Any], name: str) -> str:
    iri: str = terms[name] if isinstance(terms[name], str) else terms[name]["@id"]
    prefix, _, rest = iri.partition(":")
    if prefix == "as":
        return ACTIVITYSTREAMS + rest
    return f"{terms[prefix]}{rest}" if prefix in terms and prefix != name else iri


def _load(url: str, options: dict[str, Any]) -> Any:
    carried = _carried()
    if url in carried.documents:
        return carried(url, options)
    return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": {"@context": {}}}


@cache
def _carried() -> Any:
    return contexts.loader()


def main() -> None:
    """Answer until the input ends. The arguments are the most bytes of memory and seconds for one document."""
    memory, seconds = int(sys.argv[1]), int(sys.argv[2])
    incoming, outgoing = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing but answers goes out there
    short({"type": "Note", "id": "https://ready.example/"})
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    _write(outgoing, {})
    while (document := _read(incoming)) is not None:
        _limit_time(seconds)
        _write(outgoing, _answer(document))


def _answer(document: dict[str, Any]) -> dict[str, Any]:
    try:
        return {"found": short(document)}
    except ValueError as error:
        return {"refused": str(error)}


def _limit_time(seconds: int) -> None:
    """The system ends this process when it has used so much of its processor for one document."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    limit = int(used.ru_utime + used.ru_stime) + seconds + 1
    resource.setrlimit(resource.RLIMIT_CPU, (limit, resource.getrlimit(resource.RLIMIT_CPU)[1]))


def _read(stream: BinaryIO) -> dict[str, Any] | None:
    head = stream.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    document: dict[str, Any] = json.loads(stream.read(LENGTH.unpack(head)[0]))
    return document


def _write(stream: BinaryIO, answer: dict[str, Any]) -> None:
    body = json.dumps(answer).encode()
    stream.write(LENGTH.pack(len(body)) + body)
    stream.flush()


if __name__ == "__main__":
    main()
