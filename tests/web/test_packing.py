"""In which coding an answer leaves: what whoever asks gives most weight, and nothing that she refuses."""

from __future__ import annotations

import gzip

import brotli
import pytest

from node.web import packing


@pytest.mark.parametrize(
    ("accepted", "by"),
    [
        ("", ""),
        ("gzip", "gzip"),
        ("gzip, deflate, br", "br"),
        ("GZIP, BR", "br"),
        ("br;q=0.5, gzip", "gzip"),
        ("br;q=0, gzip;q=0.1", "gzip"),
        ("br;q=0, gzip;q=0", ""),
        ("*", "br"),
        ("*;q=0.5, br;q=0", "gzip"),
        ("identity", ""),
        ("identity, gzip;q=0.5", ""),
        ("gzip;q=x", ""),
        ("zstd, deflate", ""),
        ("br ; q=1.000 , gzip;q=1", "br"),
    ],
)
def test_what_has_most_weight_is_taken(accepted: str, by: str) -> None:
    assert packing.coding(accepted) == by


def test_nothing_is_lost() -> None:
    body = '{"content":"Überall Äpfel"}'.encode() * 200
    assert brotli.decompress(packing.packed(body, "br")) == gzip.decompress(packing.packed(body, "gzip")) == body
    assert packing.packed(body, "") is body
