"""Muting and blocking accounts: acts of the group, towards one account of another server.

Of somebody who is **muted** nothing is kept that concerns the group, and nobody is told. Whoever is **blocked** is not
heard either, the follows between the two end, nothing is sent to her any more, and she cannot follow: that takes her
server's help, so it is told (a `Block`, or its `Undo`), as Mastodon does it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from node import actors
from node.context import Effect, Transaction
from node.decisions import Act, Described
from node.errors import Conflict, Invalid, Missing
from node.moderation import rules, store
from node.moderation.rules import Silence
from node.peering import blocking, log
from node.peering import store as follows
from node.peering.log import Deed
from node.peering.rules import LIVE, Category
from node.translating import N_


def _muted(tx: Transaction, given: Mapping[str, Any], actor: str) -> str:
    return _new(tx, given, actor, Silence.MUTE)


def _blocked(tx: Transaction, given: Mapping[str, Any], actor: str) -> str:
    return _new(tx, given, actor, Silence.BLOCK)


def _new(tx: Transaction, given: Mapping[str, Any], actor: str, what: Silence) -> str:
    account = _account(tx, given)
    if what is Silence.MUTE:
        followed = follows.find(tx, follower=actor, followed=account)
        if followed is not None and followed.state in LIVE:
            raise Conflict("the group follows this account; unfollow it first, or block it")
    row = store.silence_of(tx, actor, account)
    if row is not None and row.silence == what.value:
        raise Conflict("the group does not hear this account already ({silence})", silence=row.silence)
    if store.count_silenced(tx, actor) >= rules.SILENCED_AT_MOST:
        raise Conflict("that are as many accounts as a group can leave unheard: limit their servers instead")
    days = rules.read_silence_days(given.get("days")) if what is Silence.MUTE else None
    category = rules.read_category(given.get("category") or Category.OTHER_ABUSE)
    return json.dumps([actor, account, what.value, category.value, days])


def _account(tx: Transaction, given: Mapping[str, Any]) -> str:
    account = str(given.get("account") or "").strip().replace("\x00", "")
    if not account:
        raise Invalid("say which account: its address", field="account")
    row = actors.find(tx, store.named(tx, account))
    if row is None:
        raise Missing("{target} is not known", target=account[:300])
    if row.local:
        raise Conflict("it is a group of this node")
    return str(row.iri)


def _unheard(silence: Silence) -> Any:
    def subject(tx: Transaction, given: Mapping[str, Any], actor: str) -> str:
        account = str(given.get("account") or "").strip()
        row = store.silence_of(tx, actor, store.named(tx, account.replace("\x00", "")))
        if row is None or row.silence != silence.value:
            raise Missing("the group hears this account: {account}", account=account[:300])
        return json.dumps([actor, row.actor])

    return subject


def silenced(tx: Transaction, subject: str) -> None:
    """Effect: the group does not hear an account."""
    group, account, what, category, days = json.loads(subject)
    before = store.silence_of(tx, group, account)
    ends = tx.now + timedelta(days=days) if days else None
    store.silence(tx, group, account, Silence(what), category=category, ends=ends)
    store.forget_waiting(tx, group, account)
    log.note(tx, Deed.BLOCKED if what == Silence.BLOCK.value else Deed.MUTED, account, group=group, category=category)
    if what == Silence.BLOCK.value:
        blocking.block(tx, actor=group, target=account)
    elif before is not None and before.silence == Silence.BLOCK.value:
        blocking.unblock(tx, actor=group, target=account)


def heard_again(tx: Transaction, subject: str) -> None:
    """Effect: the group hears an account again. Follows that ended stay ended."""
    group, account = json.loads(subject)
    row = store.silence_of(tx, group, account)
    store.hear_again(tx, group, account)
    log.note(tx, Deed.HEARD_AGAIN, account, group=group)
    if row is not None and row.silence == Silence.BLOCK.value:
        blocking.unblock(tx, actor=group, target=account)


def _describe(tx: Transaction, subject: str) -> Described:
    account, *more = json.loads(subject)[1:]
    row = actors.find(tx, account)
    named = account if row is None else actors.handle_of(row)
    return Described(f"{named} ({more[1]})" if more else named, address=account)


VERBS = {
    "mute": ("mute_account", _muted),
    "unmute": ("unmute_account", _unheard(Silence.MUTE)),
    "block": ("block_account", _blocked),
    "unblock": ("unblock_account", _unheard(Silence.BLOCK)),
}
ACTS: dict[str, Act] = {
    "mute_account": Act("peer", "limit_peer", N_("mute an account"), _describe),
    "unmute_account": Act("peer", "limit_peer", N_("hear a muted account again"), _describe),
    "block_account": Act("peer", "limit_peer", N_("block an account"), _describe),
    "unblock_account": Act("peer", "limit_peer", N_("block an account no longer"), _describe),
}
EFFECTS: dict[str, Effect] = {
    "mute_account": silenced,
    "unmute_account": heard_again,
    "block_account": silenced,
    "unblock_account": heard_again,
}
