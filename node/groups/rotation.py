"""New keys for a group, or for the instance actor: proposed by a steward, told to all who know it, the old destroyed.

A rotation is an act of the group, decided like every other, because whoever holds the keys is the group to everybody
else. The new keys have new ids. Most servers ask again when a signature does not fit (Mastodon, Misskey, we); one that
keeps a key by its id for ever, as GoToSocial does, has never seen these ids and asks too. So the Update of the
actor can be signed with the new key, and the old one is used no more from that moment on.

The old proof key stays in the actor document, without its private half, so that what was said before can still be
verified by who finds it years later. If it may be in the wrong hands (`compromised`) it is listed no more, like all
before it, and everything the group has published is proved anew, some hundred documents at a time.
"""

from __future__ import annotations

import json
from typing import Any

from federation import keys
from federation.signatures import proofs
from node import activities, actors, decisions, objects, signing
from node.context import Effect, Node, Transaction
from node.decisions import Act, Described, State
from node.errors import Conflict
from node.groups import actions, store
from node.jobs import Job, Priority, Promise, promise
from node.members.store import Member
from node.translating import N_

TOGETHER = 100


def next_name(tx: Transaction, iri: str) -> str:
    """The name under which the keyring has to hold the next keys of a group before `rotate` is called.

    Raises Conflict while the group decides on the keys that stand there.
    """
    row = actors.local(tx, iri)
    waiting = next((one for one in decisions.of_kind(tx, "rotate_keys") if _is_about(one.subject, iri)), None)
    if waiting is not None:
        raise Conflict("the group is deciding on new keys already: decision {number}", number=waiting.id)
    return actors.key_name(row.kind, row.handle, row.key_number + 1)


def _is_about(subject: str, iri: str) -> bool:
    return bool(json.loads(subject)["actor"] == iri)


def rotate(
    tx: Transaction,
    *,
    actor: str,
    compromised: bool,
    member: Member,
    group: str | None = None,
    urgent: bool = False,
) -> State:
    """Propose that `actor` use the keys that were made for it. Raises Forbidden, and Unfit if there are none.

    The keys of the instance actor are a matter for `group`, the main one.
    """
    row = actors.local(tx, actor)
    name = next_name(tx, actor)
    subject = {
        "actor": actor,
        "number": row.key_number + 1,
        "compromised": compromised,
        "rsa_public": keys.public_pem(tx.node.keyring.rsa(name).public_key()),
        "ed25519_public": keys.to_multibase(tx.node.keyring.ed25519(name).public_key()),
    }
    return decisions.propose(tx, "rotate_keys", json.dumps(subject), actor=group or actor, member=member, urgent=urgent)


def rotated(tx: Transaction, subject: str) -> None:
    """Effect: use the new keys from now on, and destroy the old ones. Raises Conflict if others are used by now."""
    new = json.loads(subject)
    row = actors.local(tx, new["actor"])
    if row.key_number != new["number"] - 1:
        raise Conflict("the keys of {iri} were changed meanwhile; make new ones", iri=row.iri)
    if new["compromised"]:
        store.disown_keys(tx, row.iri)
    else:
        former = actors.ed25519_key_id(row.iri, row.key_number)
        store.retire_key(tx, former, actor=row.iri, public=row.ed25519_public)
    public = {name: new[name] for name in ("rsa_public", "ed25519_public")}
    store.change(tx, row.iri, key_number=new["number"], **public)
    old = actors.key_name(row.kind, row.handle, row.key_number)
    tx.after_commit(lambda: tx.node.keyring.destroy(old))
    if row.kind == actors.INSTANCE:
        return  # it has no followers and says nothing; whoever it asks has a look at its new key
    actions.tell(tx, row.iri)
    if new["compromised"]:
        _promise_proving(tx, row.iri, what="objects", after=0)


def refused(tx: Transaction, subject: str) -> None:
    """Refusal: nobody will ever be told of these keys; destroy them."""
    new = json.loads(subject)
    row = actors.local(tx, new["actor"])
    name = actors.key_name(row.kind, row.handle, new["number"])
    if row.key_number < new["number"]:
        tx.after_commit(lambda: tx.node.keyring.destroy(name))


def _promise_proving(tx: Transaction, actor: str, *, what: str, after: int) -> None:
    payload = {"actor": actor, "what": what, "after": after}
    promise(tx, Promise("prove_anew", payload, key=f"prove_anew {payload}"), priority=Priority.BULK)


async def prove_anew(node: Node, payload: dict[str, Any]) -> None:
    """Job: sign the next documents of a group with its present key, and promise those after them."""
    prove = {"objects": _prove_objects, "activities": _prove_activities}[payload["what"]]
    await node.database.write(prove, payload["actor"], payload["after"])


def _prove_objects(tx: Transaction, actor: str, after: int) -> None:
    rows = objects.said_by(tx, actor, after=after, limit=TOGETHER)
    group = actors.local(tx, actor)
    for row in rows:
        document = json.loads(row.document)
        if _is_by_another_key(document, group):
            objects.rewrite(tx, row.iri, objects.encode(signing.prove(tx, document, group)))
    if rows:
        _promise_proving(tx, actor, what="objects", after=rows[-1].sort_id)
    else:
        _promise_proving(tx, actor, what="activities", after=0)


def _prove_activities(tx: Transaction, actor: str, after: int) -> None:
    rows = activities.sent_by(tx, actor, after=after, limit=TOGETHER)
    group = actors.local(tx, actor)
    for row in rows:
        document = json.loads(row.document)
        if _is_by_another_key(document, group):
            embedded = document["object"]
            if isinstance(embedded, dict) and _is_by_another_key(embedded, group):
                embedded = signing.prove(tx, embedded, group)
            activities.renew(tx, row, embedded)
    if rows:
        _promise_proving(tx, actor, what="activities", after=rows[-1].id)


def _is_by_another_key(document: dict[str, Any], group: Any) -> bool:
    method = proofs.verification_method(document)
    return method is not None and method != actors.ed25519_key_id(group.iri, group.key_number)


def _describe(tx: Transaction, subject: str) -> Described:
    new = json.loads(subject)
    return Described(f"{new['actor']}, {new['number']}", address=new["actor"])


ACTS: dict[str, Act] = {"rotate_keys": Act("steward", "edit_profile", N_("use new keys"), _describe)}
REFUSALS: dict[str, Effect] = {"rotate_keys": refused}
EFFECTS: dict[str, Effect] = {"rotate_keys": rotated}
JOBS: dict[str, Job] = {"prove_anew": prove_anew}
