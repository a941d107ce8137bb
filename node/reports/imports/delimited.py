"""CSV as people really send it: several encodings, three delimiters, line breaks inside quotation marks."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator

from node.reports.imports.records import BadTable, Records

DELIMITERS = (",", ";", "\t")
LIMIT_HEADER_CHARACTERS = 100_000


def read(raw: bytes) -> Records:
    """Decode and split `raw`. Records come lazily; a broken quotation mark raises BadTable when it is reached."""
    text, notes = _decoded(raw)
    delimiter, text, first_line = _delimiter(text)
    return Records(_records(text, delimiter, first_line), notes)


def _decoded(raw: bytes) -> tuple[str, tuple[str, ...]]:
    if raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # Excel calls this "Unicode text".
        try:
            return raw.decode("utf-16"), ()
        except UnicodeDecodeError as error:
            raise BadTable("The file begins as UTF-16 text and does not continue so: save it again as UTF-8") from error
    if b"\0" in raw:
        raise BadTable("The file is not text: save the table as CSV (UTF-8) or as .xlsx")
    try:
        return raw.decode("utf-8-sig"), ()
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
    return _decoded_as_western(raw, line)


def _decoded_as_western(raw: bytes, line: int) -> tuple[str, tuple[str, ...]]:
    for encoding, name in (("cp1252", "Windows-1252"), ("latin-1", "ISO 8859-1")):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        note = f"The file is not UTF-8 (line {line}) and was read as {name}: check that accented letters came out right"
        return text, (note,)
    raise AssertionError("ISO 8859-1 gives every byte a character")


def _delimiter(text: str) -> tuple[str, str, int]:
    """The delimiter, the text from the header on, and the line of the file on which that text begins."""
    declaration, _, rest = text.partition("\n")
    declaration = declaration.rstrip("\r")
    if declaration.startswith("sep=") and len(declaration) == 5:  # Excel writes its delimiter so.
        return declaration[4], rest, 2
    header = _header(text)
    return max(DELIMITERS, key=header.count), text, 1  # On a tie the earlier one.


def _header(text: str) -> str:
    """The first line that says something, without what it has in quotation marks."""
    line: list[str] = []
    quoted = False
    for character in text[:LIMIT_HEADER_CHARACTERS]:
        if character == '"':
            quoted = not quoted
            line.append(character)
        elif not quoted and character in "\r\n":
            if "".join(line).strip(" \t,;"):
                break
            line.clear()
        elif not quoted:
            line.append(character)
    return "".join(line)


def _records(text: str, delimiter: str, first_line: int) -> Iterator[tuple[int, list[str]]]:
    # strict: a quotation mark that never closes would otherwise swallow the rest of the file without a word.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = first_line
    try:
        for cells in reader:
            yield line, cells
            line = first_line + reader.line_num
    except csv.Error as error:
        raise BadTable(f"Line {line}: {_explained(str(error))}") from error


def _explained(error: str) -> str:
    if "unexpected end of data" in error or "field larger than" in error:
        return "a quotation mark is opened here and never closed"
    if "expected after" in error:
        return 'there is text behind a closing quotation mark; a quotation mark inside a text is written twice ("")'
    return f"it cannot be read as CSV ({error})"
