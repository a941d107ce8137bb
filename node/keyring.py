"""The private keys of this node's own actors, as files that only their owner can read.

`DIR/keys/<name>.rsa.pem` signs requests (everybody reads RSA), `DIR/keys/<name>.ed25519.pem` signs what the actor says
(FEP-8b32). `DIR/keys/<name>.secret` holds bytes that are neither: the seeds of second factors are locked with them.
They are files and not rows, so that a copy of the database does not let its holder speak for the group.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from federation import keys
from node.errors import Unfit

SECRET_BYTES = 32


class Keyring:
    """Reads each key once and keeps it. `read` makes a key of a file's bytes; it raises ValueError."""

    def __init__(self, directory: Path, *, read: Callable[[bytes], keys.PrivateKey] = keys.read_private) -> None:
        self._directory = directory / "keys"
        self._read_private = read
        self._rsa: dict[str, RSAPrivateKey] = {}
        self._ed25519: dict[str, Ed25519PrivateKey] = {}
        self._secrets: dict[str, bytes] = {}

    def make(self, name: str) -> None:
        """Make both keys of the actor `name`; never overwrites."""
        self._directory.mkdir(mode=0o700, exist_ok=True)
        write_private(self._directory / f"{name}.rsa.pem", keys.private_pem(keys.make_rsa()))
        write_private(self._directory / f"{name}.ed25519.pem", keys.private_pem(keys.make_ed25519()))

    def destroy(self, name: str) -> None:
        """Delete both keys of that name, for good; what is not there is left alone."""
        for kind in ("rsa", "ed25519"):
            (self._directory / f"{name}.{kind}.pem").unlink(missing_ok=True)
        self._rsa.pop(name, None)
        self._ed25519.pop(name, None)

    def read_all(self) -> None:
        """Read every key there is, so that signing never waits for the disk. Raises Unfit."""
        for path in sorted(self._directory.glob("*.rsa.pem")):
            self.rsa(path.name.removesuffix(".rsa.pem"))
        for path in sorted(self._directory.glob("*.ed25519.pem")):
            self.ed25519(path.name.removesuffix(".ed25519.pem"))

    def has_read(self, name: str) -> bool:
        """Whether both keys of that name were read already."""
        return name in self._rsa and name in self._ed25519

    def rsa(self, name: str) -> RSAPrivateKey:
        """The key that signs the actor's requests. Raises Unfit if its file is missing or unreadable."""
        if name not in self._rsa:
            key = self._read(f"{name}.rsa.pem")
            if not isinstance(key, RSAPrivateKey):
                raise Unfit(f"{name}.rsa.pem does not hold an RSA key")
            self._rsa[name] = key
        return self._rsa[name]

    def ed25519(self, name: str) -> Ed25519PrivateKey:
        """The key that signs what the actor says. Raises Unfit if its file is missing or unreadable."""
        if name not in self._ed25519:
            key = self._read(f"{name}.ed25519.pem")
            if not isinstance(key, Ed25519PrivateKey):
                raise Unfit(f"{name}.ed25519.pem does not hold an Ed25519 key")
            self._ed25519[name] = key
        return self._ed25519[name]

    def secret(self, name: str) -> bytes:
        """32 bytes of chance that only this node has, made when they are asked for the first time. Raises Unfit."""
        if name not in self._secrets:
            path = self._directory / f"{name}.secret"
            try:
                if not path.exists():
                    _write_whole(path, secrets.token_bytes(SECRET_BYTES))
                found = path.read_bytes()
            except OSError as error:
                raise Unfit("the file {path} cannot be read: {reason}", path=path, reason=error.strerror) from None
            if len(found) != SECRET_BYTES:
                raise Unfit(
                    "{path} does not hold {count} bytes; restore it from a backup", path=path, count=SECRET_BYTES
                )
            self._secrets[name] = found
        return self._secrets[name]

    def _read(self, file_name: str) -> RSAPrivateKey | Ed25519PrivateKey:
        path = self._directory / file_name
        try:
            return self._read_private(path.read_bytes())
        except (OSError, ValueError) as error:
            raise Unfit(f"the key {path} cannot be read: {error}; restore it from a backup") from None


def write_private(path: Path, content: bytes) -> None:
    """Make a file that only its owner can read; an existing one is left alone and raises FileExistsError."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)


def _write_whole(path: Path, content: bytes) -> None:
    """Make a private file that nobody sees half written; whoever comes second leaves the first one's alone."""
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    write_private(partial, content)
    try:
        with contextlib.suppress(FileExistsError):
            os.link(partial, path)
    finally:
        partial.unlink()
