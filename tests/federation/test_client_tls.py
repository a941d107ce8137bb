"""Certificates: those of the system and those that a setting names, and nothing less than TLS afterwards."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.x509.oid import NameOID

from federation.client import Client
from federation.errors import Refused, Unreachable

Serve = Callable[[Any], Awaitable[str]]
MakeClient = Callable[..., Client]


async def speak_plainly(request: web.Request) -> web.Response:
    return web.Response()


def certificate(folder: Path, key: RSAPrivateKey, now: datetime) -> tuple[Path, Path]:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    cert = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1))
        .not_valid_after(datetime(2120, 1, 1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(cert.public_bytes(serialization.Encoding.PEM))
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "key.pem").write_bytes(pem)
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def tls_files(tmp_path: Path, rsa_key: RSAPrivateKey, now: datetime) -> tuple[Path, Path]:
    return certificate(tmp_path, rsa_key, now)


async def test_a_certificate_counts_only_if_its_authority_is_named_and_is_not_redirected_away(
    tls_files: tuple[Path, Path], make_client: MakeClient, serve: Serve
) -> None:
    def context() -> ssl.SSLContext:
        loaded = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        loaded.load_cert_chain(*tls_files)
        return loaded

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b"/downgrade" in await reader.readuntil(b"\r\n\r\n"):
            writer.write(f"HTTP/1.1 302 Found\r\nLocation: {plain}/\r\nContent-Length: 0\r\n\r\n".encode())
        else:
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        await writer.drain()
        writer.close()

    plain = await serve(speak_plainly)

    server = await asyncio.start_server(speak, "127.0.0.1", 0, ssl=await asyncio.to_thread(context))
    url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    async with server:
        async with make_client(allow_http=False, ca_file=str(tls_files[0])) as trusting:
            assert (await trusting.get(url)).body == b"ok"
        async with make_client(allow_http=False) as strict:
            with pytest.raises(Unreachable):
                await strict.get(url)
        async with make_client(ca_file=str(tls_files[0])) as lax:
            with pytest.raises(Refused, match="from https to http"):
                await lax.get(f"{url}downgrade")
