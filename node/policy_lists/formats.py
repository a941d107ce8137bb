"""Reading and writing lists: the CSV of Mastodon for domain blocks and for domains let in, and plain names. Pure.

Mastodon's words are read as ours so: `suspend` is reject, `silence` is limit; `noop` with `reject_media` is accept
without media, and alone says nothing, so that the line is refused. `reject_reports` and `obfuscate` have no
counterpart. As Mastodon itself does (Admin::ExportDomainBlocksController), columns are known by their names, in any
order, those of others are passed over, and a line without a severity means `suspend`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Final

from node import names
from node.errors import Invalid, NodeError, Phrase
from node.peering import subjects
from node.peering.rules import Category, Severity
from node.peering.terms import REASON_CHARACTERS, read_word
from node.policy_lists.rules import Flaw, Given, Line, Meant

LINES_AT_MOST: Final = 20_000  # as in Mastodon (Admin::Import::ROWS_PROCESSING_LIMIT)
BYTES_AT_MOST: Final = 4 * 1024 * 1024
SHOWN_CHARACTERS: Final = 120
COLUMNS: Final = ("#domain", "#severity", "#reject_media", "#reject_reports", "#public_comment", "#obfuscate")
FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
TRUE: Final = frozenset({"true", "t", "yes", "y", "1"})
_SEVERITIES: Final = {"suspend": Severity.REJECT, "silence": Severity.LIMIT, "noop": Severity.ACCEPT}
_WORDS: Final = {severity: word for word, severity in _SEVERITIES.items()}
Row = tuple[int, str, Mapping[str, str]]


class Form(StrEnum):
    """BLOCKS: Mastodon's domain blocks; ALLOWS: its domains that are let in; PLAIN: one name a line."""

    BLOCKS = "blocks"
    ALLOWS = "allows"
    PLAIN = "plain"


def read(body: bytes, meant: Meant, *, check: Callable[[str], None], may_be_empty: bool = False) -> Given:
    """The lines of a list, and those that cannot be used; `check` raises for a domain that must not be meant. A table
    with nothing below its header `may_be_empty`.

    Raises Invalid for what is no list at all, is too long, or has no line that can be used.
    """
    text = _text(body)
    lines: dict[str, Line] = {}
    flaws: list[Flaw] = []
    for number, written, cells in _rows(text):
        try:
            line = _line(cells, meant)
            check(line.subject)
            if lines.setdefault(line.subject, line) != line:
                raise Invalid("{domain} stands in this list already, with other words", domain=line.subject)
        except NodeError as error:
            flaws.append(Flaw(number, written[:SHOWN_CHARACTERS], error))
    if not lines and flaws:
        first = flaws[0]
        said = Phrase(first.why.template, **first.why.values)
        raise Invalid(
            "no line of this list can be used; line {number}: {reason}", field="list", number=first.number, reason=said
        )
    if not lines and not (may_be_empty and _is_table(text)):
        raise Invalid("there is nothing in this list", field="list")
    return Given(meant, tuple(lines.values()), tuple(flaws))


def _text(body: bytes) -> str:
    if len(body) > BYTES_AT_MOST:
        raise Invalid("a list has at most {limit:,} bytes", field="list", limit=BYTES_AT_MOST)
    if body.count(b"\n") > LINES_AT_MOST:
        raise Invalid("a list has at most {limit:,} lines", field="list", limit=LINES_AT_MOST)
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = body.count(b"\n", 0, error.start) + 1
        raise Invalid("line {number} is not in UTF-8: save the list in that encoding", field="list",
                      number=number) from None  # fmt: skip
    if "\x00" in text:
        raise Invalid("this is no list of domains, but something else than text", field="list")
    return text


def _rows(text: str) -> Iterator[Row]:
    """The lines that say something, each with its number and its cells by the name of their column."""
    return _of_table(text) if _is_table(text) else _of_names(text)


def _is_table(text: str) -> bool:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return first.partition(",")[0].strip().strip('"').lstrip("#").strip().lower() == "domain"


def _of_names(text: str) -> Iterator[Row]:
    for number, line in enumerate(text.splitlines(), start=1):
        name = line.partition("#")[0].strip()
        if name:
            yield number, name, {"domain": name}


def _of_table(text: str) -> Iterator[Row]:
    columns: list[str] | None = None
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if columns is None:
                columns = [cell.lstrip("#").strip().lower() for cell in cells]
            elif cells[0]:
                found = dict(zip(columns, cells, strict=False))
                yield reader.line_num, ",".join(row), found | ({"allows": "yes"} if columns == ["domain"] else {})
    except csv.Error:
        raise Invalid("line {number} cannot be read as CSV", field="list", number=reader.line_num) from None


def _line(cells: Mapping[str, str], meant: Meant) -> Line:
    severity, no_media = _severity(cells, meant), cells.get("reject_media", "").lower() in TRUE
    if cells.get("severity", "").lower() == "noop" and not no_media:
        raise Invalid("“noop” without reject_media says nothing that could be applied")
    reason = _reason(cells.get("public_comment", "")) or meant.reason
    reason = reason or ("" if severity is Severity.ACCEPT else meant.name)
    if len(reason) > REASON_CHARACTERS:
        raise Invalid("a reason has at most {limit} characters", field="reason", limit=REASON_CHARACTERS)
    category = meant.category
    if cells.get("category"):
        category = read_word(cells["category"].lower(), "category", Category)
    return Line(subjects.read_domain(cells["domain"]), severity, no_media, reason, category)


def _severity(cells: Mapping[str, str], meant: Meant) -> Severity:
    word = cells.get("severity", "").lower()
    if word in _SEVERITIES:
        return _SEVERITIES[word]
    if word:
        known = ", ".join(_SEVERITIES)
        raise Invalid("“{value}” is none of {words}", field="severity", value=word[:100], words=known)
    if "severity" in cells:
        return Severity.REJECT
    if meant.severity is not None:
        return meant.severity
    if "allows" in cells:
        return Severity.ACCEPT
    raise Invalid("say what a list of names means: accept, hold, limit or reject", field="severity")


def write(lines: Iterable[Line], form: Form) -> str:
    """A list of that form; see `fits`."""
    target = io.StringIO()
    if form is Form.PLAIN:
        target.writelines(f"{line.subject}\n" for line in lines)
        return target.getvalue()
    writer = csv.writer(target, lineterminator="\n")
    writer.writerow(COLUMNS[:1] if form is Form.ALLOWS else COLUMNS)
    for line in lines:
        said = (_WORDS[line.severity], _flag(line.no_media), _flag(False), _plain(line.reason), _flag(False))
        writer.writerow((line.subject, *(() if form is Form.ALLOWS else said)))
    return target.getvalue()


def fits(line: Line, form: Form) -> bool:
    """Whether a list of that form can say this: whom it blocks, or whom it lets in."""
    lets_in = line.severity is Severity.ACCEPT and not line.no_media
    return line.severity in _WORDS and lets_in == (form is Form.ALLOWS)


def _flag(value: bool) -> str:
    return "true" if value else "false"


def _plain(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; `_reason` takes the mark away again."""
    return f"'{text}" if _is_formula(text) else text


def _reason(comment: str) -> str:
    comment = comment[1:] if comment.startswith("'") and _is_formula(comment) else comment
    return names.readable(names.legible(comment))


def _is_formula(text: str) -> bool:
    return text.lstrip("'").startswith(FORMULAS)
