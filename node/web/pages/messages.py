"""The catalogues of what people read: `python -m node.web.pages.messages node/locale` enters every sentence there is.

What is found: texts in templates (`_`, `trans`), sentences marked with `N_`, sentences of our errors, of which only a
text without values inside can be translated, and the words for codes. Sentences that are no longer in the source are
dropped, translations stay. The catalogues are sorted by sentence and name no lines, so that two changes of the source
seldom meet in them.
"""

from __future__ import annotations

import argparse
import ast
import inspect
import logging
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2.ext import babel_extract

from node import errors, translating
from node.errors import NodeError
from node.members.rules import ROLES
from node.translating import ENGLISH, LANGUAGES
from node.web.pages import words

log = logging.getLogger("commonwire.messages")

NODE = Path(__file__).parents[2]
NOT_FOR_PEOPLE = ("cli", "demo", "migrations")
MARKS = frozenset({"N_", "translated"})
COUNTS = frozenset({"counted"})
ERRORS = frozenset(
    name for name, one in vars(errors).items() if inspect.isclass(one) and issubclass(one, NodeError)
) - {"Unfit"}  # told to who runs the server, on the command line
HEADER = "# What Commonwire says, in {language}. `make messages` enters the sentences, people translate them."
TEMPLATE_OPTIONS = {"newstyle_gettext": "true", "trimmed": "true", "trim_blocks": "true", "lstrip_blocks": "true"}


@dataclass(frozen=True, slots=True, order=True)
class Sentence:
    """One to translate; `many` is its plural, where it has one."""

    text: str
    many: str = ""


def sentences() -> list[Sentence]:
    """Every sentence of the source, once, in their order."""
    found: dict[str, Sentence] = {}
    for one in (*_of_templates(), *_of_modules(), *_of_tables()):
        if one.text and (one.text not in found or one.many):
            found[one.text] = one
    return sorted(found.values())


def update(path: Path, language: str, found: Iterable[Sentence]) -> tuple[int, int]:
    """Bring one catalogue up to date; how many sentences there are, and how many of them are translated."""
    old = read_po(path.read_bytes().splitlines(keepends=True), locale=language) if path.exists() else None
    made = Catalog(
        locale=language,
        fuzzy=False,
        header_comment=HEADER.format(language=LANGUAGES[language]),
    )
    for one in found:
        name = (one.text, one.many) if one.many else one.text
        kept = old.get(one.text) if old is not None else None
        message = made.add(name)
        if kept is not None and isinstance(kept.id, str) == isinstance(message.id, str):
            message.string = kept.string
    with path.open("wb") as file:
        write_po(file, made, width=120, sort_output=True, omit_header=False, no_location=True, include_previous=False)
    _without_dates(path)
    done = sum(all(translating.forms_of(one)) for one in made if one.id)
    return len(made), done


def _without_dates(path: Path) -> None:
    """Babel's header tells when and by which version it was written, which would differ after every run."""
    dated = (b'"POT-Creation-Date', b'"PO-Revision-Date', b'"Generated-By', b'"Project-Id', b'"Report-', b'"Last-Tr')
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(line for line in lines if not line.startswith(dated)))


def _of_templates() -> Iterator[Sentence]:
    for path in sorted((NODE / "web" / "pages" / "templates").glob("*.html")):
        with path.open("rb") as file:
            for _, function, message, _ in babel_extract(file, ("_", "gettext", "ngettext"), [], TEMPLATE_OPTIONS):
                parts = [message] if isinstance(message, str) else [one for one in message or () if one is not None]
                if function == "ngettext":
                    yield Sentence(parts[0], parts[1])
                elif parts and parts[0]:
                    yield Sentence(parts[0])


def _of_modules() -> Iterator[Sentence]:
    for path in sorted(NODE.rglob("*.py")):
        if path.relative_to(NODE).parts[0] in NOT_FOR_PEOPLE:
            continue
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and call.args:
                yield from _of_call(call)


def _of_call(call: ast.Call) -> Iterator[Sentence]:
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    texts = [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
    if name in COUNTS and len(texts) == 2:
        yield Sentence(texts[0], texts[1])
    elif name in MARKS | ERRORS and texts:
        yield Sentence(texts[0])


def _of_tables() -> Iterator[Sentence]:
    yield from (Sentence(text) for text in (*ROLES, *words.sentences()))


def main(arguments: list[str] | None = None) -> int:
    """Bring every catalogue of a directory up to date, and say how much of each is translated."""
    parser = argparse.ArgumentParser(prog="python -m node.web.pages.messages", description=__doc__)
    parser.add_argument("directory", type=Path)
    directory = parser.parse_args(arguments).directory
    logging.basicConfig(format="%(message)s", level=logging.INFO)
    found = sentences()
    for language in LANGUAGES:
        if language != ENGLISH:
            total, done = update(directory / f"{language}.po", language, found)
            log.info("%s: %d of %d sentences", language, done, total)
    return 0


if __name__ == "__main__":
    sys.exit(main())
