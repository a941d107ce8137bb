"""Asking a node for figures, as a program does."""

from __future__ import annotations

import json
from typing import Any

from tests.nodes.served import ServedNode


async def figures(node: ServedNode, query: str = "") -> dict[str, Any]:
    status, text = await node.page(f"{node.origin}/figures.json?{query}")
    assert status == 200, text
    found: dict[str, Any] = json.loads(text)
    return found


def by(found: dict[str, Any], measure: str = "people") -> dict[Any, Any]:
    """Keys -> the struggles, and the ends of one figure, of each row."""
    return {
        tuple(row["keys"].values()): (row["figures"]["struggles"], *ends(row["figures"][measure]))
        for row in found["rows"]
    }


def ends(figure: dict[str, Any]) -> tuple[Any, Any]:
    return figure["low"], figure["high"]
