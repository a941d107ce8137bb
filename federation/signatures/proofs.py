"""Proofs inside documents: FEP-8b32 with the cryptosuite eddsa-jcs-2022 (W3C Data Integrity EdDSA §3.3).

What is signed is SHA-256 of the proof's options followed by SHA-256 of the document, both in the canonical
form of RFC 8785, the document without its `proof` and without its linked-data `signature`.

A proof says that the holder of a key wrote exactly this document. Whether that key may speak for the
document's author is decided by `federation.origin.check_proof`, and which key it is by federation.actor_keys.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from federation.errors import Malformed, Refused
from federation.keys import base58_encode, read_base58_multibase
from federation.signatures.canonical import canonical
from schemas import reading

CRYPTOSUITE = "eddsa-jcs-2022"
_PROOFS = 16  # more than one is already unusual


def prove(
    document: dict[str, Any], *, verification_method: str, key: Ed25519PrivateKey, created: datetime
) -> dict[str, Any]:
    """A copy of `document` with a proof by `key`; an earlier `proof` or `signature` is dropped.

    `verification_method` is the IRI of the Multikey in the actor's assertionMethod. Raises Malformed for what
    has no canonical form: integers beyond 2^53, NaN, lone surrogates, extreme nesting.
    """
    bare = _bare(document)
    options: dict[str, Any] = {
        "type": "DataIntegrityProof",
        "cryptosuite": CRYPTOSUITE,
        "verificationMethod": verification_method,
        "proofPurpose": "assertionMethod",
        "created": created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if "@context" in bare:
        # Fedify hashes the options with the document's @context and refuses a proof that does not carry it.
        options["@context"] = bare["@context"]
    signature = key.sign(_hash(options, bare))
    return {**bare, "proof": {**options, "proofValue": "z" + base58_encode(signature)}}


def verification_method(document: dict[str, Any]) -> str | None:
    """The key that the document's eddsa-jcs-2022 proof names; None if there is no such proof to be judged.

    FEP-8b32 "Proof verification": a proof of another suite is ignored, not an error.
    """
    proof = _proof(document)
    method = proof.get("verificationMethod") if proof else None
    return method if isinstance(method, str) else None


def check(document: dict[str, Any], public_key: Ed25519PublicKey, *, now: datetime | None = None) -> None:
    """Prove that `document` was signed by `public_key` for the purpose assertionMethod.

    Raises Refused (403) if there is no eddsa-jcs-2022 proof, it is not over exactly this document, has another purpose
    or @context, or has an `expires` that has passed (any `expires` if `now` is not given); Malformed if the
    document has no canonical form. W3C Data Integrity EdDSA §3.3.2; FEP-8b32.
    """
    proof = _proof(document)
    if proof is None:
        raise Refused(f"there is no {CRYPTOSUITE} proof")
    if proof.get("proofPurpose") != "assertionMethod":
        raise Refused("the purpose of the proof is not assertionMethod")
    _check_moments(proof, now)
    bare = _bare(document)
    signature = _signature(proof)
    for options in _options(proof, bare):
        try:
            public_key.verify(signature, _hash(options, bare))
        except InvalidSignature:
            continue
        return
    raise Refused("the proof is not over this document")


def _bare(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in ("proof", "signature")}


def _proof(document: dict[str, Any]) -> dict[str, Any] | None:
    proofs = document.get("proof")
    for proof in proofs[:_PROOFS] if isinstance(proofs, list) else [proofs]:
        if (
            isinstance(proof, dict)
            and proof.get("type") == "DataIntegrityProof"
            and proof.get("cryptosuite") == CRYPTOSUITE
        ):
            return proof
    return None


def _check_moments(proof: dict[str, Any], now: datetime | None) -> None:
    if "created" in proof:
        _moment(proof["created"])
    if "expires" in proof and (now is None or _moment(proof["expires"]) <= now):
        raise Refused("the proof has expired")


def _moment(text: Any) -> datetime:
    try:
        return reading.moment(text)
    except Malformed as error:
        raise Refused("the proof has an unreadable date") from error


def _signature(proof: dict[str, Any]) -> bytes:
    value = proof.get("proofValue")
    try:
        return read_base58_multibase(value if isinstance(value, str) else "", "proofValue")
    except Malformed as error:
        raise Refused(str(error)) from error


def _options(proof: dict[str, Any], bare: dict[str, Any]) -> list[dict[str, Any]]:
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    if "@context" in options:
        # The suite would let a document *begin* with the proof's contexts. Ours have to be equal: what
        # was appended is unsigned, and could give the signed names another meaning for whoever reads by context.
        if options["@context"] != bare.get("@context"):
            raise Refused("the proof is for another @context")
        return [options]
    # Fedify, and drafts before 2024, hash the document's @context with the options and do not write it there.
    return [{**options, "@context": bare["@context"]}, options] if "@context" in bare else [options]


def _hash(options: dict[str, Any], bare: dict[str, Any]) -> bytes:
    return hashlib.sha256(canonical(options)).digest() + hashlib.sha256(canonical(bare)).digest()
