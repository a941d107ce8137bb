"""The @context we send, inlined in every document, and the contexts that are bundled because they are never fetched.

NS is fixed for ever: no server has to resolve it and nobody can squat it.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import resources
from typing import Any, Final

from schemas import codes

NS: Final = "urn:uuid:e6d8b737-8e85-4ab6-82de-c21e7ae3160c#"
PUBLIC: Final = "https://www.w3.org/ns/activitystreams#Public"
"""The audience that is everybody. ActivityPub, section 5.6."""
PUBLIC_SPELLINGS: Final = frozenset({PUBLIC, "as:Public", "Public"})

_ACTIVITYSTREAMS = "https://www.w3.org/ns/activitystreams"
_SECURITY = "https://w3id.org/security/v1"
_DATA_INTEGRITY = "https://w3id.org/security/data-integrity/v1"
_MULTIKEY = "https://w3id.org/security/multikey/v1"
_BUNDLED = {_DATA_INTEGRITY: "data-integrity-v1.jsonld", _MULTIKEY: "multikey-v1.jsonld"}
BUNDLED_URLS: Final = tuple(_BUNDLED)
"""The contexts that we carry ourselves."""

_DAY = {"@type": "http://www.w3.org/2001/XMLSchema#date"}
_LINK = {"@type": "@id"}

_OURS: dict[str, Any] = {
    "cw": NS,
    "adoptedAt": {"@id": "cw:adoptedAt", **_DAY},
    "imports": {"@id": "cw:imports", **_LINK},
    "salt": "cw:salt",
    "decision": "cw:decision",
    "minorityReports": {"@id": "cw:minorityReports", **_LINK},
    "minorityReportOf": {"@id": "cw:minorityReportOf", **_LINK},
    "answersCorrectionOf": {"@id": "cw:answersCorrectionOf", **_LINK},
    "method": "cw:method",
    "majorityOf": "cw:majorityOf",
    "unanimous": "cw:unanimous",
    "inFavour": "cw:inFavour",
    "against": "cw:against",
    "abstaining": "cw:abstaining",
    "eligible": "cw:eligible",
    "quorum": "cw:quorum",
    "argumentsFor": {"@id": "cw:argumentsFor", "@container": "@list"},
    "argumentsAgainst": {"@id": "cw:argumentsAgainst", "@container": "@list"},
    "voters": {"@id": "cw:voters", "@container": "@list"},
    "choice": "cw:choice",
    "signatories": {"@id": "cw:signatories", "@container": "@list"},
    "signatory": {"@id": "cw:signatory", **_LINK},
    "signatureAuthorization": {"@id": "cw:signatureAuthorization", **_LINK},
    "redactions": {"@id": "cw:redactions", "@container": "@list"},
    "part": "cw:part",
    "partNumber": "cw:partNumber",
    "deletionReason": "cw:deletionReason",
    "redactedBy": "cw:redactedBy",
    "formerDigest": "cw:formerDigest",
}
_REPORT: dict[str, Any] = {
    # What is not named here or in ActivityStreams is ours. Naming every term of a report doubled its bytes.
    "@vocab": NS,
    "struggle": {"@id": "cw:struggle", **_LINK},
    "sameAs": {"@id": "cw:sameAs", **_LINK},
    "sector": {"@id": "cw:sector", **_LINK},
    "retrieved": {"@id": "cw:retrieved", **_DAY},
    "disputes": {"@id": "cw:disputes", **_LINK},
    "reportOf": {"@id": "cw:reportOf", **_LINK},
    "answers": {"@id": "cw:answers", **_LINK},
    **{
        name: {"@id": f"cw:{name}", "@container": "@list"}
        for name in (
            "addressee", "organisation", "measures", "demands", "sources", "responses", "claims", "chain", "withheld",
            "conditions", "occupations",
        )
    },
}  # fmt: skip
REPORT_WORDS: Final = frozenset(
    {
        "field", "actionKind", "who", "startedBy", "partyKind", "office", "consent", "chainRole", "country", "region",
        "locality", "indigenousName", "precision", "began", "ended", "beganPrecision", "endedPrecision", "asOf",
        "status", "reportStatus", "reportStatusReason", "measure", "value", "minValue", "maxValue", "unit", "basis",
        "computed", "absent", "precise", "allegedBy", "demandKind", "demandStatus", "raised", "decided", "outcome",
        "outcomeAsOf", "responseBy", "responseKind", "on", "claim", "about", "scheme", "code", "label", "sourceKind",
        "archivedDigest", "confidence", "part", "reason", "topic", "currency", "period", "gathered", "respondents",
        "population", "appealKind", "until", "goal", "how", "appealStatus", "answerKind",
        "pledge",
    }
)  # fmt: skip
"""Terms of reports, conditions and appeals that are ours by `@vocab` alone."""
_OBJECT: dict[str, Any] = {
    "toot": "http://joinmastodon.org/ns#",
    "ostatus": "http://ostatus.org#",
    "gts": "https://gotosocial.org/ns#",
    "sensitive": "as:sensitive",
    "Hashtag": "as:Hashtag",
    "Emoji": "toot:Emoji",
    "blurhash": "toot:blurhash",
    "focalPoint": {"@id": "toot:focalPoint", "@container": "@list"},
    "conversation": "ostatus:conversation",
    "quote": {"@id": "https://w3id.org/fep/044f#quote", **_LINK},
    # Texts, not addresses, as Mastodon and Fedify define them: Fedify answers 500 otherwise.
    "quoteUrl": "as:quoteUrl",
    "quoteUri": "http://fedibird.com/ns#quoteUri",
    "_misskey_quote": "https://misskey-hub.net/ns#_misskey_quote",
    "quoteAuthorization": {"@id": "https://w3id.org/fep/044f#quoteAuthorization", **_LINK},
    "interactionPolicy": {"@id": "gts:interactionPolicy", **_LINK},
    "canQuote": {"@id": "gts:canQuote", **_LINK},
    "automaticApproval": {"@id": "gts:automaticApproval", **_LINK},
    **_OURS,
}
_STRUGGLE_REPORT: dict[str, Any] = {
    # What is ours by @vocab is not named; but security/v1 has a `salt` too.
    **{name: term for name, term in _OBJECT.items() if term != f"cw:{name}" or name == "salt"},
    **_REPORT,
}
_POSITION: dict[str, Any] = {
    **_OBJECT,
    "stance": "cw:stance",
    "positionOn": {"@id": "cw:positionOn", **_LINK},
    "positionOnVersion": {"@id": "cw:positionOnVersion", "@type": "http://www.w3.org/2001/XMLSchema#dateTime"},
}
_FEP_8A8E = "https://w3id.org/fep/8a8e/"
_EVENT: dict[str, Any] = {
    **_OBJECT,
    "schema": "https://schema.org/",
    "eventStatus": {"@id": f"{_FEP_8A8E}eventStatus", "@type": "@vocab"},
    **{name: f"{_FEP_8A8E}{name}" for name in codes.EVENT_STATUSES},
    **{
        name: f"{_FEP_8A8E}{name}"
        for name in ("displayEndTime", "previousStartTime", "timezone", "joinMode", "externalParticipationUrl")
    },
    "organizers": {"@id": f"{_FEP_8A8E}organizers", **_LINK},
    "category": {"@id": f"{_FEP_8A8E}category", "@container": "@list"},
    "maximumAttendeeCapacity": "schema:maximumAttendeeCapacity",
    "VirtualLocation": "schema:VirtualLocation",
    "PostalAddress": "schema:PostalAddress",
    **{
        name: f"schema:{name}"
        for name in (
            "address",
            "streetAddress",
            "postalCode",
            "addressLocality",
            "addressRegion",
            "addressCountry",
        )
    },
}
_QUOTE: dict[str, Any] = {
    "gts": "https://gotosocial.org/ns#",
    "QuoteRequest": "https://w3id.org/fep/044f#QuoteRequest",
    "QuoteAuthorization": "https://w3id.org/fep/044f#QuoteAuthorization",
    "interactingObject": {"@id": "gts:interactingObject", **_LINK},
    "interactionTarget": {"@id": "gts:interactionTarget", **_LINK},
}
_SIGNATURE: dict[str, Any] = {
    "cw": NS,
    "gts": "https://gotosocial.org/ns#",
    "SignatureAuthorization": "cw:SignatureAuthorization",
    "interactingObject": {"@id": "gts:interactingObject", **_LINK},
    "signedDigest": "cw:signedDigest",
}
_QUESTION: dict[str, Any] = {**_OBJECT, "votersCount": "toot:votersCount"}
_ACTOR: dict[str, Any] = {
    "toot": "http://joinmastodon.org/ns#",
    "schema": "http://schema.org#",
    "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
    "movedTo": {"@id": "as:movedTo", **_LINK},
    "alsoKnownAs": {"@id": "as:alsoKnownAs", **_LINK},
    "featured": {"@id": "toot:featured", **_LINK},
    "discoverable": "toot:discoverable",
    "indexable": "toot:indexable",
    # schema: stands without its slash, as Misskey and Mastodon sent it for years; peers compare the short names.
    "PropertyValue": "schema:PropertyValue",
    "value": "schema:value",
    "webfinger": "https://purl.archive.org/socialweb/webfinger#webfinger",
    "implements": {"@id": "https://w3id.org/fep/844e/implements", "@type": "@id", "@container": "@list"},
    "assertionMethod": {"@id": "https://w3id.org/security#assertionMethod", "@type": "@id", "@container": "@set"},
    "cw": NS,
    "language": "cw:language",
    "tendency": "cw:tendency",
    "recoveryKey": {"@id": "cw:recoveryKey", **_LINK},
}
_COLLECTION: dict[str, Any] = {
    "cw": NS,
    "publisher": {"@id": "cw:publisher", **_LINK},
    "licence": "cw:licence",
    "retrieved": {"@id": "cw:retrieved", **_DAY},
    "basis": "cw:basis",
    "field": "cw:field",
}
_TOMBSTONE: dict[str, Any] = {
    "cw": NS,
    # ActivityStreams takes it for an address, so that "Note" would mean another thing wherever the document stands.
    "formerType": {"@id": "as:formerType", "@type": "@vocab"},
    "deletionReason": "cw:deletionReason",
    "formerDigest": "cw:formerDigest",
}

_DECIDED = (
    "cw", "salt", "decision", "method", "majorityOf", "unanimous", "inFavour", "against", "abstaining", "eligible",
    "quorum", "argumentsFor", "argumentsAgainst", "voters", "choice",
)  # fmt: skip
_RECOGNITION: dict[str, Any] = {
    **{name: _OURS[name] for name in _DECIDED},
    "recognisedAs": "cw:recognisedAs",
    "reviewOn": {"@id": "cw:reviewOn", **_DAY},
}

ACTIVITY_CONTEXT: Final[list[Any]] = [_ACTIVITYSTREAMS, _SECURITY, _DATA_INTEGRITY]
"""For activities. An object inside one keeps its own, so that its proof holds in both places."""
OBJECT_CONTEXT: Final[list[Any]] = [*ACTIVITY_CONTEXT, _OBJECT]
REPORT_CONTEXT: Final[list[Any]] = [*ACTIVITY_CONTEXT, _STRUGGLE_REPORT]
POSITION_CONTEXT: Final[list[Any]] = [*ACTIVITY_CONTEXT, _POSITION]
EVENT_CONTEXT: Final[list[Any]] = [*ACTIVITY_CONTEXT, _EVENT]
QUOTE_CONTEXT: Final[list[Any]] = [*ACTIVITY_CONTEXT, _QUOTE]
"""For stamps, and for activities that ask for one or answer that."""
SIGNATURE_CONTEXT: Final[list[Any]] = [*ACTIVITY_CONTEXT, _SIGNATURE]
MERGE_CONTEXT: Final[list[Any]] = [*ACTIVITY_CONTEXT, {"cw": NS, "salt": "cw:salt"}]
RECOGNITION_CONTEXT: Final[list[Any]] = [*ACTIVITY_CONTEXT, _RECOGNITION]
QUESTION_CONTEXT: Final[list[Any]] = [*ACTIVITY_CONTEXT, _QUESTION]
TOMBSTONE_CONTEXT: Final[list[Any]] = [*ACTIVITY_CONTEXT, _TOMBSTONE]
ACTOR_CONTEXT: Final[list[Any]] = [_ACTIVITYSTREAMS, _SECURITY, _DATA_INTEGRITY, _MULTIKEY, _ACTOR]
COLLECTION_CONTEXT: Final[list[Any]] = [_ACTIVITYSTREAMS, _SECURITY, _DATA_INTEGRITY, _COLLECTION]


def iri_of(key: str) -> str | None:
    """The IRI of an extension term that we send, or None if the term is ActivityStreams' or the like.

    `value` alone has two, ours and schema.org's: this is ours.
    """
    for terms in (
        _STRUGGLE_REPORT, _POSITION, _COLLECTION, _ACTOR, _EVENT, _QUESTION, _QUOTE, _SIGNATURE, _RECOGNITION,
        _TOMBSTONE,
    ):  # fmt: skip
        if key in terms and key not in REPORT_WORDS:
            name = terms[key] if isinstance(terms[key], str) else terms[key]["@id"]
            prefix, _, rest = name.partition(":")
            if prefix == "as":
                return f"{_ACTIVITYSTREAMS}#{rest}"
            return f"{terms[prefix]}{rest}" if prefix in terms and prefix != key else str(name)
    return f"{NS}{key}" if key in REPORT_WORDS else None


def bundled(url: str) -> dict[str, Any] | None:
    """The context document at `url` if we carry it; PyLD carries the others. Do not change what is returned."""
    return _read(_BUNDLED[url]) if url in _BUNDLED else None


@cache
def _read(name: str) -> dict[str, Any]:
    text = resources.files("schemas").joinpath("contexts", name).read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found
