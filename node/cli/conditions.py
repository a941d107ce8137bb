"""The command about conditions: the figures that this node makes of what groups report."""

from __future__ import annotations

import argparse

from node.cli.commands import AS_JSON, Command, opened, option, show, words
from node.conditions import figures, store
from node.conditions.figures import Figure, Table
from node.context import Transaction
from node.statistics.actions import sources
from node.statistics.questions import Question
from schemas import codes


async def told(options: argparse.Namespace) -> int:
    """Print the figures of conditions."""
    words(options)
    given = {name: getattr(options, name) for name in store.FILTERS if getattr(options, name) is not None}
    async with opened(options) as node:
        found = await node.database.read(_table, given, tuple(sorted(options.source or ())))
    lines = [*map(_text, found.figures), f"digest {found.digest}"] if found.figures else ["no figure is known here"]
    return show(options, found.as_json(), "\n".join(lines))


def _table(tx: Transaction, given: dict[str, str | int], chosen: tuple[str, ...]) -> Table:
    return figures.table(tx, given, sources(tx, Question(sources=chosen or None)))


def _text(one: Figure) -> str:
    per = f" per {one.period}" if one.period else ""
    middle = _end(one.median_low) if one.median_low == one.median_high else _range(one.median_low, one.median_high)
    return (
        f"{one.topic:<10} {one.measured_in}{per}: median {middle} ({_range(one.least, one.most)}), "
        f"groups {one.groups}, reports {one.reports}, people asked {_asked(one)}"
    )


def _asked(one: Figure) -> str:
    if one.few or one.respondents_low is None:
        return "fewer than 5" if one.few else "unknown"
    exact = one.respondents_low == one.respondents_high
    return _end(one.respondents_low) if exact else _range(one.respondents_low, one.respondents_high)


def _range(low: float | None, high: float | None) -> str:
    return f"{_end(low)} to {_end(high)}"


def _end(value: float | None) -> str:
    return "open" if value is None else f"{value:,.12g}"


COMMANDS = (
    Command(
        "conditions",
        "show the figures of conditions by topic, currency or unit, and period, with the number of people asked",
        "commonwire conditions ./union --topic wages --country SE",
        told,
        options=(
            option("--topic", choices=tuple(codes.CONDITION_TOPICS), metavar="TOPIC",
                   help=f"one of {', '.join(codes.CONDITION_TOPICS)}"),
            option("--country", metavar="CODE", help="ISO 3166-1, such as SE"),
            option("--field", choices=tuple(codes.FIELDS), metavar="FIELD", help=f"one of {', '.join(codes.FIELDS)}"),
            option("--section", metavar="LETTER", help="of ISIC Rev. 4, A to U"),
            option("--year", type=int, metavar="YEAR", help="of which it is true, else in which it was said"),
            option("--source", action="append", metavar="IRI",
                   help="whose reports count, repeated; without it the groups of this node and those they follow"),
            option("--author", metavar="IRI", help="what one group reports"),
            option("--struggle", metavar="IRI", help="for this struggle"),
            AS_JSON,
        ),
    ),
)  # fmt: skip
