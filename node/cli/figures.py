"""Commands about figures: figures, figures rebuild."""

from __future__ import annotations

import argparse
from urllib.parse import parse_qsl

from node.cli.commands import AS_JSON, Command, opened, option, show, words
from node.reports import counts, recounting
from node.statistics import actions, serialising
from node.statistics.questions import Question


async def figures(options: argparse.Namespace) -> int:
    """Print a table of figures."""
    words(options)
    question = Question.from_query(parse_qsl(options.question))
    async with opened(options) as node:
        table = await node.database.read(actions.table, question)
        document = serialising.as_json(table, question, node.address)
        sheet = serialising.as_csv(table, question, node.address)
    return show(options, document, sheet.rstrip())


async def rebuild(options: argparse.Namespace) -> int:
    """Count every report anew."""
    words(options)
    counted = 0
    after: int | None = 0
    async with opened(options) as node:
        while after is not None:
            found, after = await node.database.write(recounting.count_some, after)
            counted += found
        total = await node.database.read(counts.total)
    return show(options, {"counted": counted, "rows": total}, f"counted {counted:,} reports anew")


COMMANDS = (
    Command(
        "figures",
        "print a table of figures as CSV: what is known of the struggles that were reported",
        "commonwire figures ./union --question 'by=year,country&field=housing'",
        figures,
        options=(
            option(
                "--question", default="by=year", metavar="QUERY",
                help="what stands behind ? in the address of the table on /figures (default: by=year)",
            ),
            AS_JSON,
        ),
    ),
    Command(
        "figures rebuild",
        "count every report that is held anew, from its document; the running node goes on meanwhile",
        "commonwire figures rebuild ./union",
        rebuild,
        options=(AS_JSON,),
    ),
)  # fmt: skip
