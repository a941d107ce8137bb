"""Commands about drafts: what members write together before the group decides."""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from node.cli import publishing
from node.cli.commands import (
    AS_JSON,
    AS_MEMBER,
    CONFIRM,
    IN_GROUP,
    Argument,
    Command,
    acting,
    group_of,
    opened,
    option,
    show,
    words,
)
from node.context import Transaction
from node.decisions import with_proposed
from node.drafts import actions, differences, proposing, store
from node.drafts.actions import Saved
from node.drafts.rules import Outcome, Standing
from node.errors import Invalid, Missing
from node.members import actions as members
from node.statements import writing
from node.statements.rules import Draft

READ = "# draft {}, version {}"
HAS_READ = re.compile(r"^# draft (\d{1,9}), version (\d{1,9})$", re.MULTILINE)


async def new(options: argparse.Namespace) -> int:
    """Begin a draft with what stands in a file."""
    (name,) = words(options)
    draft = publishing.draft_in(Path(name))
    async with opened(options) as node:
        draft = await publishing.completed(node, draft, beside=Path(name).parent)

        def act(tx: Transaction) -> int:
            member = acting(tx, options)
            return actions.begin(tx, draft, actor=group_of(tx, options).iri, member=member, kind=options.kind)

        number = await node.database.write(act)
    return show(options, {"number": number, "version": 1}, f"draft {number} is kept; members alone see it")


async def edit(options: argparse.Namespace) -> int:
    """Keep a newer version of a draft; 1 if somebody has to choose between two wordings."""
    number, name = _number(words(options)[0]), words(options)[1]
    given = publishing.draft_in(Path(name))
    based_on = options.based_on or _has_read(publishing.text_of(Path(name)), number)
    async with opened(options) as node:
        given = await publishing.completed(node, given, beside=Path(name).parent)
        saved = await node.database.write(_save, options, number, given, based_on)
        head = await node.database.read(lambda tx: actions.readable(tx, number, members.named(tx, options.member)).head)
    result: dict[str, Any] = {"number": number, "outcome": saved.outcome.value, "version": saved.version}
    if saved.outcome is Outcome.ASIDE and saved.joined is not None:
        print(f"others have changed the same words: {', '.join(saved.joined.quarrels)}", file=sys.stderr)
        print(
            f"yours is kept as version {saved.version}, set aside. Both stand below: choose, and save with",
            file=sys.stderr,
        )
        print(f"  commonwire draft edit {number} FILE --settles {saved.version}", file=sys.stderr)
        show(
            options,
            result | {"quarrels": list(saved.joined.quarrels)},
            as_file(saved.joined.draft, read=(number, head)),
        )
        return 1
    return show(options, result, f"draft {number}: {saved.outcome.value}, version {saved.version}")


def _has_read(text: str, number: int) -> int | None:
    """The version of the draft that a file was made from, by the line that `draft show` has written into it."""
    found = HAS_READ.search(text)
    return int(found[2]) if found is not None and int(found[1]) == number else None


def _save(tx: Transaction, options: argparse.Namespace, number: int, given: Draft, read: int | None) -> Saved:
    member = members.named(tx, options.member)
    row = actions.readable(tx, number, member)
    based_on = read or row.head
    before = actions.content(tx, row, based_on)
    draft = replace(given, translations=before.translations)
    if options.translation:
        one = replace(given, language=options.translation, translations=())
        others = [text for text in before.translations if text.language != options.translation]
        draft = replace(before, translations=(*others, one) if one.text else tuple(others))
    return actions.save(tx, number, draft, based_on=based_on, member=member, settles=options.settles)


async def listed(options: argparse.Namespace) -> int:
    """What the group is writing."""
    words(options)

    def gather(tx: Transaction) -> list[dict[str, Any]]:
        group = group_of(tx, options).iri
        members.require(tx, members.named(tx, options.member), "read", actor=group)
        return [_line(tx, row) for row in store.of_group(tx, group)]

    async with opened(options) as node:
        found = await node.database.read(gather)
    lines = [f"{one['number']:>5}  {one['state']:<9} {one['kind']:<10} {one['title'] or '-'}" for one in found]
    return show(options, found, "\n".join(lines) or "nobody is writing anything")


def _line(tx: Transaction, row: Row[Any]) -> dict[str, Any]:
    draft = actions.newest(tx, row)
    return {
        "number": row.id,
        "state": actions.standing(row).value,
        "kind": row.kind,
        "title": draft.title or " ".join(draft.text.split())[:60],
        "version": row.head,
        "languages": [one.language for one in (draft, *draft.translations)],
    }


async def shown(options: argparse.Namespace) -> int:
    """A draft as a file, or one of its versions or languages; what is said about it goes to standard error."""
    number = _number(words(options)[0])

    def gather(tx: Transaction) -> tuple[Draft, int, list[Row[Any]], list[Row[Any]]]:
        row = actions.readable(tx, number, members.named(tx, options.member))
        text = actions.content(tx, row, options.version) if options.version else actions.newest(tx, row)
        return text, options.version or row.head, store.versions_of(tx, number), store.comments_on(tx, number)

    async with opened(options) as node:
        draft, version, versions, comments = await node.database.read(gather)
    if options.translation:
        found = [one for one in draft.translations if one.language == options.translation]
        if not found:
            raise Missing("draft {number} has no text in “{tag}”", number=number, tag=options.translation)
        draft = found[0]
    for one in versions:
        print(
            f"version {one.number} by {one.name or 'a former member'}, {one.at:%Y-%m-%d %H:%M}, {one.place}",
            file=sys.stderr,
        )
    for one in comments:
        print(
            f"comment {one.id} by {one.name or 'a former member'} on version {one.version}: {one.words}",
            file=sys.stderr,
        )
    text = as_file(draft, read=(number, version))
    return show(options, {"number": number, "text": text, "versions": [one.number for one in versions]}, text)


async def diff(options: argparse.Namespace) -> int:
    """What has changed between two versions, by words."""
    number = _number(words(options)[0])

    def gather(tx: Transaction) -> list[actions.Difference]:
        member = members.named(tx, options.member)
        head = actions.readable(tx, number, member).head
        after = options.after or head
        return actions.difference(tx, number, options.before or max(1, after - 1), after, member=member)

    async with opened(options) as node:
        found = await node.database.read(gather)
    result = [{"field": one.field, "difference": differences.in_one_line(one.pieces)} for one in found]
    text = "\n".join(f"{one['field']}:\n{one['difference']}" for one in result)
    return show(options, result, text or "they say the same")


async def comment(options: argparse.Namespace) -> int:
    """Say something about a draft."""
    number, said = _number(words(options)[0]), words(options)[1]

    def act(tx: Transaction) -> int:
        return actions.comment(tx, number, said, member=members.named(tx, options.member), version=options.version)

    async with opened(options) as node:
        made = await node.database.write(act)
    return show(options, {"draft": number, "comment": made}, f"comment {made} on draft {number}")


async def preview(options: argparse.Namespace) -> int:
    """What Mastodon, GoToSocial, Misskey and a peer will show."""
    number = _number(words(options)[0])
    async with opened(options) as node:

        def gather(tx: Transaction) -> Any:
            member = members.named(tx, options.member)
            return actions.previews(tx, number, member=member), actions.asked_later(tx, number, member=member)

        found, later = await node.database.read(gather)
    for name in later:
        print(publishing.ASKED_LATER.format(name=name), file=sys.stderr)
    result = [
        {"language": language, "server": one.server, "warning": one.warning, "html": one.html}
        | {"whole": one.whole, "remarks": list(one.remarks)}
        for language, servers in found
        for one in servers
    ]
    text = "\n\n".join(
        "\n".join(
            [f"== {one['server']} ({one['language'] or '-'})", *(f"! {remark}" for remark in one["remarks"])]
            + ([f"[behind: {one['warning']}]"] if one["warning"] is not None else [])
            + [one["html"]]
        )
        for one in result
    )
    return show(options, result, text)


async def propose(options: argparse.Namespace) -> int:
    """Put a draft to the group: it is published at once where one member may act."""
    number = _number(words(options)[0])
    async with opened(options) as node:

        def act(tx: Transaction) -> Any:
            member = members.named(tx, options.member)
            version = options.version or actions.readable(tx, number, member).head
            draft, confirm = actions.newest(tx, actions.readable(tx, number, member)), " ".join(options.confirm or ())
            put = proposing.propose(tx, number, version=version, member=member, urgent=options.urgent, confirm=confirm)
            return *put, draft

        (iri, state, draft), made = await node.database.write(with_proposed, act)
        publishing.warn(draft)
        delay = node.config.publication_delay
    return publishing.tell(options, iri, state, made, delay=delay, done="published")


async def drop(options: argparse.Namespace) -> int:
    """Delete a draft with all its versions."""
    number = _number(words(options)[0])
    async with opened(options) as node:
        await node.database.write(lambda tx: actions.drop(tx, number, member=members.named(tx, options.member)))
    return show(options, {"number": number, "state": "dropped"}, f"draft {number} is deleted, with all its versions")


async def recall(options: argparse.Namespace) -> int:
    """Call back what the group has adopted and has not left; the draft can be worked on again."""
    number = _number(words(options)[0])
    async with opened(options) as node:
        await node.database.write(lambda tx: proposing.call_back(tx, number, member=members.named(tx, options.member)))
    return show(options, {"number": number, "state": Standing.OPEN.value}, f"called back: draft {number} is open again")


def as_file(draft: Draft, *, read: tuple[int, int] | None = None) -> str:
    """A draft as the file that would make it; of which draft and version it was `read`, in a line of its own."""
    position = {key: draft.position[name] for key, name in writing.POSITION.items() if name in draft.position}
    values = {
        "title": draft.title,
        "language": draft.language,
        "summary": draft.summary,
        "tags": ", ".join(draft.tags),
        "sensitive": "yes" if draft.sensitive else None,
        "form": draft.form.value.lower() if draft.form is not None else None,
        "reply_to": draft.reply_to,
        "quote": draft.quote,
        "minority_of": draft.minority_of,
        **position,
        **draft.event,
        **draft.report,
    }
    lines = [f"{name}: {value}" for name, value in values.items() if value]
    if read is not None:
        lines = [READ.format(*read), *lines]
    front = "\n".join([writing.FENCE, *lines, writing.FENCE, ""]) if lines else ""
    return f"{front}{draft.text}".rstrip("\n")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 9):
        raise Invalid("“{text}” is not the number of a draft; see: commonwire draft list", text=text, field="NUMBER")
    return int(text)


def _of_draft(
    name: str, help: str, run: Any, *more: Argument, words: tuple[str, ...] = ("NUMBER",), rest: str = ""
) -> Command:
    example = f"commonwire draft {name} ./union 7{rest}"
    return Command(f"draft {name}", help, example, run, words=words, options=(*more, AS_MEMBER, AS_JSON))


VERSION = option("--version", type=int, metavar="NUMBER", help="which version (default: the one that stands)")
TRANSLATION = option("--translation", metavar="TAG", help="the text in this further language, such as fr")

COMMANDS = (
    Command(
        "draft new",
        "begin a draft that members write together; it leaves only when the group has decided",
        "commonwire draft new ./union statement.md --as rosa",
        new,
        words=("FILE",),
        options=(
            option("--kind", metavar="KIND", help="statement, report ... (default: by what stands in the file)"),
            AS_MEMBER,
            IN_GROUP,
            AS_JSON,
        ),
    ),
    _of_draft(
        "edit",
        "keep a newer version of a draft; what others saved meanwhile is joined with it",
        edit,
        option(
            "--based-on",
            type=int,
            metavar="NUMBER",
            help="the version it was written from (default: what `draft show` wrote into the file)",
        ),
        TRANSLATION,
        option("--settles", type=int, metavar="NUMBER", help="the version, set aside before, that this one settles"),
        words=("NUMBER", "FILE"),
        rest=" statement.md --based-on 2",
    ),
    Command(
        "draft list",
        "list what the group is writing",
        "commonwire draft list ./union",
        listed,
        options=(AS_MEMBER, IN_GROUP, AS_JSON),
    ),
    _of_draft("show", "print a draft as a file, with its versions and comments", shown, VERSION, TRANSLATION),
    _of_draft(
        "diff",
        "print what has changed between two versions, by words",
        diff,
        option("--from", dest="before", type=int, metavar="NUMBER", help="the older version (default: the one before)"),
        option(
            "--to", dest="after", type=int, metavar="NUMBER", help="the newer version (default: the one that stands)"
        ),
    ),
    _of_draft(
        "comment",
        "say something about a draft, for members alone",
        comment,
        VERSION,
        words=("NUMBER", "TEXT"),
        rest=' "At nine, please."',
    ),
    _of_draft("preview", "print what Mastodon, GoToSocial, Misskey and a peer will show of a draft", preview),
    _of_draft(
        "propose",
        "put a draft to the group; it is published where one member may act",
        propose,
        option("--version", type=int, metavar="NUMBER", help="refuse unless this version stands"),
        option("--urgent", action="store_true", help="by the rule for what is urgent"),
        CONFIRM,
    ),
    _of_draft("recall", "call back a draft that was adopted and has not left; it can be worked on again", recall),
    _of_draft("drop", "delete a draft with all its versions and comments", drop),
)
