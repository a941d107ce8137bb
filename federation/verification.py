"""The checks on an incoming request, in order, from the cheapest to the dearest.

Header, host, date, coverage and digest first: they cost nothing and rubbish ends there. Then the key,
which may cost a request to a stranger's server. Then the signature; and if it is wrong, once more with
a fresh key, because peers rotate theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from federation.errors import Gone, Malformed, Refused
from federation.keys import PublicKey
from federation.origin import origin
from federation.signatures import Request, cavage


@dataclass(frozen=True, slots=True)
class ActorKey:
    """A public key whose actor lists it (see federation.actor_keys). `owner` is the actor's id."""

    key_id: str
    owner: str
    public_key: PublicKey


@dataclass(frozen=True, slots=True)
class Verified:
    """`actor` signed the request, with the key `key_id`."""

    actor: str
    key_id: str


class KeyDirectory(Protocol):
    async def key(self, key_id: str, *, fresh: bool = False) -> ActorKey:
        """The key with this id, from memory or from its server; `fresh` asks for what its server says now.

        Whoever implements this decides how often strangers may cause a request, and may answer `fresh` with what it
        knows. Raises Refused if nobody (credibly) has that key, Gone if its server says that
        it is no more, Unreachable if its server does not answer.
        """


async def verify(
    request: Request, *, host: str, keys: KeyDirectory, now: datetime, window: timedelta = cavage.WINDOW
) -> Verified:
    """Prove who sent `request`, to us (`host`: the name and port of the configured origin) and just now.

    Raises Refused, always with status 401, if it is unsigned or does not verify; Malformed if the Signature header
    cannot be read; Gone if the key's server says that the actor is no more (the Delete of an account arrives so);
    Unreachable if the key could not be had just now.
    """
    header = _signature_header(request)
    cavage.check_claims(request, header, host=host, now=now, window=window)
    _check_key_id(header.key_id, host)
    known = await _key(keys, header.key_id, fresh=False)
    try:
        cavage.check_signature(request, header, known.public_key)
    except Refused:
        current = await _key(keys, header.key_id, fresh=True)
        if current == known:
            raise
        cavage.check_signature(request, header, current.public_key)
        known = current
    return Verified(actor=known.owner, key_id=known.key_id)


def _signature_header(request: Request) -> cavage.SignatureHeader:
    header = request.headers.get("signature")
    if not header:
        raise Refused("the request is not signed", status=401)
    if "signature-input" in request.headers:
        # 401 makes Fedify and Mastodon knock again with draft-cavage.
        raise Refused("sign with draft-cavage-http-signatures, please: RFC 9421 is not understood here", status=401)
    return cavage.parse(header)


def _check_key_id(key_id: str, host: str) -> None:
    """A keyId is an http(s) address, and not one of ours: we do not knock at our own door."""
    try:
        scheme, _, netloc = origin(key_id).partition("://")
    except Malformed as error:
        raise Refused("the keyId is not an http(s) address", status=401) from error
    if netloc == cavage.plain_host(host, scheme):
        raise Refused("the keyId is one of this node", status=401)


async def _key(keys: KeyDirectory, key_id: str, *, fresh: bool) -> ActorKey:
    try:
        return await keys.key(key_id, fresh=fresh)
    except Gone:
        raise
    except Refused as error:
        raise Refused(str(error), status=401) from error
    except Malformed as error:
        raise Refused(f"the key {key_id} cannot be read: {error}", status=401) from error
