"""What an import must say of its origin, and where it stands: pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from node.errors import Invalid


class ImportState(StrEnum):
    """Where an import stands."""

    OPEN = "open"  # ours: being transcribed, not public
    PROPOSED = "proposed"
    PUBLISHED = "published"
    FETCHING = "fetching"  # another node's: not all pages are here yet
    COMPLETE = "complete"
    UNDONE = "undone"  # its reports are gone, or are going
    BROKEN = "broken"  # another node's: it ended early, or something in it could not be kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Where the reports of an import are from. `licence` in words or as an identifier, such as CC-BY-4.0."""

    title: str
    publisher: str
    retrieved: date
    publisher_url: str | None = None
    licence: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As it is kept."""
        return asdict(self) | {"retrieved": self.retrieved.isoformat()}

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Provenance:
        """As it was kept."""
        return cls(**(value | {"retrieved": date.fromisoformat(value["retrieved"])}))


def check(provenance: Provenance, *, today: date) -> None:
    """Raise Invalid, naming the field, unless a reader can tell from where the reports are."""
    if not provenance.publisher.strip():
        raise Invalid("say who published the table: --publisher NAME", field="publisher")
    if not provenance.title.strip():
        raise Invalid("say what the table is called: --title TEXT", field="title")
    if provenance.retrieved > today:
        raise Invalid("{retrieved} is in the future", field="retrieved", retrieved=provenance.retrieved)
    if provenance.publisher_url and not provenance.publisher_url.startswith(("https://", "http://")):
        raise Invalid(
            "{publisher_url!r} is not an address", field="publisher_url", publisher_url=provenance.publisher_url
        )
