"""XLSX: the first sheet as text, with numbers and dates written the one way the mappings read."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO

from python_calamine import CalamineError, CalamineWorkbook

from node.reports.imports.records import BadTable, Records

Cell = int | float | str | bool | time | date | datetime | timedelta

LIMIT_INFLATED_BYTES = 512 * 2**20
LIMIT_CELLS = 20_000_000

_CELL = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,9})([0-9]{1,9})["']""")


def read(path: Path) -> Records:
    """The first sheet of the workbook; the line of a record is its row number as the spreadsheet shows it."""
    _refuse_bomb(path)
    try:
        workbook = CalamineWorkbook.from_path(str(path))
        names = workbook.sheet_names
        if not names:
            raise BadTable("The workbook has no sheet")
        cells = workbook.get_sheet_by_index(0).iter_rows()
    except CalamineError as error:
        raise BadTable(f"The workbook cannot be opened ({error}): save it again as .xlsx or as CSV") from error
    return Records(_records(cells), _notes(names))


def _refuse_bomb(path: Path) -> None:
    """Look before anything is unpacked into memory: a workbook is a zip, and one far cell makes a huge sheet.

    The library makes a full rectangle up to the last cell that a sheet names, and ends the process if that is too
    large for the machine.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            inflated_bytes = sum(member.file_size for member in members)
            if inflated_bytes > LIMIT_INFLATED_BYTES:
                raise BadTable(f"The workbook would unpack to {inflated_bytes // 2**20} MiB: split it")
            for member in members:
                if member.filename.lower().endswith(".xml"):
                    with archive.open(member) as opened:
                        _refuse_far_cells(opened)
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError) as error:
        raise BadTable("The workbook is damaged, cut short or locked: save it again as .xlsx or as CSV") from error


def _refuse_far_cells(opened: IO[bytes]) -> None:
    columns = lines = 1
    tail = b""
    while chunk := opened.read(2**20):
        for letters, digits in _CELL.findall(tail + chunk):
            columns = max(columns, _column(letters.upper()))
            lines = max(lines, int(digits))
        if columns * lines > LIMIT_CELLS:
            raise BadTable(f"The sheet reaches to column {columns}, row {lines}: delete what is outside the table")
        tail = chunk[-32:]


def _column(letters: bytes) -> int:
    """A is 1, Z is 26, AA is 27."""
    position = 0
    for letter in letters:
        position = position * 26 + letter - 64
    return position


def _notes(names: list[str]) -> tuple[str, ...]:
    if len(names) == 1:
        return ()
    return (f"The workbook has {len(names)} sheets; only the first, “{names[0]}”, was read",)


def _records(rows: Iterable[list[Cell]]) -> Iterator[tuple[int, list[str]]]:
    for line, cells in enumerate(rows, start=1):
        yield line, [cell if isinstance(cell, str) else canonical(cell) for cell in cells]


def canonical(cell: Cell) -> str:
    """A cell as text: whole numbers without a fraction, dates as YYYY-MM-DD, moments as YYYY-MM-DDTHH:MM:SS."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)
