"""Figures of two nodes side by side: their digests, and what each has counted that the other has not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from federation.errors import Malformed, Refused, Unreachable
from node import objects
from node.context import NODE, Transaction
from node.errors import NodeError
from node.statistics.comparing import Comparison
from node.statistics.questions import Question
from node.translating import N_, filled, said_with_place
from node.web import comparisons
from node.web.comparisons import COMPARISONS
from node.web.pages import entries, figure_forms
from node.web.pages.masthead import show

SHOWN = 40
SILENT = N_("{other} could not be asked: {reason}")


@dataclass(frozen=True, slots=True)
class Made:
    """A comparison that was asked for, or in words why there is none; neither where nothing was asked for."""

    found: Comparison | None = None
    told: str | None = None
    status: int = 200


async def compare(request: web.Request) -> web.Response:
    """The comparison with the node that `with` names, or a list of those it can be made with. Raises Invalid."""
    question = Question.from_query(list(request.query.items()))
    return await show(request, "compare.html", gather, question, await made(request, request.query, question))


async def made(request: web.Request, given: Mapping[str, str], question: Question) -> Made:
    """The comparison with the node that the field `with` names."""
    node, address = request.app[NODE], given.get("with", "").strip()
    if not address:
        return Made()
    try:
        other = await node.database.read(comparisons.one_of, address)
        return Made(await request.app[COMPARISONS].of(node, other, question))
    except NodeError as error:
        return Made(told=said_with_place(error), status=error.status)
    except (Refused, Malformed, Unreachable) as error:
        return Made(told=filled(SILENT, other=address[:200], reason=error), status=502)


def gather(tx: Transaction, question: Question, asked: Made) -> dict[str, Any]:
    """What the page shows, with its status."""
    return {"status": asked.status, "noindex": True} | told(tx, question, asked)


def told(tx: Transaction, question: Question, asked: Made) -> dict[str, Any]:
    """What is shown of a comparison, here and at the desk."""
    found = asked.found
    values: dict[str, Any] = {
        "others": comparisons.others(tx),
        "question": question.to_query(),
        "pairs": _pairs(question),
        "heading": figure_forms.heading(question),
        "narrowings": figure_forms.narrowings(question, {}),
        "found": found,
        "told": asked.told,
    }
    if found is None:
        return values
    lists = {"theirs_alone": found.theirs_alone, "ours_alone": found.ours_alone, "different": found.different}
    held = objects.find_all(tx, [iri for iris in lists.values() for iri in iris[:SHOWN]])
    groups = [*found.sources_ours[:SHOWN], *found.sources_theirs[:SHOWN]]
    return values | {
        "lists": {name: [(iri, _page(tx, held.get(iri))) for iri in iris[:SHOWN]] for name, iris in lists.items()},
        "counts": {name: len(iris) for name, iris in lists.items()},
        "groups": entries.authors(tx, groups),
        "merges_differ": found.ours.merges != found.theirs.merges,
        "rules_differ": found.ours.rule != found.theirs.rule,
    }


def _pairs(question: Question) -> list[tuple[str, str]]:
    pairs = [("by", ",".join(question.group_by))]
    pairs += [(name, value) for name, values in question.filters.items() for value in values]
    return [*pairs, *(("source", one) for one in question.sources or ())]


def _page(tx: Transaction, row: Any) -> str | None:
    return entries.page_of(tx.node, row) if row is not None and row.deleted is None else None
