"""This node's own signatures: proofs on what its actors say, and the keys with which they send."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from federation.client import Signer
from federation.errors import Malformed
from federation.signatures import linked_data, proofs
from node import actors
from node.context import Node, Transaction
from schemas.context import PUBLIC

log = logging.getLogger("commonwire.signing")

PASSED_ON = frozenset({"Create", "Update", "Delete", "Announce"})
"""The activities that Mastodon and others pass on to their own followers, if they carry a linked-data signature."""


def prove(
    tx: Transaction, document: dict[str, Any], actor: Row[Any], *, created: datetime | None = None
) -> dict[str, Any]:
    """`document` with the FEP-8b32 proof of the local actor `actor`, made at `created` (this transaction's moment)."""
    return proofs.prove(
        document,
        verification_method=actors.ed25519_key_id(actor.iri, actor.key_number),
        key=tx.node.keyring.ed25519(_name(tx, actor)),
        created=created or tx.now,
    )


def sign_activity(tx: Transaction, activity: dict[str, Any], actor: Row[Any]) -> dict[str, Any]:
    """`activity` as it leaves: with the proof of its actor and, if it is for everybody, an RsaSignature2017 as well.

    That one is two milliseconds of work, so it is done here, once, and all recipients get the same bytes.
    """
    proved = prove(tx, activity, actor)
    if not _is_passed_on(proved):
        return proved
    key_id, key = actors.rsa_key_id(actor.iri, actor.key_number), tx.node.keyring.rsa(_name(tx, actor))
    try:
        return linked_data.sign(proved, key_id=key_id, key=key, created=tx.now)
    except Malformed as error:
        # It is a service to others. What was decided leaves without it.
        log.warning("%s has no linked-data signature: %s", activity["id"], error)
        return proved


def _is_passed_on(activity: dict[str, Any]) -> bool:
    if PUBLIC not in (*activity.get("to", ()), *activity.get("cc", ())):
        return False
    inner = activity["object"]
    if isinstance(inner, dict) and inner.get("id") == activity["actor"]:
        # Nobody passes on how an actor shows itself; and the list of what we implement needs more iterations to be put
        # in its canonical order than Fedify allows.
        return False
    undone = inner if activity["type"] == "Undo" else None
    return activity["type"] in PASSED_ON or (isinstance(undone, dict) and undone.get("type") == "Announce")


def signer(tx: Transaction, actor: Row[Any]) -> Signer:
    """What signs the requests of the local actor `actor`. A key that was made since the start is read from the disk."""
    return Signer(actors.rsa_key_id(actor.iri, actor.key_number), tx.node.keyring.rsa(_name(tx, actor)))


async def instance_signer(node: Node) -> Signer:
    """What signs this node's fetches: the instance actor, which everybody may read without a signature."""
    return await node.database.remembered(_instance_signer)


def _instance_signer(tx: Transaction) -> Signer:
    return signer(tx, actors.instance(tx))


def _name(tx: Transaction, actor: Row[Any]) -> str:
    """What the keyring calls the keys of an actor of ours."""
    name = actors.key_name(actor.kind, actor.handle, actor.key_number)
    if not tx.node.keyring.has_read(name):
        # Another process has made new keys. Before anybody sees a signature by them, our documents must name them.
        tx.node.database.memory.forget_all()
    return name
