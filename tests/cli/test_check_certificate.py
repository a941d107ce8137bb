"""What `commonwire check` says of a certificate, with real ones."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from federation import keys
from node import app, config
from node.cli.checks import Finding, outside


def issue(folder: Path, *, until: timedelta, address: str = "127.0.0.1") -> None:
    """A certificate of its own authority, and its key."""
    key = keys.read_private((folder / "key.pem").read_bytes())
    now = datetime.now(UTC).replace(tzinfo=None)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=100))
        .not_valid_after(now + until)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())  # type: ignore[arg-type]
    )
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))


@asynccontextmanager
async def tls(folder: Path) -> AsyncIterator[int]:
    def context() -> ssl.SSLContext:
        loaded = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        loaded.load_cert_chain(folder / "cert.pem", folder / "key.pem")
        return loaded

    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0, ssl=await asyncio.to_thread(context))
    async with server:
        yield server.sockets[0].getsockname()[1]


async def looked_at(folder: Path, port: int, *, trusted: bool = True) -> Finding:
    table = {
        "origin": f"https://127.0.0.1:{port}",
        "federation": {"ca_file": str(folder / "cert.pem") if trusted else ""},
    }
    node = await asyncio.to_thread(lambda: app.build(config.from_table(table, directory=folder)))
    try:
        return await outside.certificate(node)
    finally:
        await asyncio.to_thread(node.database.close)


@pytest.fixture
def folder(tmp_path: Path, key_sets: list[Path]) -> Path:
    (tmp_path / "key.pem").write_bytes((key_sets[0] / "instance.rsa.pem").read_bytes())
    return tmp_path


@pytest.mark.parametrize(
    ("until", "level", "words"),
    [
        (timedelta(days=60, hours=1), "ok", "ends in 60 days"),
        (timedelta(days=9, hours=1), "warning", "ends in 9 days"),
        (timedelta(hours=30), "bad", "ends in 1 day"),
        (timedelta(days=-1), "bad", "has expired"),
    ],
)
async def test_how_long_it_lasts(folder: Path, until: timedelta, level: str, words: str) -> None:
    await asyncio.to_thread(issue, folder, until=until)
    async with tls(folder) as port:
        finding = await looked_at(folder, port)
    assert (finding.level, words in finding.found) == (level, True), finding
    assert bool(finding.mend) == (level != "ok")


async def test_one_for_another_name_and_one_that_nobody_trusts(folder: Path) -> None:
    await asyncio.to_thread(issue, folder, until=timedelta(days=60), address="127.0.0.9")
    async with tls(folder) as port:
        finding = await looked_at(folder, port)
        assert finding.level == "bad" and "is not for 127.0.0.1" in finding.found, finding
        finding = await looked_at(folder, port, trusted=False)
        assert finding.level == "bad" and "is not trusted" in finding.found, finding


async def test_where_nobody_listens_or_nobody_does_tls(folder: Path) -> None:
    await asyncio.to_thread(issue, folder, until=timedelta(days=60))

    async def plainly(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(plainly, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        finding = await looked_at(folder, port)
        assert finding.level == "bad" and "no TLS" in finding.found, finding
    finding = await looked_at(folder, port)
    assert finding.level == "bad" and "cannot be reached" in finding.found, finding
    assert "firewall" in finding.mend
