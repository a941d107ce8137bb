"""What a file gives before its header is understood: numbered records of text cells.

`BadTable` is the one refusal of a whole file; its message is a sentence for the person who chose the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from node.errors import Invalid


class BadTable(Invalid):
    """The file as a whole cannot be read as a table. The message says what to do; nothing was imported."""


@dataclass(frozen=True, slots=True)
class Records:
    """`cells` yields (line, cells): the line where the record begins, 1-based, and its cells as text.

    `notes` are sentences about how the file was read that its owner should check.
    """

    cells: Iterator[tuple[int, list[str]]]
    notes: tuple[str, ...]
