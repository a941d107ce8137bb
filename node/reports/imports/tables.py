"""A file of rows under named columns, whichever program wrote it.

`outline` reads the whole file once and raises what is wrong with it, so that an import can refuse before it
writes anything; `rows` then gives the same rows again, lazily. A `BadTable` is always about the whole file.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from node.reports.imports import delimited
from node.reports.imports.records import BadTable, Records

__all__ = ["LIMIT_BYTES", "LIMIT_ROWS", "BadTable", "Outline", "Row", "count", "outline", "rows"]

LIMIT_ROWS = 200_000
LIMIT_BYTES = 64 * 2**20
TITLES_AT_MOST = 5

DELIMITED_SUFFIXES = (".csv", ".tsv", ".txt")
ZIP_MAGIC = b"PK\x03\x04"
OLD_EXCEL_MAGIC = b"\xd0\xcf\x11\xe0"

_DATA_NOT_NAME = re.compile(r"[-+]?\d+([.,]\d+)?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|https?://\S+")


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `line` is where it begins in the file (1-based, the header counts; the row number in a workbook).

    `cells` has every column, stripped and in Unicode NFC, empty cells as "". `surplus` holds what stands to the
    right of the last column; a row with any is not to be trusted, since its cells have probably slipped.
    """

    line: int
    cells: dict[str, str]
    surplus: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outline:
    """What a file holds: its column names in order, how many rows, and sentences its owner should read."""

    columns: tuple[str, ...]
    count: int
    notes: tuple[str, ...]


def outline(path: Path, *, limit_rows: int = LIMIT_ROWS) -> Outline:
    """Read the whole file once. Raises BadTable for everything that `rows` could raise, and if there is no row."""
    records = _records(path)
    columns, found = _under_header(records)
    total = sum(1 for _ in _limited(found, limit_rows))
    if not total:
        raise BadTable("The table has column names and no rows")
    return Outline(columns, total, records.notes)


def count(path: Path, *, limit_rows: int = LIMIT_ROWS) -> int:
    """How many rows `rows` will yield (14,000 rows take about 50 ms). Raises BadTable."""
    return outline(path, limit_rows=limit_rows).count


def rows(path: Path, *, limit_rows: int = LIMIT_ROWS) -> Iterator[Row]:
    """The rows in file order; empty ones are skipped. Raises BadTable, at the latest when the bad place is reached."""
    columns, found = _under_header(_records(path))
    width = len(columns)
    for line, cells in _limited(found, limit_rows):
        texts = [_clean(cell) for cell in cells]
        surplus = tuple(text for text in texts[width:] if text)
        if len(texts) < width:
            texts += [""] * (width - len(texts))
        yield Row(line, dict(zip(columns, texts, strict=False)), surplus)


def _clean(cell: str) -> str:
    return cell.strip() if cell.isascii() else unicodedata.normalize("NFC", cell.strip())


def _limited(found: Iterator[tuple[int, list[str]]], limit_rows: int) -> Iterator[tuple[int, list[str]]]:
    for number, record in enumerate(found, start=1):
        if number > limit_rows:
            raise BadTable(f"The table has more than {limit_rows:,} rows: split it into several files")
        yield record


def _records(path: Path) -> Records:
    """Open by what the file is; the suffix only has to agree."""
    try:
        if path.exists() and not path.is_file():
            raise BadTable(f"{path.name} is not a file")
        size = path.stat().st_size
        if size > LIMIT_BYTES:
            raise BadTable(f"{path.name} has {size // 2**20} MiB, more than {LIMIT_BYTES // 2**20}: split it")
        with path.open("rb") as file:
            magic = file.read(4)
        if magic == ZIP_MAGIC and path.suffix.lower() in (".xlsx", ".xlsm"):
            from node.reports.imports import workbook  # Its library is loaded by those who need it, not by `serve`.

            return workbook.read(path)
        _refuse_type(path, magic)
        return delimited.read(path.read_bytes())
    except FileNotFoundError as error:
        raise BadTable(f"There is no file {path.name} in that place") from error
    except OSError as error:
        raise BadTable(f"{path.name} cannot be read: {error.strerror or 'the system refuses'}") from error


def _refuse_type(path: Path, magic: bytes) -> None:
    if not magic:
        raise BadTable(f"{path.name} is empty")
    if magic == ZIP_MAGIC:
        raise BadTable(f"{path.name} is a workbook or an archive: name a workbook .xlsx, or save it as CSV")
    if magic == OLD_EXCEL_MAGIC:
        raise BadTable(f"{path.name} is an old or locked Excel file: save it without a password as .xlsx or as CSV")
    if path.suffix.lower() not in DELIMITED_SUFFIXES:
        raise BadTable(f"{path.name} is not a table: give a .csv or .xlsx file")


def _under_header(records: Records) -> tuple[tuple[str, ...], Iterator[tuple[int, list[str]]]]:
    """The column names, from the first record that is not empty and no title, and the non-empty records below it."""
    filled = (record for record in records.cells if _filled(record))
    titles = list(itertools.islice(filled, TITLES_AT_MOST + 1))
    if not titles:
        raise BadTable("The file is empty: it has neither column names nor rows")
    above = next((n for n, record in enumerate(titles) if _filled(record) > 1), 0)
    # What stands alone above a table of several columns is its title; a table of one column has none.
    above = above if above < len(titles) and _filled(titles[above]) > 2 else 0
    line, cells = titles[above]
    names = [" ".join(_clean(cell).split()) for cell in cells]
    while not names[-1]:  # Spreadsheets often export empty columns on the right.
        names.pop()
    _check_names(line, names)
    return tuple(names), itertools.chain(titles[above + 1 :], filled)


def _filled(record: tuple[int, list[str]]) -> int:
    """How many cells of a record say something."""
    return sum(1 for cell in record[1] if cell and not cell.isspace())


def _check_names(line: int, names: list[str]) -> None:
    for name in names:
        if _DATA_NOT_NAME.fullmatch(name):
            raise BadTable(f"Line {line} should name the columns, but “{name}” looks like a value: add a header line")
    for position, name in enumerate(names, start=1):
        if not name:
            raise BadTable(f"Column {position} has no name in line {line}: name it or delete it")
    folded = sorted(name.casefold() for name in names)
    for name, following in itertools.pairwise(folded):
        if name == following:
            raise BadTable(f"Two columns are named “{name}” in line {line}: rename one")
