from __future__ import annotations

import gzip

import pytest

from federation.errors import Refused, Unreachable
from federation.inflating import Inflater


def test_packed_data_that_never_unpacks_to_anything_ends_at_the_limit() -> None:
    inflater = Inflater("deflate", limit_bytes=1000)
    inflater.feed(b"\x78\x9c")
    with pytest.raises(Refused, match="longer than 1000"):
        for _ in range(1000):
            inflater.feed(b"\x00\x00\x00\xff\xff")  # a stored block of no bytes


def test_a_bomb_is_refused_by_the_chunk_that_passes_the_limit() -> None:
    bomb = gzip.compress(bytes(10_000_000), mtime=0)
    inflater = Inflater("gzip", limit_bytes=20_000)
    with pytest.raises(Refused, match="longer"):
        inflater.feed(bomb)


@pytest.mark.parametrize("size", [0, 1, 500, 1000])
def test_what_is_within_the_limit_comes_out_however_it_was_cut(size: int) -> None:
    text = b"solidarity" * (size // 10) + b"x" * (size % 10)
    inflater = Inflater("gzip", limit_bytes=1000)
    for byte in gzip.compress(text):
        inflater.feed(bytes([byte]))
        inflater.feed(b"")
    assert inflater.body() == text


def test_packed_data_that_stops_in_the_middle_is_worth_another_try() -> None:
    inflater = Inflater("gzip", limit_bytes=1000)
    inflater.feed(gzip.compress(b"x" * 100)[:-1])
    with pytest.raises(Unreachable):
        inflater.body()
