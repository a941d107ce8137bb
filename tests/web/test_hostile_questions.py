"""Random questions at every address that is read with a query or a name: never 5xx, and the node goes on answering."""

from __future__ import annotations

import asyncio
from functools import cache
from urllib.parse import quote

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.amounts import SOAKED, many
from tests.nodes.served import ServedNode

pytestmark = SOAKED
EXAMPLES, TOGETHER = many(80), 20

VALUES = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.integers(-(2**70), 2**70).map(str),
    st.sampled_from([
        "", "ORIGIN", "OURS", "GROUP", "OURS/", "OURS#x", "ORIGIN@victim.example", "acct:union@HOST", "acct:@HOST", "//x",
        "http://[::1", "http://10.0.0.1/", "\x00", "%", "%2e%2e/", "..", "javascript:alert(1)", "x" * 3000, "1e9", "\u0663",
        "zzzzzzzzzzzzz", "json", "xml", "atom",
    ]),
)  # fmt: skip
NAMES = st.sampled_from(
    ["url", "resource", "rel", "format", "maxwidth", "maxheight", "before", "after", "from", "page", "x"]
)
PATHS = st.sampled_from([
    "/.well-known/webfinger", "/.well-known/host-meta.json", "/.well-known/security.txt", "/api/oembed", "/nodeinfo/2.1",
    "/groups/VALUE.atom", "/groups/VALUE.json", "/groups/union.atom", "/wire.json", "/wire.VALUE", "/tags/VALUE.atom",
    "/tags/VALUE", "/sitemaps/VALUE.xml", "/sitemap.xml", "/robots.txt", "/heard/VALUE", "/",
])  # fmt: skip
QUESTIONS = st.tuples(PATHS, VALUES, st.lists(st.tuples(NAMES, VALUES), max_size=3))


@cache
def random_questions() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """The same ones in every run."""
    found: list[tuple[str, str, list[tuple[str, str]]]] = []

    @settings(
        max_examples=EXAMPLES, derandomize=True, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )  # fmt: skip
    @given(QUESTIONS)
    def collect(question: tuple[str, str, list[tuple[str, str]]]) -> None:
        found.append(question)

    collect()
    return found


async def test_no_question_breaks_the_node(node: ServedNode) -> None:
    ours = await node.publish("Text.", tags=("x",))
    addresses = {"ORIGIN": node.origin, "OURS": ours, "GROUP": node.group, "HOST": node.node.config.host}

    def placed(value: str) -> str:
        for name, address in addresses.items():
            value = value.replace(name, address)
        return quote(value, safe="")

    async def ask(path: str, value: str, query: list[tuple[str, str]]) -> int:
        asked = "&".join(f"{name}={placed(given)}" for name, given in query)
        url = f"{node.origin}{path.replace('VALUE', placed(value))}?{asked}"
        async with node.http.get(url, headers={"Accept": "text/html"}) as response:
            body = await response.read()
            assert response.status < 500 or response.status == 501, (response.status, url)
            assert response.headers.get("X-Content-Type-Options") == "nosniff", url
            assert len(body) < 200_000
            return response.status

    questions = await asyncio.to_thread(random_questions)
    statuses: set[int] = set()
    for start in range(0, len(questions), TOGETHER):
        statuses |= set(await asyncio.gather(*(ask(*one) for one in questions[start : start + TOGETHER])))
    assert {200, 400, 404} <= statuses
    assert (await node.page("/"))[0] == 200
