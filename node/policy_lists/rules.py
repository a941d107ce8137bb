"""Lines of a list, and what is different from what is decided here: pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from node.errors import NodeError
from node.peering.rules import Category, Severity


@dataclass(frozen=True, slots=True)
class Line:
    """What a list says about one domain."""

    subject: str
    severity: Severity
    no_media: bool = False
    reason: str = ""
    category: Category | None = None

    def as_json(self) -> list[Any]:
        """As it is kept until the group has decided."""
        return [self.subject, self.severity.value, self.no_media, self.reason, self.category and self.category.value]

    @staticmethod
    def from_json(value: list[Any]) -> Line:
        """The same, read again."""
        subject, severity, no_media, reason, category = value
        return Line(subject, Severity(severity), no_media, reason, Category(category) if category else None)


@dataclass(frozen=True, slots=True)
class Flaw:
    """A line that cannot be used: its number in the file, what stands there, and why."""

    number: int
    text: str
    why: NodeError


@dataclass(frozen=True, slots=True)
class Meant:
    """What somebody says of a list as a whole: its `name`; the severity of lines that have none, the reason of those
    without a comment (else the name of the list), the category; whether it `replaces` what is decided here."""

    name: str
    severity: Severity | None = None
    reason: str = ""
    category: Category | None = None
    replaces: bool = False


@dataclass(frozen=True, slots=True)
class Given:
    """A list as it was read."""

    meant: Meant
    lines: tuple[Line, ...]
    flaws: tuple[Flaw, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """What a policy of our own says now, that is in force; `is_plain`: for all kinds of text, with sub-domains,
    without an end."""

    severity: Severity
    no_media: bool
    is_plain: bool = True


@dataclass(frozen=True, slots=True)
class Difference:
    """What a list changes: `changed` and `against` with what is said now."""

    new: tuple[Line, ...] = ()
    changed: tuple[tuple[Line, Held], ...] = ()
    same: tuple[Line, ...] = ()
    against: tuple[tuple[Line, Held], ...] = ()

    @property
    def applied(self) -> tuple[Line, ...]:
        """The lines that would become policies."""
        return (*self.new, *(line for line, _ in self.changed))


def compare(lines: Iterable[Line], held: Mapping[str, Held], *, replaces: bool) -> Difference:
    """What these lines change where `held` is decided; ours stays, unless the list `replaces` it."""
    new, same, other = [], [], []
    for line in lines:
        ours = held.get(line.subject)
        if ours is None:
            new.append(line)
        elif ours == Held(line.severity, line.no_media):
            same.append(line)
        else:
            other.append((line, ours))
    return Difference(tuple(new), tuple(other) if replaces else (), tuple(same), () if replaces else tuple(other))
