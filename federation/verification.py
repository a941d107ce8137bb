"""The checks on an incoming request, in order, from the cheapest to the dearest.

Header, host, date, coverage and digest first: they cost nothing and rubbish ends there. Then the key,
which may cost a request to a stranger's server. Then the signature; and if it is wrong, once more with
a fresh key, because peers rotate theirs.

A request with Signature-Input is judged by RFC 9421, any other by draft-cavage. Who signs in both ways at once needs
one signature that holds, and both have to name keys of the same owner, so that nobody else can read another sender from
the same request.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from federation.errors import Gone, Malformed, Refused
from federation.keys import PublicKey
from federation.origin import origin
from federation.signatures import Request, cavage, rfc9421


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


class Unheard(Refused):
    """Who may have signed is somebody whom we do not hear (403): her server is not even asked for the key."""


class KeyDirectory(Protocol):
    async def key(self, key_id: str, *, fresh: bool = False) -> ActorKey:
        """The key with this id, from memory or from its server; `fresh` asks for what its server says now.

        Whoever implements this decides how often strangers may cause a request, and may answer `fresh` with what it
        knows. Raises Refused if nobody (credibly) has that key, Gone if its server says that
        it is no more, Unreachable if its server does not answer, Unheard if it shall not be asked.
        """


@dataclass(frozen=True, slots=True)
class _Signature:
    """One signature of a request: whose key it names, and the two halves of its judgement, which raise Refused."""

    key_id: str
    check_claims: Callable[[], None]
    check_with: Callable[[PublicKey], None]


async def verify(
    request: Request, *, own_origin: str, keys: KeyDirectory, now: datetime, window: timedelta = cavage.WINDOW
) -> Verified:
    """Prove who sent `request`, to us (`own_origin`: the configured one, whatever the request says) and just now.

    Raises Refused, always with status 401, if it is unsigned or does not verify; Malformed if a header of the signature
    cannot be read; Gone if the key's server says that the actor is no more (the Delete of an account arrives so);
    Unreachable if the key could not be had just now; Unheard if it is not to be asked for.
    """
    here = origin(own_origin)
    signatures = _signatures(request, here, now, window)
    sound = _sound(signatures)
    _check_key_ids(signatures, here)
    ids = dict.fromkeys(one.key_id for one in signatures)
    known = {key_id: await _key(keys, key_id, fresh=False) for key_id in ids}
    _check_one_owner(known.values())
    key = await _signing_key(sound, known, keys)
    if len(signatures) > 1:
        _check_one_owner([*known.values(), key])
    return Verified(actor=key.owner, key_id=key.key_id)


def _signatures(request: Request, here: str, now: datetime, window: timedelta) -> list[_Signature]:
    signature = request.headers.get("signature")
    if not signature:
        raise Refused("the request is not signed", status=401)
    signature_input = request.headers.get("signature-input")
    if signature_input is None:
        return [_by_cavage(request, signature, here, now, window)]
    standard, older = rfc9421.apart(signature)
    found = [_by_rfc9421(request, signature_input, standard, here, now, window)]
    return [*found, _by_cavage(request, older, here, now, window)] if older else found


def _by_rfc9421(
    request: Request, signature_input: str, signature: str, here: str, now: datetime, window: timedelta
) -> _Signature:
    parsed = rfc9421.parse(signature_input, signature)
    return _Signature(
        parsed.key_id,
        partial(rfc9421.check_claims, request, parsed, own_origin=here, now=now, window=window),
        partial(rfc9421.check_signature, request, parsed, own_origin=here),
    )


def _by_cavage(request: Request, signature: str, here: str, now: datetime, window: timedelta) -> _Signature:
    header, host = cavage.parse(signature), _host(here)
    return _Signature(
        header.key_id,
        partial(cavage.check_claims, request, header, host=host, now=now, window=window),
        partial(cavage.check_signature, request, header),
    )


def _sound(signatures: list[_Signature]) -> list[_Signature]:
    """Those that may hold, as far as can be said without a key. Raises Refused if there are none."""
    sound, refusal = [], Refused("the request is not signed", status=401)
    for signature in signatures:
        try:
            signature.check_claims()
        except Refused as error:
            refusal = error
        else:
            sound.append(signature)
    if not sound:
        raise refusal
    return sound


def _check_key_ids(signatures: list[_Signature], here: str) -> None:
    """A keyId is an http(s) address, and not one of ours: we do not knock at our own door. Two lie at one origin."""
    try:
        places = {origin(signature.key_id) for signature in signatures}
    except Malformed as error:
        raise Refused("the keyId is not an http(s) address", status=401) from error
    if len(places) > 1:
        raise Refused("the request is signed by two", status=401)
    if _host(here) in map(_host, places):
        raise Refused("the keyId is one of this node", status=401)


def _host(place: str) -> str:
    return place.partition("://")[2]


def _check_one_owner(keys: Iterable[ActorKey]) -> None:
    if len({key.owner for key in keys}) > 1:
        raise Refused("the request is signed by two", status=401)


async def _signing_key(sound: list[_Signature], known: Mapping[str, ActorKey], keys: KeyDirectory) -> ActorKey:
    """The key by which one of these signatures holds; Refused if none does."""
    *others, last = sound
    for signature in others:
        with contextlib.suppress(Refused):
            return await _verifying_key(signature, known[signature.key_id], keys)
    return await _verifying_key(last, known[last.key_id], keys)


async def _verifying_key(signature: _Signature, known: ActorKey, keys: KeyDirectory) -> ActorKey:
    try:
        signature.check_with(known.public_key)
    except Refused:
        current = await _key(keys, signature.key_id, fresh=True)
        if current == known:
            raise
        signature.check_with(current.public_key)
        return current
    return known


async def _key(keys: KeyDirectory, key_id: str, *, fresh: bool) -> ActorKey:
    try:
        return await keys.key(key_id, fresh=fresh)
    except (Gone, Unheard):
        raise
    except Refused as error:
        raise Refused(str(error), status=401) from error
    except Malformed as error:
        raise Refused(f"the key {key_id} cannot be read: {error}", status=401) from error
