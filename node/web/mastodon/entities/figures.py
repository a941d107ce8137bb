"""What changes often about texts: how often they were answered, boosted, liked and quoted, and what they answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from node.actors import actors
from node.context import Transaction
from node.objects import objects
from node.prepared import Prepared, any_of, several
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


_PARENT, _AUTHOR = objects.alias("parent"), actors.alias("parent_author")
_REACTIONS = Prepared(
    select(reactions.c.object, reactions.c.kind, func.count().label("number"))
    .where(any_of(reactions.c.object))
    .group_by(reactions.c.object, reactions.c.kind)
)
_ANSWERS = Prepared(
    select(objects.c.in_reply_to, func.count().label("number"))
    .where(any_of(objects.c.in_reply_to), objects.c.public.is_(True), objects.c.deleted.is_(None))
    .group_by(objects.c.in_reply_to)
)
_QUOTATIONS = Prepared(
    select(quotes.c.quoted, func.count().label("number"))
    .where(any_of(quotes.c.quoted), quotes.c.state == Consent.ALLOWED.value)
    .group_by(quotes.c.quoted)
)
_PARENTS = Prepared(
    select(objects.c.iri, _PARENT.c.sort_id, _AUTHOR.c.number)
    .join(_PARENT, _PARENT.c.iri == objects.c.in_reply_to)
    .outerjoin(_AUTHOR, _AUTHOR.c.iri == _PARENT.c.author)
    .where(any_of(objects.c.iri), _PARENT.c.public.is_(True), _PARENT.c.deleted.is_(None))
)


def of(tx: Transaction, iris: Sequence[str]) -> dict[str, Figures]:
    """The figures of texts, by IRI."""
    found = {iri: Figures() for iri in iris}
    for row in several(tx, _REACTIONS, iris):
        if row.kind == "Announce":
            found[row.object].boosts = row.number
        else:
            found[row.object].likes = row.number
    for row in several(tx, _ANSWERS, iris):
        found[row.in_reply_to].replies = row.number
    for row in several(tx, _QUOTATIONS, iris):
        found[row.quoted].quotes = row.number
    for row in several(tx, _PARENTS, iris):
        found[row.iri].parent, found[row.iri].parent_author = row.sort_id, row.number
    return found
