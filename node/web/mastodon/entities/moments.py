"""Moments as apps parse them."""

from __future__ import annotations

from datetime import UTC, datetime

from node.identifiers import CHANCE_BITS


def moment(value: datetime) -> str:
    """YYYY-MM-DDTHH:MM:SS.mmmZ."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"


def day(value: datetime) -> str:
    """The day alone, as the creation of an account is shown."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT00:00:00.000Z")


def optional(value: datetime | None) -> str | None:
    """The same as `moment`, of one that may not be known."""
    return None if value is None else moment(value)


def day_of(place: int) -> str:
    """The day of a place in time, as that of an account's last text is shown: YYYY-MM-DD."""
    return datetime.fromtimestamp((place >> CHANCE_BITS) / 1000, tz=UTC).date().isoformat()
