"""What another server answers when it is asked, at random: it is understood or refused, and nothing else comes of it."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from functools import cache
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from federation import discovery
from federation.client import Budget
from federation.errors import Malformed, Refused, Unreachable
from node.statements import hearing, threads
from tests.amounts import SOAKED, many
from tests.nodes.peer import AS, PUBLIC, Answer, Peer
from tests.nodes.served import ServedNode
from tests.web.test_fuzz import ADDRESSES, ANYTHING, NOTES, placed

pytestmark = SOAKED
EXAMPLES = many(40)
LINKS = st.fixed_dictionaries(
    {},
    optional={
        "rel": st.sampled_from(["self", "http://webfinger.net/rel/profile-page", ""]) | ANYTHING,
        "type": st.just("application/activity+json") | ANYTHING,
        "href": ADDRESSES | ANYTHING,
    },
)
JRDS = st.fixed_dictionaries(
    {"links": st.lists(LINKS, max_size=4) | ANYTHING},
    optional={"subject": st.sampled_from(["acct:mallory@HOST", "acct:@", "acct:a@b@c", "mallory"]) | ANYTHING},
)
PAGES = st.fixed_dictionaries(
    {
        "id": st.just("PEER/pages/1"),
        "type": st.sampled_from(["Collection", "OrderedCollection", "OrderedCollectionPage"]),
    },
    optional={key: ADDRESSES | NOTES | ANYTHING for key in ("first", "next", "items", "orderedItems", "totalItems", "partOf")},
)  # fmt: skip
ACTORS = st.builds(
    lambda usual, rest: usual | rest,
    st.just({"id": "PEER/users/odd", "type": "Person", "inbox": "PEER/users/odd/inbox", "preferredUsername": "odd"}),
    st.dictionaries(
        st.sampled_from([
            "id", "type", "inbox", "endpoints", "publicKey", "assertionMethod", "icon", "image", "name", "summary", "url", "featured",
            "followers", "movedTo", "alsoKnownAs", "webfinger", "preferredUsername", "@context", "proof", "owner", "publicKeyPem",
        ]),
        ADDRESSES | ANYTHING,
        max_size=6,
    ),
)  # fmt: skip


@cache
def random_answers() -> list[tuple[Any, Any, Any, Any]]:
    """The same ones in every run: a WebFinger answer, an actor, a note, a page."""
    found: list[tuple[Any, Any, Any, Any]] = []

    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )  # fmt: skip
    @given(st.tuples(JRDS, ACTORS, NOTES, PAGES))
    def collect(answers: tuple[Any, Any, Any, Any]) -> None:
        found.append(answers)

    collect()
    return found


async def test_no_answer_breaks_the_node(node: ServedNode, hostile_peer: Peer) -> None:
    peer, origin = hostile_peer, hostile_peer.origin
    mallory, ours = peer.actor(), await node.publish()
    addresses = {"PEER": origin, "OURS": ours, "GROUP": node.group, "HOST": peer.host}
    understood = 0

    async def asked(question: Any) -> None:
        nonlocal understood
        try:
            async with asyncio.timeout(60):
                await question
            understood += 1
        except (Malformed, Refused, Unreachable):
            pass

    note = {"id": f"{origin}/odd/note", "type": "Note", "attributedTo": mallory, "to": [PUBLIC], "content": "x"}
    for jrd, actor, said, page in await asyncio.to_thread(random_answers):
        odd = placed(said, addresses)
        served = {"/users/odd": placed(actor, addresses), "/odd/note": note | odd | {"id": note["id"]}}
        served |= {"/pages/1": placed(page, addresses), "/notes/1": odd}
        for path, document in served.items():
            peer.served[path] = Answer(json.dumps({"@context": AS} | document).encode())
        answer = Answer(json.dumps(placed(jrd, addresses)).encode(), content_type="application/jrd+json")
        peer.served[f"/.well-known/webfinger?resource=acct:mallory@{peer.host}"] = answer
        await asked(discovery.find(node.node.client, f"@mallory@{peer.host}"))
        await asked(node.node.directory.actor_at(f"{origin}/users/odd"))
        await asked(hearing.fetch(node.node, note["id"]))
        await asked(threads.page_of(node.node, f"{origin}/pages/1", None, budget=Budget(requests=4, bytes=10**6)))
        node.clock.advance(timedelta(minutes=11))  # it is remembered for so long that somebody was asked in vain
    assert understood > EXAMPLES / 2, "too few are tame enough"
    await node.quiet()
    assert [row for row in (await node.contents())["jobs"] if any("Error" in str(value) for value in row)] == []
    assert (await node.page("/wire"))[0] == 200
