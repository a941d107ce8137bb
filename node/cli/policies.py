"""Commands about whom the node hears: peer policy set, list, drop, preview; peer switch; peer log."""

from __future__ import annotations

import argparse
from typing import Any

from sqlalchemy import Row

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
from node.peering import actions, governing, log, policies, previews, shown, standing, terms
from node.peering.effects import Change, Effects
from node.peering.rules import Door, Mode, Severity

DROPPED = "no policy"


async def set_policy(options: argparse.Namespace) -> int:
    """Say what the node does with a domain or an actor."""
    (subject,) = words(options)
    said = _terms(options)

    def change(tx: Transaction) -> Effects:
        name, effects = governing.foreseen(tx, subject, said)
        governing.check_deliberate(effects, anyway=options.anyway)
        group, member = group_of(tx, options), acting(tx, options)
        more = {key: getattr(said, key) for key in governing.MORE}
        actions.set_policy(
            tx, name, said.severity, said.reason, actor=group.iri, member=member, urgent=options.urgent, **more
        )
        return effects

    async with opened(options) as node:
        effects, proposed = await node.database.write(with_proposed, change)
    lines = [
        f"{subject}: {said.severity.value}",
        *shown.lines(effects),
        *([terms.INSTEAD] if said.is_disagreement else []),
    ]
    result = {"subject": subject, "severity": said.severity.value, "effects": effects.as_json()}
    return told(options, proposed, result, "\n".join(lines))


async def drop_policy(options: argparse.Namespace) -> int:
    """Have no policy about a domain or an actor any more."""
    (subject,) = words(options)

    def change(tx: Transaction) -> Effects:
        name, effects = governing.foreseen(tx, subject, None)
        group, member = group_of(tx, options), acting(tx, options)
        actions.drop_policy(tx, name, options.reason or "", actor=group.iri, member=member, urgent=options.urgent)
        return effects

    async with opened(options) as node:
        effects, proposed = await node.database.write(with_proposed, change)
    result = {"subject": subject, "severity": None, "effects": effects.as_json()}
    return told(options, proposed, result, "\n".join([f"{subject}: {DROPPED}", *shown.lines(effects)]))


async def preview(options: argparse.Namespace) -> int:
    """Say what a policy would change, and change nothing."""
    (subject,) = words(options)
    said = None if options.drop else _terms(options)

    async with opened(options) as node:
        name, effects = await node.database.read(governing.foreseen, subject, said)
    would = DROPPED if said is None else said.severity.value
    result = {"subject": name, "severity": None if said is None else would, "effects": effects.as_json()}
    return show(options, result, "\n".join([f"{name}: {would} would mean", *shown.lines(effects)]))


async def list_policies(options: argparse.Namespace) -> int:
    """List the policies in force."""
    words(options)
    severity = terms.read_word(options.severity, "severity", Severity).value if options.severity else None

    def find(tx: Transaction) -> list[Row[Any]]:
        return policies.listed(tx, severity=severity, expired=options.expired)

    async with opened(options) as node:
        rows = await node.database.read(find)
    result = [shown.policy(row) for row in rows]
    return show(options, result, "\n".join(shown.policy_line(one) for one in result) or "there is no policy")


async def switch(options: argparse.Namespace) -> int:
    """Show how the three doors are set, or set one."""
    words(options)
    if not options.door:
        async with opened(options) as node:
            found = await node.database.read(_modes)
        return show(options, found, "\n".join(f"{door}: {mode}" for door, mode in found.items()))
    door = terms.read_word(options.door, "door", Door)
    mode = terms.read_word(options.mode or "", "mode", Mode)

    def change(tx: Transaction) -> Effects:
        effects = previews.preview(tx, Change(modes={door: mode}))
        if not options.preview:
            governing.check_deliberate(effects, anyway=options.anyway)
            group, member = group_of(tx, options), acting(tx, options)
            actions.set_switch(
                tx, door, mode, options.reason or "", actor=group.iri, member=member, urgent=options.urgent
            )
        return effects

    async with opened(options) as node:
        if options.preview:
            effects, proposed = await node.database.read(change), None
        else:
            effects, proposed = await node.database.write(with_proposed, change)
    text = f"{door.value}: {mode.value}{' would mean' if options.preview else ''}"
    result = {"door": door.value, "mode": mode.value, "effects": effects.as_json()}
    lines = "\n".join([text, *shown.lines(effects)])
    return show(options, result, lines) if options.preview else told(options, proposed, result, lines)


def _modes(tx: Transaction) -> dict[str, str]:
    return {door.value: standing.mode(tx, door).value for door in Door}


async def peering_log(options: argparse.Namespace) -> int:
    """Show what the groups of the node did towards servers and groups; redact a reason."""
    words(options)
    if options.redact is not None and not (options.redact.isdecimal() and len(options.redact) < 20):
        raise Invalid("“{value}” is not the number of an entry", field="redact", value=options.redact)
    async with opened(options) as node:
        if options.redact is not None:
            await node.database.write(log.redact, int(options.redact))
            return show(options, {"redacted": options.redact}, f"the reason of entry {options.redact} is redacted")
        rows = await node.database.read(lambda tx: log.entries(tx, subject=options.about, limit=500))
        counts = await node.database.read(log.counts_of_persons) if options.about is None else []
    result = {"entries": [shown.entry(row) for row in rows], "persons": [shown.count(row) for row in counts]}
    lines = [shown.entry_line(one) for one in result["entries"]] + [shown.count_line(one) for one in result["persons"]]
    return show(options, result, "\n".join(lines) or "nothing has been done yet")


def _terms(options: argparse.Namespace) -> terms.Terms:
    return terms.read(
        {
            "severity": options.severity, "reason": getattr(options, "reason", None), "category": options.category,
            "no_media": options.no_media, "kinds": options.kinds, "expires": options.until,
            "review_on": options.review, "subdomains": False if options.only else None,
        }
    )  # fmt: skip


_WHAT = (
    option("--category", metavar="WORD", help="spam, harassment, illegal_content, malware, other_abuse, disagreement"),
    option("--no-media", action="store_true", help="nothing of its pictures, films and sounds is fetched or shown"),
    option("--kinds", metavar="KINDS", help="for these kinds of text alone, such as Report,Statement"),
    option("--until", metavar="DAY", help="it counts until the end of this day"),
    option("--review", metavar="DAY", help="after this day delegates are told to look at it again"),
    option("--only", action="store_true", help="not for sub-domains"),
)
_ANYWAY = option("--anyway", action="store_true", help="even if nobody whom the group follows would be heard any more")
_REASON = option("--reason", metavar="TEXT", help="why, for those who come after you")
COMMANDS = (
    Command(
        "peer policy set", "say what the node does with a domain or an actor: accept, limit or reject",
        'commonwire peer policy set ./union spam.example --severity reject --category spam --reason "advertisements"',
        set_policy, words=("WHOM",),
        options=(
            option("--severity", required=True, metavar="WORD", help="accept, hold, limit or reject"),
            _REASON, *_WHAT, _ANYWAY, AS_MEMBER, IN_GROUP, URGENT, AS_JSON,
        ),
    ),
    Command(
        "peer policy preview", "say what a policy would change, and change nothing",
        "commonwire peer policy preview ./union spam.example --severity reject", preview, words=("WHOM",),
        options=(
            option("--severity", metavar="WORD", help="accept, hold, limit or reject"),
            option("--drop", action="store_true", help="what it would change to have no policy any more"),
            *_WHAT, AS_JSON,
        ),
    ),
    Command(
        "peer policy drop", "have no policy about a domain or an actor any more",
        "commonwire peer policy drop ./union spam.example", drop_policy, words=("WHOM",),
        options=(_REASON, AS_MEMBER, IN_GROUP, URGENT, AS_JSON),
    ),
    Command(
        "peer policy list", "list the policies in force, with reasons, ends and days of review",
        "commonwire peer policy list ./union --severity reject", list_policies,
        options=(
            option("--severity", metavar="WORD", help="those alone that say this"),
            option("--expired", action="store_true", help="those too that are over"), AS_JSON,
        ),
    ),
    Command(
        "peer switch", "show or set who may read, who may deliver, and from whom we fetch",
        "commonwire peer switch ./union --door delivering --mode allow_list --preview", switch,
        options=(
            option("--door", metavar="DOOR", help="reading, delivering or pulling"),
            option("--mode", metavar="MODE", help="open, block_list or allow_list"),
            option("--preview", action="store_true", help="say what it would change, and change nothing"),
            _REASON, _ANYWAY, AS_MEMBER, IN_GROUP, URGENT, AS_JSON,
        ),
    ),
    Command(
        "peer log", "show what the node's groups did towards servers and groups, and why",
        "commonwire peer log ./union --about spam.example", peering_log,
        options=(
            option("--about", metavar="WHOM", help="a domain with all below it, or the address of a group"),
            option("--redact", metavar="NUMBER", help="take the words of a reason out of the log; the entry stays"),
            AS_JSON,
        ),
    ),
)  # fmt: skip
