"""Commands about lists of policies: peer list import, export, subscribe, unsubscribe, show, except, adopt."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path
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
from node.context import Transaction
from node.decisions import with_proposed
from node.errors import Invalid
from node.peering.rules import Severity
from node.peering.terms import read_word
from node.policy_lists import actions, formats, shown, subscribing
from node.policy_lists.formats import Form

STANDARD_INPUT = "-"


async def bring(options: argparse.Namespace) -> int:
    """Show what a list would change, and put it to the group."""
    (file,) = words(options)
    said: dict[str, Any] = {name: getattr(options, name) for name in ("name", "severity", "category", "reason")}
    meant = shown.meant(said | {"replace": options.replace}, name="list" if file == STANDARD_INPUT else Path(file).name)
    body = await asyncio.to_thread(_read, file)

    def look(tx: Transaction) -> actions.Foreseen:
        return actions.foresee(tx, body, meant, actor=group_of(tx, options).iri, member=acting(tx, options))

    def do(tx: Transaction) -> actions.Foreseen:
        found, group, member = look(tx), group_of(tx, options), acting(tx, options)
        actions.propose(
            tx, found, actor=group.iri, member=member, urgent=options.urgent, anyway=options.anyway
        )  # fmt: skip
        return found

    async with opened(options) as node:
        if options.preview:
            found, made = await node.database.read(look), None
        else:
            found, made = await node.database.write(with_proposed, do)
    return told(options, made, shown.as_json(found), "\n".join(shown.lines(found)))


def _read(file: str) -> bytes:
    """The file, and never more of it than a list may have."""
    if file == STANDARD_INPUT:
        return sys.stdin.buffer.read(formats.BYTES_AT_MOST + 1)
    with Path(file).open("rb") as source:
        return source.read(formats.BYTES_AT_MOST + 1)


async def export(options: argparse.Namespace) -> int:
    """Write our own policies as a list."""
    words(options)
    form = read_word(options.form or Form.BLOCKS.value, "form", Form)
    severity = read_word(options.severity or Severity.REJECT.value, "severity", Severity)

    def find(tx: Transaction) -> actions.Export:
        return actions.export(tx, form, severity=severity, disagreement=options.disagreement)

    async with opened(options) as node:
        found = await node.database.read(find)
    if found.left_out:
        print(f"{found.left_out} that this list cannot say, or is not to, are left out", file=sys.stderr)
    if options.out is None:
        sys.stdout.write(found.text)
        return 0
    await asyncio.to_thread(Path(options.out).write_text, found.text, encoding="utf-8", newline="\n")
    result = {"file": options.out, "written": found.written, "left_out": found.left_out}
    return show(options, result, f"{options.out}: {found.written} policies")


async def subscribe(options: argparse.Namespace) -> int:
    """Subscribe to a list of others."""
    (url,) = words(options)
    if options.priority is not None and not (options.priority.isdecimal() and len(options.priority) < 6):
        raise Invalid("“{value}” is no number", field="priority", value=options.priority)
    more = {"severity": options.severity, "category": options.category, "adopts": options.adopts}
    return await _do(options, "subscribe", {"url": url, "priority": int(options.priority or 0), **more})


async def unsubscribe(options: argparse.Namespace) -> int:
    """End a subscription; its policies go."""
    (url,) = words(options)
    return await _do(options, "unsubscribe", {"url": url})


async def leave_out(options: argparse.Namespace) -> int:
    """Leave a domain out of a list of others, or no longer."""
    url, whom = words(options)
    return await _do(options, "include" if options.end else "except", {"url": url, "whom": whom})


async def adopt(options: argparse.Namespace) -> int:
    """Put to the group what a list of others has changed."""
    (url,) = words(options)
    return await _do(options, "adopt", {"url": url, "anyway": options.anyway})


async def _do(options: argparse.Namespace, verb: str, given: dict[str, Any]) -> int:
    def change(tx: Transaction) -> dict[str, Any]:
        group, member = group_of(tx, options), acting(tx, options)
        return subscribing.do(tx, verb, given, actor=group.iri, member=member, urgent=options.urgent)

    async with opened(options) as node:
        result, made = await node.database.write(with_proposed, change)
    return told(options, made, result, f"{verb}: {result['url']}")


async def subscriptions(options: argparse.Namespace) -> int:
    """List the lists of others, with what waits to be looked at."""
    words(options)
    async with opened(options) as node:
        result = await node.database.read(subscribing.overview)
    lines = [line for one in result for line in subscribing.lines_of(one)]
    return show(options, result, "\n".join(lines) or "there is no subscription")


_ACTING = (AS_MEMBER, IN_GROUP, URGENT, AS_JSON)
COMMANDS = (
    Command(
        "peer list subscribe", "subscribe to a list of others: an address, or the handle of a group that publishes one",
        "commonwire peer list subscribe ./union https://tenants.example/blocks.csv --category spam --priority 10",
        subscribe, words=("URL",),
        options=(
            option("--severity", metavar="WORD", help="of lines that have none: accept, hold, limit or reject"),
            option("--category", metavar="WORD", help="why, in a word: spam, harassment ..."),
            option("--priority", metavar="NUMBER", help="which list counts where two disagree (default: 0)"),
            option("--adopts", action="store_true", help="what it says counts without anybody looking at it"),
            *_ACTING,
        ),
    ),
    Command(
        "peer list unsubscribe", "end a subscription: the policies that came from it go, your own stay",
        "commonwire peer list unsubscribe ./union https://tenants.example/blocks.csv", unsubscribe, words=("URL",),
        options=_ACTING,
    ),
    Command(
        "peer list show", "list the lists of others that are subscribed to, and what waits to be looked at",
        "commonwire peer list show ./union", subscriptions, options=(AS_JSON,),
    ),
    Command(
        "peer list except", "leave a domain out of a list of others",
        "commonwire peer list except ./union https://tenants.example/blocks.csv friends.example", leave_out,
        words=("URL", "DOMAIN"), options=(option("--end", action="store_true", help="no longer"), *_ACTING),
    ),
    Command(
        "peer list adopt", "put to the group what a list of others has changed since",
        "commonwire peer list adopt ./union https://tenants.example/blocks.csv", adopt, words=("URL",),
        options=(
            option("--anyway", action="store_true", help="even if some whom the group follows would be heard no more"),
            *_ACTING,
        ),
    ),
    Command(
        "peer list import", "apply a list of domains from a file, or from standard input (-), as one act of the group",
        'commonwire peer list import ./union blocks.csv --category spam --reason "their list of May" --preview', bring,
        words=("FILE",),
        options=(
            option("--name", metavar="TEXT", help="what the list is called (default: the name of the file)"),
            option("--severity", metavar="WORD", help="of lines that have none: accept, hold, limit or reject"),
            option("--category", metavar="WORD", help="spam, harassment, illegal_content, malware, other_abuse, "
                   "disagreement"),
            option("--reason", metavar="TEXT", help="why, of lines without a comment (default: the name of the list)"),
            option("--replace", action="store_true", help="in place of policies of ours that stand against it"),
            option("--preview", action="store_true", help="say what it would change, and change nothing"),
            option("--anyway", action="store_true", help="even if some whom the group follows would be heard no more"),
            AS_MEMBER, IN_GROUP, URGENT, AS_JSON,
        ),
    ),
    Command(
        "peer list export", "write the policies about domains as a list that Mastodon and others can read",
        "commonwire peer list export ./union --out blocks.csv", export,
        options=(
            option("--form", metavar="WORD", help="blocks (Mastodon's CSV), allows (who is let in), or plain"),
            option("--severity", metavar="WORD", help="of a plain list: those that say this (default: reject)"),
            option("--disagreement", action="store_true", help="those too that are political disagreement"),
            option("--out", metavar="FILE", help="where to write it (default: standard output)"), AS_JSON,
        ),
    ),
)  # fmt: skip
