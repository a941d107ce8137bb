"""The source code of the very program that runs, for whoever asks: GNU AGPL version 3, section 13.

There is no hub for the code either: each node gives what it runs, changes included.
"""

from __future__ import annotations

import gzip
import io
import tarfile
from collections.abc import Iterator
from functools import cache
from importlib import metadata, resources
from importlib.resources.abc import Traversable

from node import VERSION

NAME = "commonwire-source.tar.gz"
PACKAGES = ("schemas", "federation", "node")
# Written out, so that nothing that happens to lie in an installation leaves it.
SUFFIXES = (".py", ".html", ".css", ".svg", ".json", ".jsonld", ".txt", ".md", ".csv", ".mako")


@cache
def archive() -> bytes:
    """The packages as a compressed tar; the same bytes whenever it is made."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for name, content in _files():
            info = tarfile.TarInfo(f"commonwire-{VERSION}/{name}")
            info.size, info.mode = len(content), 0o644
            tar.addfile(info, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=0)


def _files() -> Iterator[tuple[str, bytes]]:
    for package in PACKAGES:
        yield from below(resources.files(package), package)
    for name in ("METADATA", "licenses/LICENSE"):
        if (text := _installed(name)) is not None:
            yield name.rpartition("/")[2], text.encode()


def below(folder: Traversable, path: str) -> Iterator[tuple[str, bytes]]:
    """Every source file in a folder and the folders below it, with its name under `path`."""
    for entry in sorted(folder.iterdir(), key=lambda one: one.name):
        if entry.is_dir():
            yield from below(entry, f"{path}/{entry.name}")
        elif entry.name.endswith(SUFFIXES):
            yield f"{path}/{entry.name}", entry.read_bytes()


def _installed(name: str) -> str | None:
    try:
        return metadata.distribution("commonwire").read_text(name)
    except metadata.PackageNotFoundError:
        return None
