"""The command line: `commonwire COMMAND [DIR] ...`.

Every command is one `Command`: its name, what it does, an example, its arguments, and an `async` or plain function that
returns the exit status. Promises: 0 done, 1 not done, 2 not understood; an error is one line on standard error that
says what to do; results go to standard output, as JSON where `--json` is given; no traceback reaches a person.

DIR, the node's directory, may be left out inside it, or with COMMONWIRE_NODE set.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import os
import sys
from collections.abc import Sequence
from types import TracebackType

from federation.errors import Malformed, Refused, Unreachable
from node.cli.commands import Command, Usage
from node.errors import NodeError

PRIVATE = 0o077
DEBUG = "COMMONWIRE_DEBUG"


def commands() -> tuple[Command, ...]:
    """Every command, in the order in which a newcomer meets them."""
    from node.cli import (
        acts,
        appeals,
        backfilling,
        backups,
        check,
        complaints,
        conditions,
        deciding,
        demo,
        developing,
        drafting,
        figures,
        groups,
        holding,
        importing,
        keys,
        moderating,
        nodes,
        peers,
        people,
        policies,
        policy_lists,
        positions,
        prune,
        publishing,
        queue,
        quotations,
        recognising,
        requests,
        signing_together,
        struggles,
    )

    parts = (
        nodes,
        check,
        publishing,
        importing,
        drafting,
        figures,
        acts,
        developing,
        holding,
        peers,
        policies,
        policy_lists,
        requests,
        recognising,
        backfilling,
        people,
        deciding,
        groups,
        complaints,
        moderating,
        positions,
        appeals,
        conditions,
        struggles,
        quotations,
        signing_together,
        keys,
        queue,
        backups,
        prune,
        demo,
    )
    return tuple(command for part in parts for command in part.COMMANDS)


def run(arguments: Sequence[str]) -> int:
    """Do what the command line says; the exit status."""
    sys.excepthook = _confess
    os.umask(PRIVATE)  # whatever a command makes, only its owner can read
    words = joined(arguments)
    parser = build_parser(meant(words))
    try:
        options = parser.parse_args(words)
    except SystemExit as stop:
        return int(stop.code or 0)
    command: Command | None = getattr(options, "command", None)
    if command is None:
        parser.print_help()
        return 2
    try:
        result = command.run(options)
        return asyncio.run(_awaited(result)) if inspect.isawaitable(result) else int(result)
    except Usage as error:
        return _complain(f"{error}; see: commonwire {command.name} --help", 2)
    except (NodeError, Malformed, Refused, Unreachable) as error:
        return _complain(str(error), 1)
    except KeyboardInterrupt:
        return _complain("stopped", 1)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _complain(f"{error.strerror or error}{f': {error.filename}' if error.filename else ''}", 1)


def build_parser(all_commands: Sequence[Command]) -> argparse.ArgumentParser:
    """The parser of every command, each with its help and its example."""
    parser = argparse.ArgumentParser(
        prog="commonwire",
        description="A node of a wire service without a centre: statements and struggle reports between groups.",
        epilog="Each command explains itself: commonwire COMMAND --help",
    )
    subparsers = parser.add_subparsers(metavar="COMMAND", title="commands")
    for command in all_commands:
        command.add_to(subparsers)
    return parser


def joined(arguments: Sequence[str]) -> list[str]:
    """The arguments, with the last two words of a command that stands below another as one: `import undo`."""
    below = {one.name for one in commands() if one.stands_below(commands())}
    for length in (3, 2):
        if " ".join(arguments[:length]) in below:
            *above, one, other = arguments[:length]
            return [*above, f"{one} {other}", *arguments[length:]]
    return list(arguments)


def meant(words: Sequence[str]) -> tuple[Command, ...]:
    """The commands that begin with the word that was typed; all if there are none. To enter all takes 30 ms."""
    first = words[0].partition(" ")[0] if words else ""
    return tuple(one for one in commands() if one.name.partition(" ")[0] == first) or commands()


async def _awaited(result: object) -> int:
    status = await result  # type: ignore[misc]
    return int(status)


def _confess(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A mistake of ours: one line for the person, the traceback only for whoever asks for it."""
    if os.environ.get(DEBUG):
        sys.__excepthook__(kind, error, trace)
    else:
        _complain(f"this program has made a mistake ({kind.__name__}: {error}); run it with {DEBUG}=1 and report it", 1)


def _complain(sentence: str, status: int) -> int:
    print(f"commonwire: {' '.join(sentence.split())}", file=sys.stderr)
    return status
