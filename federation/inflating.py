"""Unpack gzip and deflate under a limit: a kilobyte can claim to be a gigabyte.

`Inflater` takes the bytes as they arrive and never holds more than the limit, whatever they claim.
"""

from __future__ import annotations

import zlib
from typing import Protocol

from federation.errors import Refused, Unreachable

ACCEPT_ENCODING = "gzip, deflate"
_GZIP = 16 + zlib.MAX_WBITS
_TOO_LONG = "the answer is longer than {limit} bytes"


class _Decompressor(Protocol):
    """What zlib.decompressobj returns: its class has no name."""

    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ...) -> bytes: ...


class Inflater:
    """Collects the body of one answer, at most `limit_bytes` before and after unpacking.

    `encoding` is the Content-Encoding: none, identity, gzip (x-gzip) or deflate; anything else is Refused, and so is
    a list of several.
    """

    def __init__(self, encoding: str, *, limit_bytes: int) -> None:
        self._encoding = encoding.strip().lower()
        if self._encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
            raise Refused(f"the answer has the unknown content encoding {self._encoding[:40]!r}")
        self._limit = limit_bytes
        self._received = 0
        self._body = bytearray()
        self._stream: _Decompressor | None = None

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes. Raises Refused at the limit, or if they are not what the encoding says."""
        if not chunk:
            return
        self._received += len(chunk)
        if self._received > self._limit:
            raise Refused(_TOO_LONG.format(limit=self._limit))
        self._body += chunk if self._encoding in ("", "identity") else self._unpacked(chunk)
        if len(self._body) > self._limit:
            raise Refused(_TOO_LONG.format(limit=self._limit))

    def _unpacked(self, chunk: bytes) -> bytes:
        if self._stream is None:
            self._stream = zlib.decompressobj(self._window(chunk[0]))
        try:
            # One byte more than may be: that is how the excess shows, and the rest is never unpacked.
            unpacked = self._stream.decompress(chunk, self._limit - len(self._body) + 1)
        except zlib.error as error:
            raise Refused(f"the answer is not {self._encoding}") from error
        if self._stream.unused_data:
            raise Refused(f"the answer has something behind its {self._encoding} data")
        return unpacked

    def _window(self, first: int) -> int:
        if self._encoding != "deflate":
            return _GZIP
        # "deflate" is zlib by the RFC and raw deflate by custom; a zlib header says method 8 in its low bits.
        return zlib.MAX_WBITS if first & 0x0F == 8 else -zlib.MAX_WBITS

    def body(self) -> bytes:
        """Everything, once all has been fed. Raises Unreachable if the packed data stops in the middle."""
        if self._stream is not None and not self._stream.eof:
            raise Unreachable("the answer stopped in the middle")
        return bytes(self._body)
