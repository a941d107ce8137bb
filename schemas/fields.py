"""The one declaration of a wire value, and all that derives from it.

    @wire_value(context=OBJECT_CONTEXT)
    class Statement:
        id: str = wire(IRI, "id", doc="Where the statement can be fetched.")
        summary: str | None = wire(TEXT, "summary", default=None, doc="A content warning.")

makes a frozen dataclass with slots and keyword arguments; `parse`, `serialise`, `json_schema` and `describe` read the
same declaration. A field without a default is required. A field with `lenient=True` is decoration: what a stranger
put there in an unusable shape counts as absent. Everything else of the wrong shape is Malformed, and so is a value of
our own that `serialise` is asked to write and no peer could read.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any, Generic, TypeVar, dataclass_transform, overload

from schemas.context import iri_of
from schemas.reading import Malformed

T = TypeVar("T")
D = TypeVar("D")


@dataclasses.dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """How values of one sort are read, written and described. `read` and `write` raise Malformed, nothing else.

    `value` is the wire value that stands inside, `codes` the list that the code is from.
    """

    name: str
    read: Callable[[Any], T]
    write: Callable[[T], Any]
    schema: Mapping[str, Any]
    value: type | None = None
    codes: Mapping[str, str] | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Term:
    """One line of the vocabulary page. `iri` is None for terms of ActivityStreams itself."""

    name: str
    key: str
    iri: str | None
    kind: str
    required: bool
    doc: str
    schema: Mapping[str, Any]
    value: type | None = None
    codes: Mapping[str, str] | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class _Declared:
    kind: Kind[Any]
    key: str
    doc: str
    required: bool
    lenient: bool
    aliases: tuple[str, ...]
    always: bool


@dataclasses.dataclass(frozen=True, slots=True)
class _Table:
    context: Sequence[Any] | None
    rows: tuple[tuple[str, _Declared], ...]
    readers: tuple[tuple[str, str, tuple[str, ...], Callable[[Any], Any], bool, bool], ...]


_TABLES: dict[type, _Table] = {}


@overload
def wire(kind: Kind[T], key: str, *, doc: str, aliases: tuple[str, ...] = (), always: bool = False) -> T: ...
@overload
def wire(
    kind: Kind[T],
    key: str,
    *,
    doc: str,
    default: D,
    required: bool = False,
    lenient: bool = False,
    aliases: tuple[str, ...] = (),
    always: bool = False,
) -> T | D: ...


def wire(
    kind: Kind[Any],
    key: str,
    *,
    doc: str,
    default: Any = dataclasses.MISSING,
    required: bool = False,
    lenient: bool = False,
    aliases: tuple[str, ...] = (),
    always: bool = False,
) -> Any:
    """Declare the field that travels under `key`.

    Without `default` it is required; `required=True` with a default is required on the wire and filled in for us.
    `aliases` are other keys that peers use for it, read in this order, never written.
    None, () and {} are left out when written, unless `always`.
    """
    missing = default is dataclasses.MISSING
    declared = _Declared(kind, key, doc, required or missing, lenient, aliases, always)
    if isinstance(default, dict):
        return dataclasses.field(default_factory=dict, metadata={"wire": declared})
    return dataclasses.field(default=default, metadata={"wire": declared})


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(wire,))
def wire_value(*, context: Sequence[Any] | None = None) -> Callable[[type[T]], type[T]]:
    """Make a class of `wire` fields a wire value; `context` is the @context of one that stands alone."""

    def make(declared: type[T]) -> type[T]:
        cls: type[T] = dataclasses.dataclass(frozen=True, slots=True, kw_only=True)(declared)
        rows = [(field.name, field.metadata["wire"]) for field in dataclasses.fields(cls)]  # type: ignore[arg-type]
        rows.sort(key=lambda row: {"id": 0, "type": 1}.get(row[0], 2))
        readers = tuple((name, row.key, row.aliases, row.kind.read, row.required, row.lenient) for name, row in rows)
        _TABLES[cls] = _Table(context, tuple(rows), readers)
        return cls

    return make


def parse(cls: type[T], document: object) -> T:
    """The value of `cls` in `document`. Raises Malformed with the path of the first field at fault."""
    if not isinstance(document, dict):
        raise Malformed("", "must be an object")
    found: dict[str, Any] = {}
    for name, key, aliases, read, required, lenient in _TABLES[cls].readers:
        value = document.get(key)
        if value is None and aliases:
            key, value = _first_alias(document, key, aliases)
        if value is None:
            if required:
                raise Malformed(key, "is missing")
            continue
        try:
            found[name] = read(value)
        except Malformed as error:
            if not lenient:
                raise error.under(key) from None
    return cls(**found)


def _first_alias(document: dict[str, Any], key: str, aliases: tuple[str, ...]) -> tuple[str, Any]:
    for alias in aliases:
        value = document.get(alias)
        # PHP writes an empty map as [] (WordPress). An empty list of items is a list.
        if value is not None and value != {} and not (value == [] and alias.endswith("Map")):
            return alias, value
    return key, None


def serialise(value: object) -> dict[str, Any]:
    """The JSON object of `value`, its @context first if it stands alone. Raises Malformed for what must not leave us.

    Do not change the returned @context: it is shared.
    """
    table = _TABLES[type(value)]
    written: dict[str, Any] = {} if table.context is None else {"@context": table.context}
    for name, row in table.rows:
        item = getattr(value, name)
        if item is None or (not row.always and (item == () or item == {})):
            continue
        try:
            written[row.key] = row.kind.write(item)
        except Malformed as error:
            raise error.under(row.key) from None
    return written


def refusals(value: object, keys: Container[str]) -> tuple[Malformed, ...]:
    """Why those fields of `value` that travel under `keys` must not leave us: one reason for each that must not."""
    found = []
    for name, row in _TABLES[type(value)].rows:
        item = getattr(value, name)
        if row.key not in keys or item is None:
            continue
        try:
            row.kind.write(item)
        except Malformed as error:
            found.append(error.under(row.key))
    return tuple(found)


def first_key(path: str) -> str:
    """The key of an object with which the path of a Malformed begins."""
    return path.partition(".")[0].partition("[")[0]


def json_schema(cls: type) -> dict[str, Any]:
    """The JSON Schema (2020-12) of what we write as `cls`; reading is more tolerant."""
    title = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": cls.__name__}
    return title | object_schema(cls)


def object_schema(cls: type) -> dict[str, Any]:
    """`json_schema` without its heading, for use inside another."""
    rows = _TABLES[cls].rows
    properties = {row.key: {**row.kind.schema, "description": row.doc} for _, row in rows}
    required = [row.key for _, row in rows if row.required]
    return {"type": "object", "properties": properties, "required": required}


def describe(cls: type) -> list[Term]:
    """The terms of `cls` in the order of their declaration, for the vocabulary page."""
    return [
        Term(
            name,
            row.key,
            iri_of(row.key),
            row.kind.name,
            row.required,
            row.doc,
            row.kind.schema,
            row.kind.value,
            row.kind.codes,
        )
        for name, row in _TABLES[cls].rows
    ]


def within(cls: type) -> list[type]:
    """The wire values that stand inside `cls`, and inside these, each once, in the order of their declaration."""
    found: dict[type, None] = {}
    waiting = [cls]
    while waiting:
        inside = [row.kind.value for _, row in _TABLES[waiting.pop(0)].rows if row.kind.value is not None]
        fresh = [one for one in dict.fromkeys(inside) if one not in found]
        found |= dict.fromkeys(fresh)
        waiting += fresh
    return list(found)
