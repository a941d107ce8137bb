"""What others quote, of ours and of anybody's, and whether that is allowed (FEP-044f): table and queries.

A quotation is shown as one only where the author of what is quoted has allowed it: the same author, a stamp that we
have given, or a stamp of hers that her own server shows us. One in an older form, that knows no consent, is a link.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Index, Row, Select, Table, Text, bindparam, delete, func, select, update

from federation.origin import origin, same_origin
from node import objects
from node.context import Transaction
from node.database import Moment, insert, metadata
from node.jobs import Priority, Promise, promise
from node.prepared import Prepared
from node.window import Window, within
from schemas.statement import Statement

quotes = Table(
    "quotes",
    metadata,
    Column("quoting", Text, primary_key=True),
    Column("quoted", Text, nullable=False),
    Column("quoter", Text, nullable=False),
    Column("author", Text),
    Column("stamp", Text),
    Column("state", Text, nullable=False),
    Column("since", Moment, nullable=False),
    Index("quotes_by_quoted", "quoted", "state"),
    Index("quotes_by_stamp", "stamp"),
)


class Consent(StrEnum):
    """Whether the author of what is quoted allows it, as far as is known here."""

    CLAIMED = "claimed"  # nothing proves it, or not yet
    ALLOWED = "allowed"
    REFUSED = "refused"
    REVOKED = "revoked"
    UNASKED = "unasked"  # an older form, which asks nobody


_FORGET = Prepared(delete(quotes).where(quotes.c.quoting == bindparam("by"), quotes.c.state != Consent.REVOKED.value))


def find(tx: Transaction, quoting: str) -> Row[Any] | None:
    """What is known of one quotation."""
    return tx.execute(select(quotes).where(quotes.c.quoting == quoting)).one_or_none()


def stamped(tx: Transaction, stamp: str) -> Row[Any] | None:
    """The quotation that a stamp allows."""
    allowed = (quotes.c.stamp == stamp) & (quotes.c.state == Consent.ALLOWED.value)
    return tx.execute(select(quotes).where(allowed)).first()


def put(
    tx: Transaction, quoting: str, *, quoted: str, quoter: str, author: str | None, stamp: str | None, consent: Consent
) -> None:
    """Write what is known of one quotation, in place of what was."""
    values = {
        "quoted": quoted,
        "quoter": quoter,
        "author": author,
        "stamp": stamp,
        "state": consent.value,
        "since": tx.now,
    }
    statement = insert(tx, quotes).values(quoting=quoting, **values)
    tx.execute(statement.on_conflict_do_update(index_elements=["quoting"], set_=values))


def of(tx: Transaction, quoted: str, *, limit: int = 100) -> list[Row[Any]]:
    """The objects held here that may quote `quoted` and do, the oldest first."""
    return list(tx.execute(_of(quoted).order_by(objects.objects.c.sort_id).limit(limit)))


def page_of(tx: Transaction, quoted: str, window: Window) -> list[Row[Any]]:
    """The same, the newest first, as far as they are in a window."""
    return within(tx, _of(quoted), objects.objects.c.sort_id, window)


def _of(quoted: str) -> Select[Any]:
    table = objects.objects
    return (
        select(table)
        .join(quotes, quotes.c.quoting == table.c.iri)
        .where(
            quotes.c.quoted == quoted,
            quotes.c.state == Consent.ALLOWED.value,
            table.c.public.is_(True),
            table.c.deleted.is_(None),
        )
    )


def of_author(tx: Transaction, author: str, *, limit: int = 1000) -> list[Row[Any]]:
    """The quotations that a group of ours has allowed with a stamp, the newest first."""
    query = select(quotes).where(
        quotes.c.author == author, quotes.c.stamp.is_not(None), quotes.c.state == Consent.ALLOWED.value
    )
    return list(tx.execute(query.order_by(quotes.c.since.desc(), quotes.c.quoting).limit(limit)))


def drop(tx: Transaction, iris: Sequence[str]) -> None:
    """Forget what objects that are let go of quote."""
    tx.execute(delete(quotes).where(quotes.c.quoting.in_(iris)))


def count_by(tx: Transaction, *, quoted: str, quoter: str) -> int:
    """How often one actor quotes one object."""
    query = select(func.count()).where(quotes.c.quoted == quoted, quotes.c.quoter == quoter)
    return int(tx.execute(query).scalar_one())


def revoke(tx: Transaction, stamp: str, *, author: str) -> None:
    """The author has deleted a stamp."""
    hers = (quotes.c.stamp == stamp) & (quotes.c.author == author)
    tx.execute(update(quotes).where(hers).values(state=Consent.REVOKED.value, since=tx.now))


def forget(tx: Transaction, quoting: str) -> None:
    """What quoted is gone, or quotes no longer. That we took a stamp back is remembered: it is not given again."""
    tx.execute(_FORGET, {"by": quoting})


def forget_all_of(tx: Transaction, actor: str) -> None:
    """An actor has left: what it quoted is gone, and what it allowed is allowed no more."""
    tx.execute(delete(quotes).where(quotes.c.quoter == actor))
    tx.execute(update(quotes).where(quotes.c.author == actor).values(state=Consent.REVOKED.value))


def enter(tx: Transaction, statement: Statement, document: Mapping[str, Any], *, listed: bool) -> None:
    """Note what a statement of another quotes.

    What has to be asked of other servers is promised for what is `listed` here; for what strangers say nobody is asked.
    """
    if statement.quoted is None:
        forget(tx, statement.id)
        return
    known = find(tx, statement.id)
    if known is not None and known.quoted != statement.quoted and _we_took_leave_back(tx, known):
        return  # who quotes something else for a while and then ours again is not asked anew
    claimed = statement.quote_authorization
    row = objects.find(tx, statement.quoted)
    if known is not None and known.quoted == statement.quoted:
        settled = known.state not in (Consent.UNASKED.value, Consent.CLAIMED.value)
        if settled and (claimed in (None, known.stamp) or (row is not None and row.local)):
            return  # of what is ours we alone decide; of what is another's only a new stamp is looked at
    author = row.author if row is not None and row.deleted is None else None
    consent = _consent(statement, author=author, asks="quote" in document)
    put(
        tx,
        statement.id,
        quoted=statement.quoted,
        quoter=statement.attributed_to,
        author=author,
        stamp=claimed,
        consent=consent,
    )
    if consent is Consent.CLAIMED and listed and (row is None or not row.local) and _can_be_shown(statement):
        lane = f"fetch {origin(claimed or statement.quoted)}"
        promise(
            tx,
            Promise("check_quote", {"quoting": statement.id}, lane=lane, key=f"check_quote {statement.id}"),
            priority=Priority.BULK,
        )


def _we_took_leave_back(tx: Transaction, known: Row[Any]) -> bool:
    quoted = objects.find(tx, known.quoted) if known.state == Consent.REVOKED.value else None
    return quoted is not None and bool(quoted.local)


def _consent(statement: Statement, *, author: str | None, asks: bool) -> Consent:
    if author == statement.attributed_to:
        return Consent.ALLOWED
    return Consent.CLAIMED if asks or statement.quote_authorization else Consent.UNASKED


def _can_be_shown(statement: Statement) -> bool:
    """Whether asking can be of use: there is a stamp to see, or the quoted text may be the author's own."""
    return statement.quote_authorization is not None or same_origin(statement.quoted or "", statement.id)
