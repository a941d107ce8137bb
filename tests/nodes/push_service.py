"""A push service, and devices that read what it has for them with an implementation that is not ours (http-ece)."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import http_ece
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from py_vapid import Vapid01, Vapid02

from federation.web_push import decoded, encoded, point
from tests.nodes.served import free_port


@dataclass
class Pushed:
    """What was brought for a device."""

    path: str
    headers: dict[str, str]
    body: bytes

    def claims(self, server_key: str) -> dict[str, Any]:
        """What the sender says of itself, once its signature is proven to be of this key."""
        said = self.headers["Authorization"]
        if said.startswith("vapid "):
            assert Vapid02.verify(said) and said.endswith(f",k={server_key}"), said
            token = said.partition("t=")[2].partition(",")[0]
        else:
            assert Vapid01.verify(server_key, said), said
            token = said.partition(" ")[2]
        found: dict[str, Any] = json.loads(decoded(token.split(".")[1]))
        return found


@dataclass
class Device:
    """A device with its keys, and the address at which it is reached."""

    endpoint: str
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    @property
    def path(self) -> str:
        return "/" + self.endpoint.partition("://")[2].partition("/")[2]

    @property
    def keys(self) -> dict[str, str]:
        """Its public key and its secret, as a node is told them."""
        return {"p256dh": encoded(point(self.key.public_key())), "auth": encoded(self.auth)}

    def asked(self, *alerts: str, standard: bool = True, **data: str) -> dict[str, str]:
        """The form by which it subscribes."""
        return {
            "subscription[endpoint]": self.endpoint,
            **{f"subscription[keys][{name}]": value for name, value in self.keys.items()},
            "subscription[standard]": "true" if standard else "false",
            **{f"data[alerts][{one}]": "true" for one in alerts},
            **{f"data[{name}]": value for name, value in data.items()},
        }

    def read(self, pushed: Pushed) -> dict[str, Any]:
        """A message, decrypted."""
        if pushed.headers["Content-Encoding"] == "aes128gcm":
            plain = http_ece.decrypt(pushed.body, private_key=self.key, auth_secret=self.auth, version="aes128gcm")
        else:
            dh = pushed.headers["Crypto-Key"].partition("dh=")[2].partition(";")[0]
            salt = pushed.headers["Encryption"].partition("salt=")[2]
            plain = http_ece.decrypt(
                pushed.body, salt=decoded(salt), dh=decoded(dh), private_key=self.key, auth_secret=self.auth,
                version="aesgcm",
            )  # fmt: skip
        found: dict[str, Any] = json.loads(plain)
        return found


@dataclass
class PushService:
    """`answers`: what it says at a path, by status and headers; 201 without. `is_open`: until then it says nothing."""

    origin: str
    received: list[Pushed] = field(default_factory=list)
    answers: dict[str, tuple[int, dict[str, str]]] = field(default_factory=dict)
    is_open: asyncio.Event = field(default_factory=asyncio.Event)
    devices: int = 0

    def device(self) -> Device:
        """A new device of this service."""
        self.devices += 1
        return Device(f"{self.origin}/device/{self.devices}")

    def of(self, device: Device) -> list[Pushed]:
        """What has come for a device."""
        return [one for one in self.received if one.path == device.path]

    async def take(self, request: web.Request) -> web.Response:
        await self.is_open.wait()
        self.received.append(Pushed(request.path, dict(request.headers), await request.read()))
        status, headers = self.answers.get(request.path, (201, {}))
        return web.Response(status=status, headers=headers)


@asynccontextmanager
async def push_service() -> AsyncIterator[PushService]:
    """A push service that listens."""
    port = free_port()
    service = PushService(f"http://127.0.0.1:{port}")
    service.is_open.set()
    app = web.Application()
    app.router.add_post("/device/{number}", service.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port).start()
    try:
        yield service
    finally:
        service.is_open.set()
        await runner.cleanup()
