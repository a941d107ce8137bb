"""What went wrong, by what the person in front of it can do next.

    NodeError
    |-- Invalid      what she gave is wrong: says the field, the line and the value; nothing was changed
    |-- Unauthenticated  nobody knows who she is: she has to show a token or log in
    |-- Forbidden    she has no mandate for this
    |-- Busy         too many want this at once: later
    |-- Missing      there is no such thing here (or she may not know that there is)
    |-- Gone         there was such a thing here, and it has ended
    |-- Conflict     it is there already, or somebody else was faster
    `-- Unfit        the node itself cannot run: settings, database, files

Errors about other servers (`Malformed`, `Refused`, `Unreachable`) are in `federation.errors`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import reduce
from typing import Any, TypeVar

T = TypeVar("T")


class NodeError(Exception):
    """Something a person can act on; `str()` is one line for her, and holds nothing private.

    `why` is a sentence that can be translated, with the names of `values` in braces:
    `Missing("there is no member {name}", name=name)`. Without values it stands as it is, braces and all.
    """

    status = 500

    def __init__(self, why: str, **values: object) -> None:
        self.template, self.values = why, values
        super().__init__(self.why)

    @property
    def why(self) -> str:
        """The sentence in English."""
        return self.said(lambda template: template)

    def said(self, translate: Callable[[str], str]) -> str:
        """The sentence in another language."""
        return _filled(translate, self.template, self.values)


class Phrase:
    """A value of an error that is a sentence marked with `N_` itself, and is translated with the error."""

    def __init__(self, template: str, **values: object) -> None:
        self.template, self.values = template, values

    def __str__(self) -> str:
        return self.said(lambda template: template)

    def said(self, translate: Callable[[str], str]) -> str:
        """In another language."""
        return _filled(translate, self.template, self.values)


def kept(sentence: NodeError | Phrase) -> dict[str, Any]:
    """An error as JSON, from which it can be said in any language."""
    values = {name: _kept_value(value) for name, value in sentence.values.items()}
    return {"template": sentence.template, "values": values}


def _kept_value(value: object) -> object:
    if isinstance(value, Phrase):
        return kept(value)
    return value if isinstance(value, int) else str(value)


def revived(value: Mapping[str, Any]) -> NodeError:
    """The error that was `kept`; of which kind it was is lost."""
    return NodeError(value["template"], **_revived_values(value))


def _revived_values(value: Mapping[str, Any]) -> dict[str, object]:
    return {
        name: Phrase(one["template"], **_revived_values(one)) if isinstance(one, Mapping) else one
        for name, one in value["values"].items()
    }


def _filled(translate: Callable[[str], str], template: str, values: Mapping[str, object]) -> str:
    said = {name: one.said(translate) if isinstance(one, Phrase) else one for name, one in values.items()}
    return translate(template).format(**said) if said else translate(template)


class Invalid(NodeError):
    """The input is wrong. `field` and `line` say where, if they apply; `line` counts from 1."""

    status = 422

    def __init__(self, why: str, *, field: str | None = None, line: int | None = None, **values: object) -> None:
        super().__init__(why, **values)
        self.field, self.line = field, line
        self.args = (self.with_place(self.why),)

    def with_place(self, sentence: str) -> str:
        """The sentence after where it applies: `line 3, title: there is no text`."""
        where = [part for part in (f"line {self.line}" if self.line else "", self.field or "") if part]
        return f"{', '.join(where)}: {sentence}" if where else sentence

    def as_phrase(self) -> Phrase:
        """The sentence after where it applies, to be said among others."""
        return Phrase(self.with_place("{sentence}"), sentence=Phrase(self.template, **self.values))

    def placed(self, field: str | None, line: int | None = None) -> Invalid:
        """The same sentence about another place: a part of something larger is at fault."""
        moved = Invalid(self.template, field=field, line=line)
        moved.values = self.values
        moved.args = (moved.with_place(moved.why),)
        return moved


class Faults(Invalid):
    """Several things are wrong: `faults`, each with its own field and line. The sentence says them all."""

    def __init__(self, faults: Sequence[Invalid]) -> None:
        self.faults = tuple(faults)
        told = [one.as_phrase() for one in self.faults]
        super().__init__("{all}", all=reduce(lambda one, other: Phrase("{one}\n{other}", one=one, other=other), told))


def together(faults: Sequence[Invalid]) -> Invalid:
    """One error that says all that is wrong: the only one there is, or `Faults`."""
    return faults[0] if len(faults) == 1 else Faults(faults)


def apart(error: Invalid) -> tuple[Invalid, ...]:
    """Each thing that is wrong."""
    return error.faults if isinstance(error, Faults) else (error,)


def all_of(readings: Iterable[Callable[[], T]]) -> list[T]:
    """What each reading gives. Raises Invalid with all that is wrong, and not only the first."""
    found, faults = list[T](), list[Invalid]()
    for read in readings:
        try:
            found.append(read())
        except Invalid as error:
            faults += apart(error)
    if faults:
        raise together(faults)
    return found


def every_fault(
    read: Callable[[dict[str, str]], object], fields: Mapping[str, str], instead: Callable[[str], str | None]
) -> list[Invalid]:
    """All that is wrong with `fields`: they are read again without those that were at fault, until nothing more is.

    `instead` says what stands for a field while the rest is looked at: "" for nothing, None for a field that is not
    among them. Empty if nothing is wrong.
    """
    left, found = dict(fields), list[Invalid]()
    while True:
        try:
            read(left)
            return found
        except Invalid as error:
            found += (one for one in apart(error) if one.field not in {known.field for known in found})
            names = {re.split(r"[.\[]", one.field or "")[0] for one in apart(error)}
            mended = {name: stead for name in names if (stead := instead(name)) is not None}
            if all(left.get(name, "") == stead for name, stead in mended.items()):
                return found
            left |= mended


class Unauthenticated(NodeError):
    """Whoever asks has not shown who she is."""

    status = 401


class Forbidden(NodeError):
    """The member has no mandate for this act."""

    status = 403


class Busy(NodeError):
    """Too many ask for the same expensive thing at once."""

    status = 429


class Missing(NodeError):
    """There is no such thing here."""

    status = 404


class Gone(NodeError):
    """There was such a thing here, and it has ended."""

    status = 410


class Conflict(NodeError):
    """It exists already, or its state no longer allows this."""

    status = 409


class Unfit(NodeError):
    """The node cannot run as it is set up."""

    status = 503
