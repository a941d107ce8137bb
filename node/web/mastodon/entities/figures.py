"""What changes often about texts: how often they were answered, boosted, liked and quoted, and what they answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from node.actors import actors
from node.context import Transaction
from node.objects import objects
from node.statements.quotes import Consent, quotes
from node.statements.store import reactions


@dataclass(slots=True)
class Figures:
    """The counts of one text. `parent` and `parent_author` are the numbers of what it answers, if that is here."""

    replies: int = 0
    boosts: int = 0
    likes: int = 0
    quotes: int = 0
    parent: int | None = None
    parent_author: int | None = None

    @property
    def body(self) -> bytes:
        """The members of a Status that say so, without braces."""
        parent, author = (f'"{number}"' if number else "null" for number in (self.parent, self.parent_author))
        return (
            f'"in_reply_to_id":{parent},"in_reply_to_account_id":{author},"replies_count":{self.replies},'
            f'"reblogs_count":{self.boosts},"favourites_count":{self.likes},"quotes_count":{self.quotes}'
        ).encode()


def of(tx: Transaction, iris: Sequence[str]) -> dict[str, Figures]:
    """The figures of texts, by IRI."""
    found = {iri: Figures() for iri in iris}
    _count_reactions(tx, found)
    _count_answers(tx, found)
    _count_quotations(tx, found)
    _look_up(tx, found)
    return found


def _count_reactions(tx: Transaction, found: dict[str, Figures]) -> None:
    query = (
        select(reactions.c.object, reactions.c.kind, func.count().label("number"))
        .where(reactions.c.object.in_(list(found)))
        .group_by(reactions.c.object, reactions.c.kind)
    )
    for row in tx.execute(query):
        if row.kind == "Announce":
            found[row.object].boosts = row.number
        else:
            found[row.object].likes = row.number


def _count_answers(tx: Transaction, found: dict[str, Figures]) -> None:
    answers = (
        select(objects.c.in_reply_to, func.count().label("number"))
        .where(objects.c.in_reply_to.in_(list(found)), objects.c.public.is_(True), objects.c.deleted.is_(None))
        .group_by(objects.c.in_reply_to)
    )
    for row in tx.execute(answers):
        found[row.in_reply_to].replies = row.number


def _count_quotations(tx: Transaction, found: dict[str, Figures]) -> None:
    allowed = (
        select(quotes.c.quoted, func.count().label("number"))
        .where(quotes.c.quoted.in_(list(found)), quotes.c.state == Consent.ALLOWED.value)
        .group_by(quotes.c.quoted)
    )
    for row in tx.execute(allowed):
        found[row.quoted].quotes = row.number


def _look_up(tx: Transaction, found: dict[str, Figures]) -> None:
    parent, author = objects.alias("parent"), actors.alias("parent_author")
    query = (
        select(objects.c.iri, parent.c.sort_id, author.c.number)
        .join(parent, parent.c.iri == objects.c.in_reply_to)
        .outerjoin(author, author.c.iri == parent.c.author)
        .where(objects.c.iri.in_(list(found)), parent.c.public.is_(True), parent.c.deleted.is_(None))
    )
    for row in tx.execute(query):
        found[row.iri].parent, found[row.iri].parent_author = row.sort_id, row.number
