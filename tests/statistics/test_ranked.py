"""What a database adds up by ranks is what the rule picks, one report after the other: whoever is asked, and for what."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from sqlalchemy import func, select, update

from node.context import Transaction
from node.reports.counts import counted_measures, counted_reports
from node.statistics import actions
from node.statistics.questions import Question
from tests.bench.plausible import PEERS, STRANGERS
from tests.bench.reports import fill
from tests.nodes.served import ServedNode

REPORTS = 1200
QUESTIONS = tuple(
    f"{by}{narrowed}"
    for by in ("by=year", "by=demand", "by=country,kind", "by=family,outcome", "by=organisation", "by=author")
    for narrowed in ("", "&field=work&country=US", "&demand=pay", "&outcome=won&outcome=lost&since=2000")
) + tuple(
    f"by={by}&source={PEERS[0]}&source={PEERS[1]}&source={STRANGERS[0]}" for by in ("year", "demand", "sector")
)  # fmt: skip


def told(tx: Transaction, query: str) -> dict[str, Any]:
    return asdict(actions.table(tx, Question.from_query([tuple(one.split("=")) for one in query.split("&")])))  # type: ignore[misc]


def rank_nothing(tx: Transaction) -> None:
    tx.execute(update(counted_reports).values(ranked=False).where(counted_reports.c.ranked.is_(True)))


def shuffle_ranks(tx: Transaction) -> None:
    table = counted_reports
    tx.execute(update(table).values(people_rank=-table.c.people_rank).where(table.c.people_rank.is_not(None)))


def ranked(tx: Transaction) -> tuple[int, int]:
    measures = select(func.count()).where(counted_measures.c.rank > 0)
    return (
        tx.execute(select(func.count()).where(counted_reports.c.ranked.is_(True))).scalar_one(),
        tx.execute(measures).scalar_one(),
    )


async def test_the_database_picks_what_the_rule_picks(node: ServedNode) -> None:
    await fill(node.node, REPORTS)
    assert min(await node.read(ranked)) > 5
    by_ranks = {query: await node.read(told, query) for query in QUESTIONS}
    await node.write(shuffle_ranks)
    assert await node.read(told, "by=year") != by_ranks["by=year"], "the ranks are what is picked by"
    await node.write(rank_nothing)
    for query, found in by_ranks.items():
        assert await node.read(told, query) == found, query
