"""Commands about what others say: moderation list, show, and one for each act."""

from __future__ import annotations

import argparse
from dataclasses import asdict, fields
from typing import Any

from node.cli.commands import (
    AS_JSON,
    AS_MEMBER,
    IN_GROUP,
    URGENT,
    Command,
    Usage,
    group_of,
    opened,
    option,
    show,
    told,
    words,
)
from node.context import Transaction
from node.decisions import with_proposed
from node.members import actions as members
from node.moderation import actions, rules, store
from node.moderation.rules import Settings

GIVEN = ("iri", "account", "number", "pattern", "by", "effect", "kinds", "category", "days")


async def listed(options: argparse.Namespace) -> int:
    """List what waits."""
    words(options)

    def find(tx: Transaction) -> list[dict[str, Any]]:
        return [
            {
                "iri": row.iri,
                "author": row.author,
                "at": row.at.isoformat(),
                "kind": row.kind,
                "rule": row.rule,
                "title": actions.words_of(row)[0],
            }
            for row in store.waiting(tx, group_of(tx, options).iri)
        ]

    async with opened(options) as node:
        rows = await node.database.read(find)
    lines = [
        f"{one['at'][:16]}  {one['iri']}\n    {one['author']}, {one['rule']}: {_plain(one['title'])}" for one in rows
    ]
    return show(options, rows, "\n".join(lines) or "nothing waits")


def _plain(text: str) -> str:
    return "".join(letter if letter.isprintable() else " " for letter in text)


async def shown(options: argparse.Namespace) -> int:
    """Show the rules of a group, whom it does not hear, and what each rule did lately."""
    words(options)

    def find(tx: Transaction) -> dict[str, Any]:
        group = group_of(tx, options).iri
        return {
            "settings": asdict(store.settings_of(tx, group)) | {"of_servers": store.paces_of(tx, group)},
            "filters": [{"number": row.id, **asdict(store.as_filter(row))} for row in store.filters_of(tx, group)],
            "silenced": [
                {"account": row.actor, "silence": row.silence, "category": row.category,
                 "until": row.ends.isoformat() if row.ends else None}
                for row in store.silenced_of(tx, group)
            ],
            "lately": [
                {"rule": row.rule, "did": row.did, "times": int(row.times), "last": row.day}
                for row in store.lately(tx, group, since=tx.now - rules.COUNTED_FOR)
            ],
        }  # fmt: skip

    async with opened(options) as node:
        found = await node.database.read(find)
    lines = [f"{name}: {value}" for name, value in found["settings"].items()]
    lines += [f"filter {one['number']}: {one['by']} “{one['pattern']}” → {one['effect']}" for one in found["filters"]]
    lines += [f"{one['silence']}: {one['account']} ({one['category']})" for one in found["silenced"]]
    lines += [f"{one['rule']}: {one['did']} {one['times']}, last {one['last']}" for one in found["lately"]]
    return show(options, found, "\n".join(lines))


async def act(options: argparse.Namespace) -> int:
    """Propose one of the acts, whose name is the second word of the command."""
    verb = options.command.name.split()[1]
    given = {name: getattr(options, name) for name in GIVEN if getattr(options, name, None) is not None}
    if options.command.words:
        (given[options.command.words[0].lower()],) = words(options)
    else:
        words(options)
    if verb == "set":
        given = {one.name: getattr(options, one.name) for one in fields(Settings) if getattr(options, one.name)}
        if not given:
            raise Usage("say what to change; see: commonwire moderation set --help")
    async with opened(options) as node:

        def propose(tx: Transaction) -> Any:
            member, group = members.named(tx, options.member), group_of(tx, options).iri
            return actions.do(tx, verb, given, actor=group, member=member, urgent=options.urgent)

        _, proposed = await node.database.write(with_proposed, propose)
    return told(options, proposed, {"act": verb, "state": "done"}, f"{verb}: it is done")


ACTING = (IN_GROUP, AS_MEMBER, URGENT, AS_JSON)
WHY = option("--category", choices=tuple(rules.CATEGORIES), help="why")
SETTINGS = tuple(
    option(f"--{one.name.replace('_', '-')}", metavar="YES|NO" if one.type == "bool" else "NUMBER", help=meaning)
    for one, meaning in zip(
        fields(Settings),
        (
            "whether the first message from a server that is not known here waits",
            "messages from accounts younger than so many days wait; 0: none does",
            "whether messages from accounts without a picture wait",
            "so many mentions by strangers in an hour are told one by one, more are collapsed; 0: never",
            "so many activities of one server are taken in an hour; 0: as many as it sends",
        ),
        strict=True,
    )
)


def _command(name: str, what: str, example: str, *taken: str, options: tuple[Any, ...] = ()) -> Command:
    return Command(f"moderation {name}", what, f"commonwire moderation {name} ./union{example}", act,
                   words=taken, options=(*options, *ACTING))  # fmt: skip


COMMANDS = (
    Command(
        "moderation list",
        "list what others have said that waits to be admitted or refused",
        "commonwire moderation list ./union",
        listed,
        options=(IN_GROUP, AS_JSON),
    ),
    Command(
        "moderation show",
        "show the group's filters and rules about strangers, whom it does not hear, and what each rule did lately",
        "commonwire moderation show ./union",
        shown,
        options=(IN_GROUP, AS_JSON),
    ),
    _command("admit", "show what was held back", " https://social.example/notes/7", "IRI"),
    _command("refuse", "forget what was held back", " https://social.example/notes/7", "IRI"),
    _command("hold", "take an answer of somebody else off the pages until a delegate looks again",
             " https://social.example/notes/7", "IRI"),
    _command("remove", "remove an answer of somebody else from this node",
             " https://social.example/notes/7 --category spam", "IRI", options=(WHY,)),
    _command("mute", "keep nothing that an account says to the group",
             " https://social.example/users/ann --category harassment --days 30", "ACCOUNT",
             options=(WHY, option("--days", metavar="NUMBER", help="for how many days; without it until unmute"))),
    _command("unmute", "hear a muted account again", " https://social.example/users/ann", "ACCOUNT"),
    _command("block", "block an account, and tell its server", " https://social.example/users/ann", "ACCOUNT",
             options=(WHY,)),
    _command("unblock", "block an account no longer", " https://social.example/users/ann", "ACCOUNT"),
    _command("filter", "add a filter by words (one * for the letters that follow) or by links to a domain",
             ' "cheap pill*" --effect hold', "PATTERN",
             options=(
                 option("--by", choices=tuple(rules.By), default="words", help="what the pattern stands for"),
                 option("--effect", choices=tuple(rules.Effect), default="hold", help="what happens then"),
                 option("--kinds", metavar="KINDS", help="for these kinds of objects only, such as Statement,Event"),
             )),
    _command("unfilter", "drop a filter", " 2", "NUMBER"),
    _command("pace", "take only so many activities of one server in an hour; 0: as many as of the others",
             " social.example --number 500", "HOST", options=(option("--number", metavar="NUMBER", help="how many"),)),
    _command("set", "change the rules about strangers", " --first-contact yes --new-account-days 3", options=SETTINGS),
)  # fmt: skip
