"""What a member can choose about how she is told, and the telling."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Any

from node import decisions, localised, mail, translating
from node.context import Node, Transaction
from node.decisions import Shown, State
from node.errors import Busy, Conflict, Invalid, Missing
from node.jobs import Job, Promise, promise
from node.members.store import Member
from node.notices import rules, store
from node.notices.rules import Deadline
from node.translating import ENGLISH, LANGUAGES, N_, counted, speaking, spoken, translated

EVERY_SECONDS = 300
SECRET_CHARACTERS = 43


# ---- language


def language(tx: Transaction, member: int) -> str | None:
    """The language a member has chosen; None if her browser is to say."""
    row = store.of(tx, member)
    return row.language if row is not None and row.language in LANGUAGES else None


def choose_language(tx: Transaction, chosen: str | None, *, member: Member) -> None:
    """Choose one of LANGUAGES for the desk and all that is sent to her; None: as her browser asks. Raises Invalid."""
    if chosen is not None and chosen not in LANGUAGES:
        raise Invalid(
            "“{given}” is none of the languages of this node: {known}",
            field="language",
            given=chosen[:40],
            known=", ".join(LANGUAGES),
        )
    store.change(tx, member.id, language=chosen)


# ---- the feed of deadlines


def make_feed(tx: Transaction, *, member: Member) -> str:
    """A new secret for her feed of deadlines; an older one is no longer answered."""
    secret = secrets.token_urlsafe(32)
    store.change(tx, member.id, feed=_digest(secret))
    return secret


def end_feed(tx: Transaction, *, member: Member) -> None:
    """Let her feed be answered no more."""
    store.change(tx, member.id, feed=None)


def of_feed(tx: Transaction, secret: str) -> tuple[str, list[Shown]]:
    """What waits for the member whose feed has this secret, and in which language she is told. Raises Missing."""
    row = store.by_feed(tx, _digest(secret)) if len(secret) == SECRET_CHARACTERS else None
    if row is None:
        raise Missing("there is no such feed; its owner may have renewed its address")
    return row.language or ENGLISH, decisions.waiting(tx, Member(row.member, row.name))


def said(one: Shown) -> str:
    """What waits, in the language that is spoken; not what it is about, which stands at the desk alone."""
    counting = one.state is State.COUNTING
    sentence = N_("Count the ballots of decision {number}") if counting else N_("Vote on decision {number}")
    return translated(sentence).format(number=one.number)


# ---- e-mail


def ask_for_address(tx: Transaction, address: str, *, member: Member) -> None:
    """Send a code to `address`, so that she can show it to be hers. Raises Invalid, Conflict where the node sends no
    e-mail, and Busy after too many in a day."""
    if not tx.node.config.mail_host:
        raise Conflict("this node sends no e-mail")
    asked = rules.check_address(address)
    row = store.of(tx, member.id)
    recent = row is not None and row.code_sent is not None and tx.now - row.code_sent < rules.CODE_LASTS
    tries = row.tries if recent and row is not None else 0
    if tries >= rules.TRIES:
        raise Busy("too many codes were asked for or tried; wait for a day")
    tries += rules.TRIES // rules.CODES_IN_A_DAY
    store.change(tx, member.id, asked=asked, code=None, code_sent=tx.now, tries=tries)
    promise(tx, Promise("send_code", {"member": member.id}, key=f"send_code {member.id} {tx.new_id()}"))


def confirm_address(tx: Transaction, code: str, *, member: Member) -> bool:
    """Whether `code` is the one that was sent; then she is told at that address from now on. A wrong one is counted.

    Raises Conflict when there is nothing to confirm, and Busy after too many wrong ones.
    """
    row = store.of(tx, member.id)
    if row is None or row.code is None or tx.now - row.code_sent >= rules.CODE_LASTS:
        raise Conflict("there is no code to confirm, or it has expired; have another one sent")
    if row.tries >= rules.TRIES:
        raise Busy("too many codes were asked for or tried; wait for a day")
    if not hmac.compare_digest(row.code, _digest(code.strip())):
        store.change(tx, member.id, tries=row.tries + 1)
        return False
    store.change(tx, member.id, email=row.asked, asked=None, code=None, code_sent=None, tries=0, told=tx.now)
    return True


def forget_address(tx: Transaction, *, member: Member) -> None:
    """Forget her address, and one that she has not confirmed."""
    store.change(tx, member.id, email=None, asked=None, code=None, told=None)


async def send_code(node: Node, payload: dict[str, Any]) -> None:
    """Job: make a code and send it. Doing it again sends another one, and the first is worth nothing."""
    code = f"{secrets.randbelow(10**8):08}"

    def keep(tx: Transaction) -> tuple[str, str] | None:
        row = store.of(tx, payload["member"])
        if row is None or row.asked is None:
            return None
        store.change(tx, row.member, code=_digest(code))
        return row.asked, row.language or ENGLISH

    found = await node.database.write(keep)
    if found is None:
        return
    address, speaks = found
    await translating.load(speaks)
    with speaking(speaks):
        subject = translated("A code from {host}").format(host=node.config.host)
        text = translated(
            "Somebody at {host} has given this address to be told when something waits for her. If that was you, enter"
            " this code at {desk}:\n\n{code}\n\nIf it was not you, do nothing: the address is forgotten."
        ).format(host=node.config.host, desk=node.address("/desk/notices"), code=code)
    await mail.send(node.config, to=address, subject=subject, text=text, now=node.clock())


async def run(node: Node) -> None:
    """The loop that tells members by e-mail, where the node sends any; ends by cancellation."""
    while True:
        if node.config.mail_host:
            await node.database.write(look)
        await asyncio.sleep(EVERY_SECONDS)


def look(tx: Transaction) -> None:
    """Promise an e-mail to everybody for whom it is time."""
    for row in store.with_email(tx):
        found = [_deadline(one) for one in decisions.waiting(tx, Member(row.member, row.name))]
        if rules.is_due(found, told=row.told, now=tx.now):
            store.told(tx, row.member)
            promise(tx, Promise("tell_by_mail", {"member": row.member}, key=f"tell_by_mail {row.member} {tx.new_id()}"))


async def tell_by_mail(node: Node, payload: dict[str, Any]) -> None:
    """Job: say what waits for her at the moment of sending. Doing it again sends it again."""

    def find(tx: Transaction) -> tuple[str, str, list[Shown]] | None:
        rows = [row for row in store.with_email(tx) if row.member == payload["member"]]
        if not rows:
            return None
        (row,) = rows
        return row.email, row.language or ENGLISH, decisions.waiting(tx, Member(row.member, row.name))

    found = await node.database.read(find)
    if found is None or not found[2]:
        return
    address, speaks, waiting = found
    await translating.load(speaks)
    with speaking(speaks):
        subject, text = _notice(node, waiting)
    await mail.send(node.config, to=address, subject=subject, text=text, now=node.clock())


def _notice(node: Node, waiting: list[Shown]) -> tuple[str, str]:
    host = node.config.host
    subject = counted("{count} thing waits for you at {host}", "{count} things wait for you at {host}", len(waiting))
    lines = [f"* {said(one)}{_until(one.until)}" for one in waiting]
    closing = translated(
        "What it is about stands at the desk, because an e-mail can be read on its way: {desk}\n\nYou are told because"
        " you have given this address. You can take it away at {notices}"
    ).format(desk=node.address("/desk"), notices=node.address("/desk/notices"))
    count = localised.number(len(waiting), spoken())
    return subject.format(count=count, host=host), "\n".join([*lines, "", closing, ""])


def _until(moment: datetime | None) -> str:
    if moment is None:
        return ""
    return " " + translated("(until {moment})").format(moment=localised.moment(moment, spoken()))


def _deadline(one: Shown) -> Deadline:
    # What is to be counted has waited since it closed, which is not written down: it is as old as its vote.
    return Deadline(one.number, one.opened, one.until)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


JOBS: dict[str, Job] = {"send_code": send_code, "tell_by_mail": tell_by_mail}
