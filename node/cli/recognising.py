"""Commands about what groups are to each other: peer recognise, revoke-recognition, recognitions."""

from __future__ import annotations

import argparse
from typing import Any

from node.cli.commands import (
    AS_JSON,
    AS_MEMBER,
    IN_GROUP,
    URGENT,
    Command,
    acting,
    group_of,
    opened,
    option,
    show,
    told,
    words,
)
from node.cli.requests import named
from node.context import Transaction
from node.decisions import with_proposed
from node.recognitions import actions, listing, rules


async def recognise(options: argparse.Namespace) -> int:
    """Say what another group is to this one."""
    (text,) = words(options)

    def act(tx: Transaction) -> str:
        who = named(tx, text)
        actions.recognise(
            tx,
            who,
            words=options.words_of_ours or "",
            reason=options.reason,
            review_on=rules.read_day(options.review or ""),
            actor=group_of(tx, options).iri,
            member=acting(tx, options),
            urgent=options.urgent,
        )
        return who

    async with opened(options) as node:
        who, proposed = await node.database.write(with_proposed, act)
    return told(options, proposed, {"id": who, "state": "recognised"}, f"{text} is recognised")


async def revoke(options: argparse.Namespace) -> int:
    """Take back what was said of another group."""
    (text,) = words(options)

    def act(tx: Transaction) -> str:
        who = named(tx, text)
        actions.revoke(tx, who, actor=group_of(tx, options).iri, member=acting(tx, options), urgent=options.urgent)
        return who

    async with opened(options) as node:
        who, proposed = await node.database.write(with_proposed, act)
    return told(options, proposed, {"id": who, "state": "revoked"}, f"{text} is recognised no longer")


async def recognitions(options: argparse.Namespace) -> int:
    """List whom the group recognises, and what others say of it."""
    words(options)

    def find(tx: Transaction) -> dict[str, Any]:
        group = group_of(tx, options).iri
        return {"given": listing.given(tx, group), "received": listing.received(tx, group)}

    async with opened(options) as node:
        found = await node.database.read(find)
    lines = [f"we recognise {_line(one, 'about')}" for one in found["given"]]
    lines += [f"{_line(one, 'author')} recognises us" for one in found["received"]]
    return show(options, found, "\n".join(lines) or "nobody recognises anybody yet")


def _line(one: dict[str, Any], who: str) -> str:
    said = f" ({one['words']})" if one["words"] else ""
    review = f", review on {one['review_on']}" if one["review_on"] else ""
    return f"{one[who]['handle']}{said} since {one['since'][:10]}{review}: {one['reason']}"


_ACT = (AS_MEMBER, IN_GROUP, URGENT, AS_JSON)
COMMANDS = (
    Command(
        "peer recognise", "say what another group is to this one, over its name and with a reason",
        'commonwire peer recognise ./union @tenants@tenants.example --in-words fraternal --reason "they held the gate"',
        recognise, words=("HANDLE",),
        options=(
            option("--reason", required=True, metavar="TEXT", help="why"),
            option("--in-words", dest="words_of_ours", metavar="TEXT", help="as what, in the group's own words"),
            option("--review", metavar="DAY", help="on which day to look at it again: 2027-05-01"),
            *_ACT,
        ),
    ),
    Command(
        "peer revoke-recognition", "take back what was said of another group",
        "commonwire peer revoke-recognition ./union @tenants@tenants.example", revoke, words=("HANDLE",), options=_ACT,
    ),
    Command(
        "peer recognitions", "list whom the group recognises, and what others say of it; never added up",
        "commonwire peer recognitions ./union", recognitions, options=(IN_GROUP, AS_JSON),
    ),
)  # fmt: skip
