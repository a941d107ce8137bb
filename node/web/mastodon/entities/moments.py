"""Moments as apps parse them."""

from __future__ import annotations

from datetime import UTC, datetime


def moment(value: datetime) -> str:
    """YYYY-MM-DDTHH:MM:SS.mmmZ."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"


def day(value: datetime) -> str:
    """The day alone, as the creation of an account is shown."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT00:00:00.000Z")
