"""Complaints of ours about what others say: from members' and readers' apps, and out to other servers.

What comes from an app is read by our own delegates first, whoever it is about; not who has sent it. To send one on is
an act of the group, under its rule for limiting peers: a `Flag` of this node's own actor, which names no member (as
Mastodon's instance actor does it for everybody there), to the server whose account it is about.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row

from node import activities, actors, decisions, objects
from node.complaints import rules, store
from node.complaints.rules import Category, Source
from node.context import Transaction
from node.decisions import Described, State
from node.errors import Busy, Conflict, Invalid, Missing
from node.jobs import Priority
from node.members.store import Member
from node.peering import admission, log
from node.peering.log import Deed
from node.statements import markup


def from_app(
    tx: Transaction,
    account: str,
    texts: Sequence[str],
    *,
    group: str,
    words: str,
    category: Category,
    forward: bool = False,
) -> int:
    """Keep a complaint of a member or a reader about an account and some of its texts; its number.

    About a group of ours its own delegates read it, about others those of `group`. Raises Invalid, Missing, Busy.
    """
    said = rules.check_words(words, needed=False)
    held = objects.find_all(tx, list(texts))
    if any(iri not in held or held[iri].author != account for iri in texts):
        raise Missing("there is no such text of this account here")
    row = actors.find(tx, account)
    if row is None:
        raise Missing("{target} is not known", target=account)
    if store.count_open(tx) >= rules.OPEN_AT_MOST:
        raise Busy("so many complaints are open that no more is taken; try again later")
    by, about = str(actors.instance(tx).iri), [account, *texts]
    told: dict[str, Any] = {"actor": by, "about": about, "words": said}
    if (known := store.same(tx, **told)) is not None:
        store.count_once_more(tx, **told)
        return int(known.id)
    more: dict[str, Any] = {"source": Source.APP, "category": category.value, "forward": forward and not row.local}
    return store.add(tx, group=account if row.local else group, **told, **more)


def send(tx: Transaction, number: int, words: str = "", *, member: Member, urgent: bool = False) -> State:
    """Propose to send a complaint on to the server of the account that it is about; `words` in the place of its own.

    Raises Missing, Invalid, Conflict, Forbidden.
    """
    row = store.find(tx, number)
    if row is None:
        raise Missing("there is no complaint {number}", number=number)
    if row.sent is not None:
        raise Conflict("complaint {number} was sent on already", number=number)
    _addressee(tx, row)
    said = rules.check_words(words, needed=False) or row.words
    subject = json.dumps([number, said])
    return decisions.propose(tx, "send_complaint", subject, actor=row.group, member=member, urgent=urgent)


def _addressee(tx: Transaction, row: Row[Any]) -> Row[Any]:
    """The account of another server that a complaint is about. Raises Conflict where there is none."""
    held = objects.find_all(tx, row.about)
    for iri in row.about:
        found = actors.find(tx, held[iri].author if iri in held else iri)
        if found is not None and not found.local and found.inbox is not None:
            return found
    raise Conflict("complaint {number} is about nobody on another server", number=row.id)


def is_about_others(tx: Transaction, row: Row[Any]) -> bool:
    """Whether a complaint can be sent on, and was not yet."""
    try:
        return row.sent is None and _addressee(tx, row) is not None
    except Conflict:
        return False


def sent(tx: Transaction, subject: str) -> None:
    """Effect: the Flag leaves."""
    number, words = json.loads(subject)
    row = store.find(tx, number)
    if row is None or row.sent is not None:
        return
    target = _addressee(tx, row)
    about = [target.iri, *(iri for iri in row.about if iri != target.iri)]
    by = str(actors.instance(tx).iri)
    flag = activities.make(tx, "Flag", actor=by, object=target.iri, to=[target.iri], content=words) | {"object": about}
    activities.send(tx, flag, admission.inboxes(tx, target.iri), priority=Priority.ANSWER)
    store.note_sent(tx, number)
    log.note(tx, Deed.COMPLAINED, target.iri, group=row.group, category=row.category, reason="")


def describe(tx: Transaction, subject: str) -> Described:
    """What is sent, for those who decide."""
    number, words = json.loads(subject)
    row = store.find(tx, number)
    about = row.about[0] if row is not None else None
    return Described(f"{number}: {markup.shorten(words, 200)}", address=about)


def read_category(text: str) -> Category:
    """What apps call `violation` and `legal`. Raises Invalid."""
    known = {"spam": Category.SPAM, "legal": Category.ILLEGAL, "violation": Category.RULES, "other": Category.OTHER}
    if text not in known:
        raise Invalid("{given!r} is none of {known}", field="category", given=text[:40], known=", ".join(known))
    return known[text]


def named(category: str | None) -> str:
    """The same the other way round."""
    names = {Category.SPAM.value: "spam", Category.ILLEGAL.value: "legal", Category.RULES.value: "violation"}
    return names.get(category or "", "other")
