"""Two nodes hold their figures against each other: what each has counted that the other has not.

Each node says what its table was made of (`/figures/inputs.json`): a digest for each of 256 parts, and of a part its
reports. Only the parts that differ are asked for. The other is asked the reader's question as it stands, and, if it
counts other groups than we do, once more about the groups that count here, so that what differs is a report and not a
matter of whom one hears. What it answers is compared and shown, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from federation.client import Budget
from federation.errors import Malformed
from federation.origin import origin
from node.context import Node
from node.statistics import actions
from node.statistics.actions import Parts
from node.statistics.questions import Question
from schemas import reading

PARTS_AT_MOST = 24
REPORTS_AT_MOST = 20_000  # of one part
REQUESTS = 4 * (PARTS_AT_MOST + 2)
QUERY_CHARACTERS = 6000  # what any server takes as the address of a request
DIGEST_CHARACTERS = 200

Reports = Mapping[str, str]
"""Report -> digest of what is counted of it."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a node says its table was made of; `parts` are number -> (reports, digest)."""

    sources: tuple[str, ...]
    rule: str
    merges: frozenset[tuple[str, str]]
    digest: str
    reports: int
    parts: Mapping[int, tuple[int, str]]


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Where two tables differ. `other` is the origin of the other node.

    `theirs_alone`, `ours_alone` and `different` are addresses of reports, in their order: those that only one of the
    two counts, and those that both count and know different versions of. `sources_theirs` are the groups that count
    there and not here, by their own choice; `sources_ours` the other way round. `parts` differ, of which `compared`
    were looked at. `same_sources`: the other was asked about the very groups that count here. `lacking` is what can be
    fetched: reports that are not here, or not in the version that the other knows, each with those who count here and
    could have said it. The other node names addresses as it likes: of no other server anything is lacking.
    """

    other: str
    ours: Inputs
    theirs: Inputs
    sources_ours: tuple[str, ...]
    sources_theirs: tuple[str, ...]
    theirs_alone: tuple[str, ...]
    ours_alone: tuple[str, ...]
    different: tuple[str, ...]
    parts: int
    compared: int
    same_sources: bool
    lacking: Mapping[str, tuple[str, ...]]

    @property
    def equal(self) -> bool:
        """Whether both have counted the same by the same rule: then every figure is the same."""
        ours, theirs = self.ours, self.theirs
        return self.same_sources and (ours.digest, ours.rule, ours.merges) == (
            theirs.digest,
            theirs.rule,
            theirs.merges,
        )


async def compare(node: Node, other: str, question: Question) -> Comparison:
    """Hold the answer to a question against that of the node at the origin `other`.

    Raises Refused, Gone, Unreachable, and Malformed for an answer that is no list of inputs.
    """
    ours = _of(await node.database.read(actions.parts, question))
    budget = Budget(requests=REQUESTS, bytes=REQUESTS * node.config.document_bytes)
    first = read_inputs(await _ask(node, other, question.to_query(), budget))
    asked, theirs = question, first
    if first.sources != ours.sources:
        precise = replace(question, sources=ours.sources)
        if len(precise.to_query()) <= QUERY_CHARACTERS:
            asked, theirs = precise, read_inputs(await _ask(node, other, precise.to_query(), budget))
    parts = differing(ours.parts, theirs.parts)
    here: dict[str, str] = {}
    there: dict[str, str] = {}
    for part in parts[:PARTS_AT_MOST]:
        here |= _reports(await node.database.read(actions.reports_in_part, question, part))
        there |= read_reports(await _ask(node, other, f"{asked.to_query()}&part={part}", budget))
    theirs_alone = tuple(sorted(there.keys() - here.keys()))
    different = tuple(sorted(one for one in here.keys() & there.keys() if here[one] != there[one]))
    return Comparison(
        other=other,
        ours=ours,
        theirs=theirs,
        sources_ours=tuple(sorted(set(ours.sources) - set(first.sources))),
        sources_theirs=tuple(sorted(set(first.sources) - set(ours.sources))),
        theirs_alone=theirs_alone,
        ours_alone=tuple(sorted(here.keys() - there.keys())),
        different=different,
        parts=len(parts),
        compared=min(len(parts), PARTS_AT_MOST),
        same_sources=theirs.sources == ours.sources,
        lacking=_lacking((*theirs_alone, *different), ours.sources, own=node.config.origin),
    )


def _lacking(reports: Iterable[str], sources: Iterable[str], *, own: str) -> dict[str, tuple[str, ...]]:
    at: dict[str, tuple[str, ...]] = {}
    for source in sources:
        if (server := _server(source)) is not None and server != own:
            at[server] = (*at.get(server, ()), source)
    return {one: at[server] for one in reports if (server := _server(one)) in at}


def _server(iri: str) -> str | None:
    try:
        return origin(iri)
    except Malformed:  # a reader can ask for any source, and the other node names what it likes
        return None


def differing(ours: Mapping[int, tuple[int, str]], theirs: Mapping[int, tuple[int, str]]) -> list[int]:
    """The parts in which the two differ, in their order."""
    return sorted(part for part in ours.keys() | theirs.keys() if ours.get(part) != theirs.get(part))


async def _ask(node: Node, other: str, query: str, budget: Budget) -> Any:
    url = f"{other}/figures/inputs.json?{query}"
    fetched = await node.client.get(url, accept="application/json", budget=budget)
    if origin(fetched.url) != other:
        raise Malformed("address", f"leads away from {other}")
    return reading.loads(fetched.body)


def _of(found: Parts) -> Inputs:
    parts = {one.part: (one.reports, one.digest) for one in found.parts}
    merges = frozenset((first, second) for first, second in found.merges)
    return Inputs(found.sources, found.rule, merges, found.digest, found.reports, parts)


# ---- what others answer


def read_inputs(document: Any) -> Inputs:
    """What another node says of its table. Raises Malformed."""
    found = _object(document, "")
    return Inputs(
        sources=tuple(sorted({reading.iri(one) for one in _list(found.get("sources"), "sources")})),
        rule=_text(found.get("rule"), "rule"),
        merges=frozenset(_pair(one) for one in _list(found.get("merges"), "merges")),
        digest=_text(found.get("digest"), "digest"),
        reports=_count(found.get("reports"), "reports"),
        parts=dict(_part(one) for one in _list(found.get("parts"), "parts")),
    )


def _part(document: Any) -> tuple[int, tuple[int, str]]:
    found = _object(document, "parts")
    number = _count(found.get("part"), "part")
    if number >= actions.PARTS:
        raise Malformed("part", f"is not below {actions.PARTS}")
    return number, (_count(found.get("reports"), "reports"), _text(found.get("digest"), "digest"))


def _pair(value: Any) -> tuple[str, str]:
    if not isinstance(value, list) or len(value) != 2:
        raise Malformed("merges", "must be pairs of addresses")
    return reading.iri(value[0]), reading.iri(value[1])


def read_reports(document: Any) -> dict[str, str]:
    """The reports in a part of another node's inputs. Raises Malformed."""
    return _reports(_object(_object(document, "").get("struggles"), "struggles"))


def _reports(struggles: Mapping[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for struggle in struggles.values():
        for report, digest in _object(struggle, "struggles").items():
            found[reading.iri(report)] = _text(digest, "struggles")
    if len(found) > REPORTS_AT_MOST:
        raise Malformed("struggles", f"has more than {REPORTS_AT_MOST} reports in a part")
    return found


def _object(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise Malformed(path, "must be an object")
    return value


def _list(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise Malformed(path, "must be a list")
    return value


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str) or len(value) > DIGEST_CHARACTERS:
        raise Malformed(path, f"must be a text of at most {DIGEST_CHARACTERS} characters")
    return value


def _count(value: Any, path: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise Malformed(path, "must be a number of things")
    return value
