"""This node's own signatures: proofs on what its actors say, and the keys with which they send."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Row

from federation.client import Signer
from federation.signatures import proofs
from node import actors
from node.context import Node, Transaction


def prove(
    tx: Transaction, document: dict[str, Any], actor: Row[Any], *, created: datetime | None = None
) -> dict[str, Any]:
    """`document` with the FEP-8b32 proof of the local actor `actor`, made at `created` (this transaction's moment)."""
    return proofs.prove(
        document,
        verification_method=actors.ed25519_key_id(actor.iri),
        key=tx.node.keyring.ed25519(actors.key_name(actor.kind, actor.handle)),
        created=created or tx.now,
    )


def signer(node: Node, actor: Row[Any]) -> Signer:
    """What signs the requests of the local actor `actor`."""
    return Signer(actors.rsa_key_id(actor.iri), node.keyring.rsa(actors.key_name(actor.kind, actor.handle)))


async def instance_signer(node: Node) -> Signer:
    """What signs this node's fetches: the instance actor, which everybody may read without a signature."""
    return signer(node, await node.database.read(actors.instance))
