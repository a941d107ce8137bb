"""Reading tables: what people's programs write, and what cannot be read at all."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from node.reports import imports


def cells(path: Path) -> list[dict[str, str]]:
    return [row.cells for row in imports.rows(path)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_each_usual_delimiter_is_found(table: Any, delimiter: str) -> None:
    path = table(delimiter.join(["name", "began"]) + "\n" + delimiter.join(["Lip", "1973-06-12"]) + "\n")
    assert cells(path) == [{"name": "Lip", "began": "1973-06-12"}]


def test_a_comma_inside_quotation_marks_is_not_a_delimiter(table: Any) -> None:
    assert cells(table('place;"a, b, c";n\nX;Y;1\n')) == [{"place": "X", "a, b, c": "Y", "n": "1"}]


def test_a_delimiter_that_excel_declares_is_used_and_lines_still_count_from_the_top(table: Any) -> None:
    rows = list(imports.rows(table("sep=;\r\na,b;c\r\n1;2\r\n")))
    assert rows == [imports.Row(3, {"a,b": "1", "c": "2"})]


def test_a_row_is_numbered_by_the_line_on_which_it_begins(table: Any) -> None:
    path = table('a,b\n\n"one\ntwo\nthree",1\n,\nlast,2\n')
    assert [(row.line, row.cells["a"]) for row in imports.rows(path)] == [(3, "one\ntwo\nthree"), (7, "last")]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_line_ending_is_read(table: Any, ending: str) -> None:
    rows = list(imports.rows(table(ending.join(["a,b", "1,2", "3,4"]))))
    assert [(row.line, row.cells) for row in rows] == [(2, {"a": "1", "b": "2"}), (3, {"a": "3", "b": "4"})]


def test_short_rows_are_filled_up_and_surplus_cells_are_kept_apart(table: Any) -> None:
    assert list(imports.rows(table("a,b\n1\n2,3,,x,\n"))) == [
        imports.Row(2, {"a": "1", "b": ""}),
        imports.Row(3, {"a": "2", "b": "3"}, ("x",)),
    ]


def test_nameless_columns_on_the_right_are_dropped(table: Any) -> None:
    assert imports.outline(table("a,b,,\n1,2,,\n")).columns == ("a", "b")


@pytest.mark.parametrize(
    ("raw", "noted"),
    [
        ("a\nSão Paulo\n".encode(), False),
        ("\ufeffa\nSão Paulo\n".encode(), False),
        ("a\nSão Paulo\n".encode("utf-16"), False),
        ("a\nSa\u0303o Paulo\n".encode(), False),
        ("a\nSão Paulo\n".encode("cp1252"), True),
        ("a\nSão Paulo\n".encode("latin-1") + b"\x81\n", True),
    ],
)
def test_text_is_decoded_and_a_guess_is_told(table: Any, raw: bytes, noted: bool) -> None:
    path = table(raw)
    assert cells(path)[0] == {"a": "São Paulo"}
    notes = imports.outline(path).notes
    assert bool(notes) is noted
    assert all("UTF-8 (line 2)" in note for note in notes)


def test_a_workbook_gives_the_same_text_as_a_csv_file(workbook: Any) -> None:
    path = workbook([(1, ["a", "b", "c"]), (2, ["Łódź", 27.0, date(1973, 6, 12)]), (3, [True, 27.5, 2**60])])
    assert cells(path) == [
        {"a": "Łódź", "b": "27", "c": "1973-06-12"},
        {"a": "true", "b": "27.5", "c": "1.152921504606847e+18"},
    ]


def test_a_workbook_row_has_the_number_that_the_spreadsheet_shows(workbook: Any) -> None:
    path = workbook([(3, ["a", "b"]), (5, [1984, None]), (9, [None, "x"])])
    assert [(row.line, row.cells) for row in imports.rows(path)] == [
        (5, {"a": "1984", "b": ""}),
        (9, {"a": "", "b": "x"}),
    ]


def test_a_title_above_the_column_names_is_no_row(workbook: Any, table: Any) -> None:
    path = workbook([(1, ["Work stoppages, 1993-2026"]), (3, ["a", "b", "c"]), (4, ["x", "y", "z"])])
    assert list(imports.rows(path)) == [imports.Row(4, {"a": "x", "b": "y", "c": "z"})]
    path = table("Work stoppages,,\n\na,b,c\nx,,\n")
    assert list(imports.rows(path)) == [imports.Row(4, {"a": "x", "b": "", "c": ""})]


def test_a_table_of_one_or_two_columns_has_no_title(table: Any) -> None:
    assert imports.outline(table("a\nx\ny\n")).columns == ("a",)
    assert [row.surplus for row in imports.rows(table("a\nx,y\n"))] == [("y",)]


def test_only_the_first_sheet_is_read_and_that_is_told(workbook: Any) -> None:
    path = workbook([(1, ["a"]), (2, ["x"])], sheets=3)
    outline = imports.outline(path)
    assert outline.count == 1
    assert outline.notes == ("The workbook has 3 sheets; only the first, “Sheet 1”, was read",)


def test_the_count_is_the_number_of_rows_that_come(table: Any) -> None:
    path = table('a,b\n"x\ny",1\n\n2,\n , \n')
    assert imports.count(path) == len(list(imports.rows(path))) == 2


BAD: list[tuple[str, bytes, str]] = [
    ("empty.csv", b"", "empty.csv is empty"),
    ("blank.csv", b"\n \n,,\n", "neither column names nor rows"),
    ("header.csv", b"a,b\n", "column names and no rows"),
    ("headless.csv", b"Lip,1973-06-12\nZanon,2001-10-01\n", "Line 1 should name the columns, but “1973-06-12”"),
    ("twice.csv", b"a,b,A\n1,2,3\n", "Two columns are named “a” in line 1"),
    ("nameless.csv", b"a,,c\n1,2,3\n", "Column 2 has no name in line 1"),
    ("open.csv", b'a,b\n1,2\n"3,4\n5,6\n', "Line 3: a quotation mark is opened here and never closed"),
    ("huge.csv", b'a,b\n1,"' + b"x" * 140_000, "Line 2: a quotation mark is opened here and never closed"),
    ("behind.csv", b'a,b\n"1"x,2\n', "Line 2: there is text behind a closing quotation mark"),
    ("binary.csv", b"\x7fELF\0\0\0", "The file is not text"),
    ("half.csv", b"\xff\xfea", "The file begins as UTF-16"),
    ("page.html", b"<table></table>", "page.html is not a table: give a .csv or .xlsx file"),
    ("book.csv", b"PK\x03\x04", "name a workbook .xlsx"),
    ("old.xls", b"\xd0\xcf\x11\xe0rest", "old or locked Excel file"),
    ("broken.xlsx", b"PK\x03\x04rest", "damaged, cut short or locked"),
    ("text.xlsx", b"a,b\n1,2\n", "text.xlsx is not a table"),
]


@pytest.mark.parametrize(("name", "raw", "why"), BAD, ids=[name for name, _, _ in BAD])
def test_a_file_that_is_no_table_is_refused_with_the_reason(table: Any, name: str, raw: bytes, why: str) -> None:
    path = table(raw, name)
    for refused in (imports.outline, imports.count):
        with pytest.raises(imports.BadTable) as caught:
            refused(path)
        assert why in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(imports.BadTable, match=r"There is no file gone\.csv"):
        imports.count(tmp_path / "gone.csv")
    with pytest.raises(imports.BadTable, match="is not a file"):
        imports.count(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_what_is_not_a_plain_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(imports.BadTable, match="is not a file"):
        imports.count(tmp_path / "pipe.csv")


def test_a_table_over_the_limit_is_refused_while_it_is_read(table: Any) -> None:
    path = table("a\n" + "x\n" * 11)
    assert imports.outline(path, limit_rows=11).count == 11
    with pytest.raises(imports.BadTable, match="more than 10 rows"):
        imports.outline(path, limit_rows=10)
    with pytest.raises(imports.BadTable, match="more than 10 rows"):
        list(imports.rows(path, limit_rows=10))


def test_a_sheet_with_one_cell_at_the_end_of_the_world_is_refused(far_workbook: Path) -> None:
    with pytest.raises(imports.BadTable, match="reaches to column 16384, row 1048576"):
        imports.count(far_workbook)


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_before_it_is_unpacked(workbook: Any) -> None:
    path = workbook([(1, ["a"]), (2, ["x"])])
    raw = bytearray(path.read_bytes())
    declared = raw.index(b"PK\x01\x02") + 24  # The unpacked size in the zip's own table of contents.
    raw[declared : declared + 4] = (2**31 - 1).to_bytes(4, "little")
    path.write_bytes(raw)
    with pytest.raises(imports.BadTable, match="would unpack to 2048 MiB"):
        imports.count(path)


def test_any_byte_changed_in_a_workbook_gives_rows_or_a_refusal(workbook: Any) -> None:
    path = workbook([(1, ["a", "b"]), (2, ["x", date(2001, 10, 1)]), (3, [1.5, None])])
    whole = path.read_bytes()
    for position in range(4, len(whole), 7):
        damaged = bytearray(whole)
        damaged[position] ^= 0x5A
        path.write_bytes(damaged)
        try:
            list(imports.rows(path))
        except imports.BadTable as refused:
            assert str(refused)
