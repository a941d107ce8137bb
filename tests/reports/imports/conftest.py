"""Tables on disk: CSV as given, and workbooks written by hand, so that no library of ours vouches for itself."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

ROOT = Path(__file__).resolve().parents[3]
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"

Cell = str | int | float | bool | date | None
WriteTable = Callable[..., Path]
WriteWorkbook = Callable[..., Path]


@pytest.fixture
def table(tmp_path: Path) -> WriteTable:
    """Write a delimited file; text is written as UTF-8, bytes as they are."""

    def write(content: str | bytes, name: str = "table.csv") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def workbook(tmp_path: Path) -> WriteWorkbook:
    """Write an .xlsx of (row number, cells) pairs; dates are stored as spreadsheets store them, as day numbers."""

    def write(rows: Sequence[tuple[int, Sequence[Cell]]], name: str = "table.xlsx", sheets: int = 1) -> Path:
        body = "".join(f'<row r="{line}">{_cells(line, cells)}</row>' for line, cells in rows)
        return write_parts(
            tmp_path / name, f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData></worksheet>', sheets
        )

    return write


@pytest.fixture
def far_workbook(tmp_path: Path) -> Path:
    """A workbook of a few hundred bytes whose only cell is the last one that a sheet can have."""
    cell = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    return write_parts(tmp_path / "far.xlsx", f'<worksheet xmlns="{MAIN}"><sheetData>{cell}</sheetData></worksheet>')


def _cells(line: int, cells: Sequence[Cell]) -> str:
    return "".join(_cell(f"{chr(65 + position)}{line}", cell) for position, cell in enumerate(cells))


def _cell(place: str, cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, str):
        return f'<c r="{place}" t="inlineStr"><is><t xml:space="preserve">{escape(cell)}</t></is></c>'
    if isinstance(cell, bool):
        return f'<c r="{place}" t="b"><v>{int(cell)}</v></c>'
    if isinstance(cell, date):
        return f'<c r="{place}" s="1"><v>{(cell - date(1899, 12, 30)).days}</v></c>'
    return f'<c r="{place}"><v>{cell!r}</v></c>'


def write_parts(path: Path, sheet: str, sheets: int = 1) -> Path:
    """The parts of a workbook, ECMA-376 part 1, with `sheet` as each of its sheets."""
    numbers = range(1, sheets + 1)
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{TYPE}.worksheet+xml"/>' for n in numbers
    )
    names = "".join(f'<sheet name="Sheet {n}" sheetId="{n}" r:id="rId{n}"/>' for n in numbers)
    targets = "".join(
        f'<Relationship Id="rId{n}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{n}.xml"/>' for n in numbers
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">'
        f'<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{TYPE}.sheet.main+xml"/>{overrides}'
        f'<Override PartName="/xl/styles.xml" ContentType="{TYPE}.styles+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>{names}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{targets}'
        f'<Relationship Id="rId0" Type="{OFFICE}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/>'
        "</cellXfs></styleSheet>",
        **{f"xl/worksheets/sheet{n}.xml": sheet for n in numbers},
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{part}')
    return path


@pytest.fixture(scope="session")
def fmcs() -> Path:
    """The 14,317 work stoppages; in COMMONWIRE_DATA, else in the folder shared beside the checkout."""
    folder = Path(os.environ.get("COMMONWIRE_DATA") or ROOT.parent / "shared" / "data")
    path = folder / "fmcs-work-stoppages-1984-2020.csv"
    assert path.is_file(), f"the FMCS file is missing: set COMMONWIRE_DATA to its folder ({folder} does not have it)"
    return path


@pytest.fixture(scope="session")
def demo() -> Path:
    """The folder of demonstration files that ships with the node."""
    return ROOT / "node" / "demo"
