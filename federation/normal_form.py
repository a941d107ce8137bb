"""Whether a document means what its short names say, or has to be read as JSON-LD first.

Nearly everything comes in the short names of ActivityStreams under well-known contexts: it is **usual**, and read as
it is. A document is unusual if what we would read has another name there: keywords as keys, names with a prefix or
whole IRIs, an inline context that gives a name of ActivityStreams another meaning or its meaning to another name, lists
where one value is meant. Those are brought into short names by JSON-LD processing (federation.normaliser), which is
costly and done in a process of its own, so this decision has to be cheap: it looks at each name once and processes
nothing (5 to 60 microseconds).

What a context at an address says is never asked for: of those that we do not carry, the names are taken as they stand.
JSON-LD 1.1 §4.1 and §9.15; ActivityStreams 2.0 §2.1, which has its context apply where a document names none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from schemas.reading import Malformed

ACTIVITYSTREAMS: Final = "https://www.w3.org/ns/activitystreams#"
SECURITY: Final = "https://w3id.org/security#"
INBOX: Final = "http://www.w3.org/ns/ldp#inbox"

_NAMES = """
Accept Activity Add Announce Application Arrive Article Audio Block Collection CollectionPage Create Delete
Dislike Document Event Flag Follow Group Ignore Image IntransitiveActivity Invite IsContact IsFollowedBy
IsFollowing IsMember Join Leave Like Link Listen Mention Move Note Object Offer OrderedCollection
OrderedCollectionPage Organization Page Person Place Profile Public Question Read Reject Relationship Remove
Service TentativeAccept TentativeReject Tombstone Travel Undo Update Video View accuracy actor alsoKnownAs
altitude anyOf attachment attributedTo audience bcc bto cc closed content context current deleted describes
duration endTime endpoints first followers following formerType generator height href hreflang icon image
inReplyTo instrument items last latitude liked likes location longitude mediaType name next
oauthAuthorizationEndpoint oauthTokenEndpoint object oneOf origin outbox partOf preferredUsername prev preview
provideClientKey proxyUrl published radius rel relationship replies result sharedInbox shares signClientKey
source startIndex startTime streams subject summary tag target to totalItems units updated uploadMedia url width
"""
NAMES: Final = frozenset(_NAMES.split())
"""The names of ActivityStreams that mean the IRI of the same name."""
OTHER_NAMES: Final = {
    "id": "@id",
    "type": "@type",
    "inbox": INBOX,
    "orderedItems": f"{ACTIVITYSTREAMS}items",
    "contentMap": f"{ACTIVITYSTREAMS}content",
    "nameMap": f"{ACTIVITYSTREAMS}name",
    "summaryMap": f"{ACTIVITYSTREAMS}summary",
}
"""And those that mean another."""
SECURITY_NAMES: Final = frozenset({"publicKey", "publicKeyPem", "owner", "controller", "assertionMethod", "proof"})
"""Those of security/v1 and its successors that we read."""
REFUSED: Final = frozenset({"@graph", "@included", "@reverse", "@nest"})
"""Keywords by which a document could say one thing to us and another to whoever reads it otherwise."""

_PREFIXES = {
    "as": ACTIVITYSTREAMS,
    "sec": SECURITY,
    "ldp": "http://www.w3.org/ns/ldp#",
    "https": "https:",
    "http": "http:",
}
_NAMING = ("Accept", "Reject", "Undo", "Follow", "Like", "Announce", "Block", "Delete")
_SINGLE = ("id", "actor", "content", "name", "summary", "published", "updated")
_MAPS = frozenset({"@language", "@index", "@id", "@type", "@graph"})
_CONTEXTS = 50


def is_usual(document: dict[str, Any]) -> bool:
    """Whether `document` can be read by its short names as it is.

    Raises Malformed for keywords that nobody needs who means well, under whatever name (REFUSED).
    """
    outline = _outline(_as_read(document))
    if outline.has_lists or any(name[:1] == "@" for name in outline.names - {"@context"}):
        _check_keywords(outline.names)
        return False
    return _says_nothing_strange(outline)


@dataclass(slots=True)
class _Outline:
    names: set[str] = field(default_factory=set)
    types: set[str] = field(default_factory=set)
    contexts: list[Any] = field(default_factory=list)
    has_lists: bool = False  # where one value is meant


def _as_read(document: dict[str, Any]) -> dict[str, Any]:
    """`document` without what stands inside an object that it merely names: nobody reads that.

    Fedify sends back the whole Follow in its Accept, with both actors in it, and those under whole IRIs.
    """
    embedded = document.get("object")
    if document.get("type") not in _NAMING or not isinstance(embedded, dict):
        return document
    read = {key: value for key, value in embedded.items() if key in ("@context", "type") or not _has_parts(value)}
    return {**document, "object": read}


def _has_parts(value: Any) -> bool:
    return isinstance(value, dict | list)


def _outline(document: dict[str, Any]) -> _Outline:
    found = _Outline()
    pending: list[Any] = [document]
    while pending:
        value = pending.pop()
        if isinstance(value, list):
            pending.extend(filter(_has_parts, value))
            continue
        found.names.update(value)
        for key, item in value.items():
            if key == "@context":
                # Pages hold the same context many times; it is looked at once. Nobody means well with many others.
                if len(found.contexts) <= _CONTEXTS and item not in found.contexts:
                    found.contexts.append(item)
            elif key == "type":
                found.types.update(one for one in (item if isinstance(item, list) else (item,)) if isinstance(one, str))
            elif (
                _has_parts(item) and ":" not in key
            ):  # what a prefixed name holds is read by nobody (Friendica's vcard)
                pending.append(item)
        found.has_lists = found.has_lists or any(isinstance(value.get(key), list) for key in _SINGLE)
    return found


def _check_keywords(names: set[str]) -> None:
    if refused := names & REFUSED:
        raise Malformed(min(refused), "is not read here")


def _says_nothing_strange(outline: _Outline) -> bool:
    _check_keywords(outline.names)
    prefixes, strange = dict(_PREFIXES), set()
    terms = _terms(outline.contexts)
    if terms is None:
        return False
    for term, meaning in terms:
        if isinstance(meaning, str) and meaning[-1:] in "#/:":
            prefixes[term] = _whole(meaning, prefixes)
    for term, meaning in terms:
        if term in outline.names or term in outline.types:
            if _is_refused(meaning):
                raise Malformed(term[:100], "stands for a keyword that is not read here")
            if _is_strange(term, meaning, prefixes):
                strange.add(term)
    if strange:
        return False
    return not any(_is_read(_whole(name, prefixes)) for name in outline.names | outline.types if ":" in name)


def _terms(contexts: list[Any]) -> list[tuple[str, Any]] | None:
    """What inline contexts define, those inside definitions too; None if one takes back what came before it."""
    if len(contexts) > _CONTEXTS:
        return None
    found: list[tuple[str, Any]] = []
    pending, seen = list(contexts), 0
    while pending:
        context = pending.pop()
        seen += 1
        if context is None or seen > _CONTEXTS * 4:
            return None
        if isinstance(context, list):
            pending.extend(context)
        elif isinstance(context, dict):
            for term, meaning in context.items():
                found.append((term, meaning))
                if isinstance(meaning, dict) and "@context" in meaning:
                    pending.append(meaning["@context"])
    return found


def _is_refused(meaning: Any) -> bool:
    if isinstance(meaning, dict):
        return "@reverse" in meaning or "@nest" in meaning or _is_refused(meaning.get("@id"))
    return isinstance(meaning, str) and meaning in REFUSED


def _is_strange(term: str, meaning: Any, prefixes: dict[str, str]) -> bool:
    if term[:1] == "@":
        return term == "@import"
    name, container = meaning, None
    if isinstance(meaning, dict):
        name, container = meaning.get("@id"), meaning.get("@container")
    iri = _whole(name, prefixes) if isinstance(name, str) else None
    if term in OTHER_NAMES:
        return iri != OTHER_NAMES[term]
    if term in NAMES:
        kinds = container if isinstance(container, list) else [container]
        return iri != ACTIVITYSTREAMS + term or any(isinstance(kind, str) and kind in _MAPS for kind in kinds)
    if iri is None:
        return False
    return iri[:1] == "@" or (_is_read(iri) and iri not in (ACTIVITYSTREAMS + term, SECURITY + term))


def _is_read(iri: str) -> bool:
    """Whether an IRI is one of those that we read under a short name. Fedify writes `as:Endpoints`; nobody reads it."""
    if iri.startswith(ACTIVITYSTREAMS):
        return iri[len(ACTIVITYSTREAMS) :] in NAMES
    return iri == INBOX or (iri.startswith(SECURITY) and iri[len(SECURITY) :] in SECURITY_NAMES)


def _whole(name: str, prefixes: dict[str, str]) -> str:
    prefix, colon, rest = name.partition(":")
    return prefixes[prefix] + rest if colon and prefix in prefixes else name
