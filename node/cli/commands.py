"""What a command is made of, and what most of them share: finding the node, opening it, printing results."""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Row

from node import actors, app, config, log
from node.context import Node, Transaction
from node.decisions import Proposed, State
from node.errors import Unfit
from node.members import actions as members
from node.members.store import Member

ENVIRONMENT = "COMMONWIRE_NODE"


class Usage(Exception):
    """The command line was not understood; says what is missing."""


@dataclass(frozen=True, slots=True)
class Argument:
    """One option, as argparse takes it."""

    flags: tuple[str, ...]
    settings: dict[str, Any]


def option(*flags: str, **settings: Any) -> Argument:
    """Declare an option of a command."""
    return Argument(flags, settings)


@dataclass(frozen=True, slots=True)
class Command:
    """One command. `words` names what stands after DIR; `DIR` itself is optional unless `needs_directory`."""

    name: str
    help: str
    example: str
    run: Callable[[argparse.Namespace], int | Awaitable[int]]
    words: tuple[str, ...] = ()
    options: tuple[Argument, ...] = field(default=())
    needs_directory: bool = False
    has_directory: bool = True

    def add_to(self, subparsers: Any) -> None:
        """Enter the command into the parser. `member add` becomes `member` with `add` below it."""
        *above, last = self.name.split(" ")
        for number, word in enumerate(above):
            group = subparsers.choices.get(word)
            if group is None:
                typed = " ".join(above[: number + 1])
                group = subparsers.add_parser(word, help=f"see: commonwire {typed} --help")
                group.set_defaults(below=group.add_subparsers(metavar="COMMAND", title="commands", required=True))
            elif not group.get_default("below"):
                last = " ".join([*above[number:], last])  # that word is a command by itself: see cli.joined
                break
            subparsers = group.get_default("below")
        parser = subparsers.add_parser(
            last,
            help=self.help,
            description=self.help,
            usage=f"commonwire {self.synopsis}",
            epilog=f"Example:\n  {self.example}",
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        directory = "DIR" if self.needs_directory else "[DIR]"
        shown = " ".join([*([directory] if self.has_directory else []), *self.words])
        if shown:
            parser.add_argument("words", nargs="*", metavar=shown, help="what the usage line above says")
        for argument in self.options:
            parser.add_argument(*argument.flags, **argument.settings)
        parser.set_defaults(command=self)

    def stands_below(self, others: Sequence[Command]) -> bool:
        """Whether what stands before its last word is a command by itself."""
        above, _, _ = self.name.rpartition(" ")
        return any(one.name == above for one in others)

    @property
    def synopsis(self) -> str:
        """The command as it is typed."""
        directory = ("DIR" if self.needs_directory else "[DIR]") if self.has_directory else ""
        shown = [self.name, directory, *self.words]
        for argument in self.options:
            flag, settings = argument.flags[0], argument.settings
            value = settings.get("metavar") or flag.lstrip("-").upper().replace("-", "_")
            text = flag if settings.get("action") == "store_true" else f"{flag} {value}"
            shown.append(text if settings.get("required") else f"[{text}]")
        return " ".join(filter(None, shown))


AS_JSON = option("--json", action="store_true", help="print the result as JSON")
AS_MEMBER = option("--as", dest="member", metavar="MEMBER", help="in whose name (default: the first steward)")
URGENT = option("--urgent", action="store_true", help="by the urgent path of the group's rule, where it has one")
CONFIRM = option(
    "--confirm",
    action="append",
    metavar="WORD",
    help="the word that a question names, if it is to be published like that; may be given again",
)
IN_GROUP = option("--group", metavar="HANDLE", help="for which group of the node (default: the main one)")


def words(options: argparse.Namespace) -> list[str]:
    """The words after DIR. Raises Usage when there are too few or too many."""
    command: Command = options.command
    given: list[str] = options.words
    missing = len(command.words) - len(given)
    if missing > 0:
        raise Usage(f"{command.words[-missing]} is missing")
    if -missing > 1:
        raise Usage(f"{given[len(command.words) + 1]!r} is one word too many")
    return given[1:] if missing == -1 else given


def directory(options: argparse.Namespace) -> Path:
    """The node's directory: given, from the environment, or the one we are in."""
    given: list[str] = options.words
    if len(given) > len(options.command.words):
        return Path(given[0]).resolve()
    return Path(os.environ.get(ENVIRONMENT) or ".").resolve()


def load(options: argparse.Namespace) -> config.Config:
    """The settings of the node the command is about. Raises Unfit."""
    found = directory(options)
    if not (found / config.FILE_NAME).is_file():
        raise Unfit(
            f"there is no node in {found}; name its directory, set {ENVIRONMENT}, or make one with: commonwire init"
        )
    return config.load(found)


@asynccontextmanager
async def opened(options: argparse.Namespace) -> AsyncIterator[Node]:
    """The node the command is about, open. Raises Unfit."""
    settings = load(options)
    log.configure("warning")
    async with app.open_node(settings) as node:
        yield node


def group_of(tx: Transaction, options: argparse.Namespace) -> Row[Any]:
    """The group the command is about. Raises Missing."""
    return actors.group(tx, options.group) if options.group else actors.main_group(tx)


def acting(tx: Transaction, options: argparse.Namespace) -> Member:
    """In whose name something is done for the group of --group: --as, else its first steward. Raises Missing."""
    return members.named(tx, options.member, actor=group_of(tx, options).iri)


def deciding_member(tx: Transaction, options: argparse.Namespace, *, handle: str | None = None) -> tuple[str, Member]:
    """The group in which something is proposed, and who proposes it: --as, else the group's first steward.

    Raises Missing.
    """
    handle = handle or getattr(options, "group", None)
    group = actors.group(tx, handle) if handle else actors.main_group(tx)
    return group.iri, members.named(tx, options.member, actor=group.iri)


def outcome(proposed: Proposed, done: str) -> tuple[dict[str, Any], str]:
    """What became of a proposal, for programs and in words; `done` is the sentence for what has happened."""
    told = {"decision": _told(proposed)}
    return told, done if proposed.state is State.ADOPTED else "\n".join(proposal(proposed))


def told(options: argparse.Namespace, proposed: Proposed | None, result: dict[str, Any], text: str) -> int:
    """Print `text` if the group has decided, else that it has yet to: which decision, and until when; 0."""
    if proposed is None:
        return show(options, result, text)
    result = {**result, "decision": _told(proposed)}
    if proposed.state is State.ADOPTED:
        return show(options, result, text)
    address = [str(result["id"])] if "id" in result else []
    return show(options, {**result, "state": "proposed"}, "\n".join([*proposal(proposed), *address]))


def _told(proposed: Proposed) -> dict[str, Any]:
    """The decision for programs, with the fields that deploy/docs/api.md names."""
    return {
        "number": proposed.number,
        "state": proposed.state.value,
        "until": proposed.until.isoformat() if proposed.until else None,
        "receipt": proposed.receipt,
    }


def proposal(proposed: Proposed) -> list[str]:
    """What to tell whoever has proposed something."""
    ends = f"until {proposed.until:%Y-%m-%d %H:%M} UTC" if proposed.until else "until it is decided or withdrawn"
    lines = [f"proposed, nothing has changed yet: the group decides {ends}; this is decision {proposed.number}"]
    if proposed.receipt:
        lines.append(f"your ballot for it is in; its receipt, shown this once: {proposed.receipt}")
    return [*lines, f"see: commonwire decision show {proposed.number}"]


def show(options: argparse.Namespace, result: Any, text: str) -> int:
    """Print a result, as JSON or as text; 0."""
    print(json.dumps(result, ensure_ascii=False, indent=2) if options.json else text)
    return 0
