"""How much of a kind a test takes: enough for every `make test`, ten times as much in `make soak`."""

from __future__ import annotations

import os

import pytest

LARGER = bool(os.environ.get("COMMONWIRE_SOAK"))
SOAKED = [pytest.mark.soak] if LARGER else []  # the same tests, and more of everything: `pytestmark = SOAKED`


def many(usual: int) -> int:
    """How many are many."""
    return usual * 10 if LARGER else usual
