"""Random activities by a signer whom the node hears, and passed on by one: never 5xx, never a bug in the log, and the node
goes on answering."""

from __future__ import annotations

import asyncio
import json
from functools import cache
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from schemas import activity as activity_documents
from schemas import statement as statement_documents
from tests.amounts import SOAKED, many
from tests.nodes.peer import AS, PUBLIC, Peer
from tests.nodes.served import ServedNode

pytestmark = SOAKED
EXAMPLES, TOGETHER = many(150), 30

# PEER, OURS and GROUP become addresses of the peer, of a statement and of the group.
ADDRESSES = st.sampled_from([
    "PEER/users/mallory", "PEER/users/mallory#main-key", "PEER/notes/1", "PEER/notes/2", "PEER/notes/2", "PEER/follows/1",
    "OURS", "GROUP", "GROUP/followers", PUBLIC, "as:Public", "https://victim.example/notes/1", "http://10.0.0.1/", "urn:x:y",
    "PEER/\u0416?x=%00", "", "not an address",
])  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["<p>hello</p>", "<script>", "2026-11-22T12:00:00Z", "2026-13-99", "en", "#tag"]),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**54), 2**54),
    st.floats(allow_nan=False, allow_infinity=False),
    TEXTS,
    ADDRESSES,
)
KEYS = st.sampled_from([
    "id", "type", "actor", "object", "attributedTo", "content", "contentMap", "name", "summary", "to", "cc", "tag", "url",
    "attachment", "inReplyTo", "published", "updated", "href", "mediaType", "proof", "publicKey", "owner", "struggle",
    "actionKind", "imports", "location", "measures", "value", "replies", "first", "items", "@context", "sensitive",
    "target", "instrument", "result", "oneOf", "anyOf", "endTime", "startTime", "votersCount", "closed", "quote",
    "quoteAuthorization", "interactionTarget", "interactingObject", "icon", "image", "featured", "movedTo", "alsoKnownAs",
    "context", "timezone", "joinMode", "signature", "interactionPolicy", "@graph", "@id", "@type", "as:actor", "x",
])  # fmt: skip
TYPES = st.sampled_from(
    [
        *activity_documents.TYPES,
        *statement_documents.TYPES,
        "Person",
        "Tombstone",
        "Collection",
        "Hashtag",
        "Mention",
        "Place",
        "Question",
        "Event",
        "QuoteAuthorization",
        "Emoji",
        "Image",
        "PostalAddress",
        "VirtualLocation",
        "Frobnicate",
        "",
        "x",
    ]
)
# Those that something is done for, each as often as the others together.
HANDLED = st.sampled_from(
    [
        "Accept",
        "Add",
        "Announce",
        "Block",
        "Create",
        "Delete",
        "EmojiReact",
        "Flag",
        "Follow",
        "Like",
        "Move",
        "QuoteRequest",
        "Reject",
        "Remove",
        "Undo",
        "Update",
    ]
)
CONTEXTS = st.sampled_from([
    AS, [AS], [AS, {"x": "as:actor"}], [AS, {"actor": "as:object", "object": "as:actor"}], {"as": f"{AS}#", "x": "as:Create"},
    [AS, {"x": {"@id": "as:object", "@type": "@id", "@container": "@set"}}], {"@vocab": f"{AS}#"}, [], None, 7,
    [AS, {"x": {"@reverse": "as:object"}}], [AS, "http://10.0.0.1/context"], [{"x": "x:x"}] * 60,
])  # fmt: skip
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.one_of(KEYS, TEXTS), inner, max_size=6)),
    max_leaves=25,
)
NOTES = st.fixed_dictionaries(
    {
        "id": ADDRESSES,
        "type": TYPES,
        "attributedTo": ADDRESSES,
        "to": st.one_of(st.just([PUBLIC]), ANYTHING),
    },
    optional={key: ANYTHING for key in (
        "content", "contentMap", "name", "summary", "published", "updated", "inReplyTo", "tag", "attachment", "cc", "url",
        "struggle", "actionKind", "imports", "proof", "location", "sensitive", "object", "actor", "oneOf", "anyOf", "endTime",
        "startTime", "quote", "quoteAuthorization", "replies", "context", "interactionPolicy", "icon", "image", "name",
    )},
)  # fmt: skip
ACTIVITIES = st.fixed_dictionaries(
    {"type": st.one_of(HANDLED, TYPES), "object": st.one_of(ADDRESSES, NOTES, ANYTHING)},
    optional={
        "to": ANYTHING,
        "cc": ANYTHING,
        "published": ANYTHING,
        "target": st.one_of(ADDRESSES, ANYTHING),
        "instrument": st.one_of(ADDRESSES, NOTES, ANYTHING),
        "result": st.one_of(ADDRESSES, ANYTHING),
        "content": ANYTHING,
        "proof": ANYTHING,
        "signature": ANYTHING,
        "@context": st.one_of(CONTEXTS, ANYTHING),
        "actor": st.sampled_from(["PEER/users/mallory", "PEER/users/forwarded", "GROUP", "https://victim.example/u"]),
    },
)


def placed(value: Any, addresses: dict[str, str]) -> Any:
    """`value` with the addresses of this test in it."""
    if isinstance(value, str):
        for name, address in addresses.items():
            value = value.replace(name, address)
        return value
    if isinstance(value, list):
        return [placed(one, addresses) for one in value]
    return {key: placed(one, addresses) for key, one in value.items()} if isinstance(value, dict) else value


@cache
def random_activities() -> list[dict[str, Any]]:
    """The same ones in every run."""
    found: list[dict[str, Any]] = []

    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )  # fmt: skip
    @given(ACTIVITIES)
    def collect(activity: dict[str, Any]) -> None:
        found.append(activity)

    collect()
    return found


async def test_no_activity_breaks_the_node(node: ServedNode, hostile_peer: Peer) -> None:
    actor, ours = hostile_peer.actor(), await node.publish()
    await node.follow(actor)
    addresses = {"PEER": hostile_peer.origin, "OURS": ours, "GROUP": node.group}

    async def bring(activity: dict[str, Any]) -> None:
        document = {"@context": AS, "id": hostile_peer.id("activities"), "actor": actor} | placed(activity, addresses)
        body = json.dumps(document).encode()
        inbox = f"{node.origin}/inbox"
        headers = hostile_peer.signed(inbox, body, key_id=f"{actor}#main-key")
        async with hostile_peer.http.post(inbox, data=body, headers=headers) as response:
            text = await response.text()
            assert response.status == 202 or 400 <= response.status < 500, (response.status, text, document)

    activities = await asyncio.to_thread(random_activities)
    for start in range(0, len(activities), TOGETHER):
        await asyncio.gather(*(bring(activity) for activity in activities[start : start + TOGETHER]))
    await node.quiet()
    contents = await node.contents()
    assert [row for row in contents["activities"] if "parked" in row] == []
    assert [row for row in contents["jobs"] if any("Error" in str(value) for value in row)] == []
    assert len([row for row in contents["activities"] if "in" in row]) > EXAMPLES / 10, (
        "too few are tame enough to be let in"
    )
    assert (await node.activity(ours))[0] == 200
    assert (await node.page("/wire"))[0] == 200
