"""The settings and the commands as Markdown, from their own declarations: `python -m node.cli.documentation DIR`.

Nothing about a setting or a command is written twice: `node.config` and the `COMMANDS` of each module are the source,
`deploy/docs/settings.md` and `deploy/docs/commands.md` are what comes out, and a test holds the two together.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import Any

from node.cli import commands
from node.cli.commands import ENVIRONMENT, Argument, Command
from node.config import FILE_NAME, SETTINGS

GENERATED = "<!-- Written by `make docs` from {source}; change it there. -->"
TYPES = {"str": "text", "int": "whole number", "bool": "true or false", "tuple[str, ...]": "list of texts"}
NO_TABLE = ""


def settings_markdown() -> str:
    """`settings.md`: every setting of node.toml with type, default, unit and meaning, in its own table."""
    parts = [
        "# Settings",
        GENERATED.format(source="node/config.py"),
        f"A node is set up by one file, `{FILE_NAME}` in its directory. Only `origin` has to be there. A key that is\n"
        "not on this page is an error, so that a misspelt setting is never silently without effect. Restart the node\n"
        "after a change. What a group decides about other hosts, members and publications is not here: it lives in\n"
        "the database and is changed by [commands](commands.md).",
    ]
    for table in dict.fromkeys(_table_of(field) for field in SETTINGS):
        fields = [field for field in SETTINGS if _table_of(field) == table]
        heading = f"## [{table}]" if table else "## At the top of the file"
        parts += [heading, *(_setting(field) for field in fields)]
    return _document(parts)


def commands_markdown() -> str:
    """`commands.md`: every command with synopsis, meaning, options and an example."""
    every = commands()
    parts = [
        "# Commands",
        GENERATED.format(source="node/cli/"),
        "`commonwire COMMAND` and `python -m node COMMAND` are the same. `DIR` is the node's directory; where it\n"
        "stands in brackets it may be left out inside that directory, or with\n"
        f"`{ENVIRONMENT}` set to it. Commands that change something work while the node is running. The exit\n"
        "status is 0 when it is done, 1 when it could not be done (one line on standard error says why and what to\n"
        "do) and 2 when the command line was not understood. With `--json` the result is JSON on standard output.\n"
        "Every command explains itself with `--help`.",
        "\n".join(["| command | what it does |", "|---|---|", *(_in_overview(command) for command in every)]),
        *(_command(command) for command in every),
    ]
    return _document(parts)


def main(arguments: list[str] | None = None) -> int:
    """Write both pages into a directory."""
    parser = argparse.ArgumentParser(prog="python -m node.cli.documentation", description=main.__doc__)
    parser.add_argument("directory", type=Path, help="such as deploy/docs")
    target: Path = parser.parse_args(arguments).directory
    target.mkdir(parents=True, exist_ok=True)
    for name, text in (("settings.md", settings_markdown()), ("commands.md", commands_markdown())):
        (target / name).write_text(text, encoding="utf-8")
        print(target / name)
    return 0


def _document(parts: list[str]) -> str:
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _table_of(field: dataclasses.Field[Any]) -> str:
    table, dot, _ = str(field.metadata["key"]).rpartition(".")
    return table if dot else NO_TABLE


def _setting(field: dataclasses.Field[Any]) -> str:
    key, unit = str(field.metadata["key"]), str(field.metadata["unit"])
    about = [TYPES[str(field.type)]]
    if unit:
        about.append(f"in {unit}" if unit in ("seconds", "bytes", "characters", "rows", "reports") else unit)
    about.append("must be given" if field.default is dataclasses.MISSING else f"default `{_toml(field.default)}`")
    return f"### `{key}`\n\n{field.metadata['help']}\n\n*{'; '.join(about)}*"


def _toml(value: Any) -> str:
    """A default as it would stand in node.toml."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return f"{value:_}" if value >= 10_000 else str(value)
        case tuple():
            return f"[{', '.join(map(_toml, value))}]"
        case _:
            return f'"{value}"'


def _anchor(command: Command) -> str:
    return command.name.replace(" ", "-")


def _in_overview(command: Command) -> str:
    return f"| [`{command.name}`](#{_anchor(command)}) | {_cell(command.help)} |"


def _command(command: Command) -> str:
    """One section. The synopsis is the one that `--help` shows."""
    parts = [
        f"## {command.name}",
        _sentence(command.help),
        f"```sh\ncommonwire {command.synopsis}\n```",
    ]
    if command.options:
        rows = [f"| {_flags(option)} | {_cell(_meaning(option))} |" for option in command.options]
        parts.append("\n".join(["| option | meaning |", "|---|---|", *rows]))
    parts.append(f"Example:\n\n```sh\n{command.example}\n```")
    return "\n\n".join(parts)


def _flags(option: Argument) -> str:
    value = "" if option.settings.get("action") == "store_true" else _placeholder(option)
    return ", ".join(f"`{flag}{value}`" for flag in option.flags)


def _placeholder(option: Argument) -> str:
    return f" {option.settings.get('metavar') or option.flags[0].lstrip('-').upper().replace('-', '_')}"


def _meaning(option: Argument) -> str:
    """Its help, and what it does not say: whether it is needed, and the default."""
    text, default = str(option.settings.get("help", "")), option.settings.get("default")
    if option.settings.get("required"):
        return f"{text}; must be given"
    return f"{text} (default: {default})" if default and "default" not in text else text


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    sys.exit(main())
