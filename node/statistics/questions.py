"""What a table is asked for: by what its rows stand apart, which struggles it is about, whose reports count. Pure.

A question is a query string and the other way round: `Question.from_query` reads it, `to_query` writes the canonical
one, which is the stable address of the table and part of its digest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from urllib.parse import urlencode

from node.errors import Invalid
from node.reports import filters
from schemas import reading
from schemas.reading import Malformed

PERIODS = ("year", "quarter", "month")
GROUPINGS = (
    *PERIODS, "country", "region", "field", "sector", "kind", "demand", "family", "organisation", "outcome", "status",
    "author",
)  # fmt: skip
FILTERS = (
    "country", "region", "field", "sector", "kind", "demand", "family", "organisation", "outcome", "status", "author",
    "who", "started_by", "basis", *PERIODS, "since", "until", "struggle",
)  # fmt: skip
GROUPINGS_AT_MOST = 3
CHARACTERS = 2000


@dataclass(frozen=True, slots=True)
class Question:
    """What a table is asked for. `filters` combine; of several values of one filter any is enough.

    `sources` are the actors whose reports and merges count; None: the groups of this node and those they follow.
    """

    group_by: tuple[str, ...] = ("year",)
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    sources: tuple[str, ...] | None = None

    def __hash__(self) -> int:
        return hash(self.to_query())

    @classmethod
    def from_query(cls, query: Mapping[str, str] | Iterable[tuple[str, str]]) -> Question:
        """From the parameters of an address; those that no question has are left to whoever else reads it.

        `by` takes several values, repeated or with commas between them; `source` and the filters are repeated. An empty
        value is none. Raises Invalid, with the field, for a value that no question can have.
        """
        pairs = list(query.items() if hasattr(query, "items") else query)
        by = _split(value for name, value in pairs if name == "by")
        for one in by:
            if one not in GROUPINGS:
                known = ", ".join(GROUPINGS)
                raise Invalid("“{value}” is nothing to count by: {known}", field="by", value=one, known=known)
        if len(by) > GROUPINGS_AT_MOST:
            raise Invalid("{count} values are too many", field="by", count=len(by))
        chosen = {_address(value.strip()) for name, value in pairs if name == "source" and value.strip()}
        if len(chosen) > filters.SOURCES_AT_MOST:
            raise Invalid("{count} values are too many", field="source", count=len(chosen))
        return cls(
            tuple(by) or ("year",), MappingProxyType(filters.read(pairs, FILTERS)), tuple(sorted(chosen)) or None
        )

    def to_query(self) -> str:
        """The canonical query string of this question, without a question mark."""
        return urlencode([("by", ",".join(self.group_by)), *self._filters(), *self._sources()], safe=",:/")

    def _filters(self) -> list[tuple[str, str]]:
        return [(name, value) for name in FILTERS for value in sorted(self.filters.get(name, ()))]

    def _sources(self) -> list[tuple[str, str]]:
        return [("source", one) for one in self.sources or ()]

    def narrowed(self, **values: str) -> Question:
        """The same question about less: a filter of this name in place of the one it had."""
        fewer = dict(self.filters) | {name: (value,) for name, value in values.items()}
        return replace(self, filters=MappingProxyType(fewer))


def _split(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(part.strip() for value in values for part in value.split(",") if part.strip()))


def _address(value: str) -> str:
    try:
        if len(value) > CHARACTERS:
            raise ValueError
        return reading.iri(value)
    except (ValueError, Malformed):
        raise Invalid("“{value}” is no address", field="source", value=value[:CHARACTERS]) from None
