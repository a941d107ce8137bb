"""Texts and boosts as apps read them: Statuses, mostly bytes that are there already, joined.

`Item(iri, boost)` names what is asked for. What is not public, is deleted or has no text is left out: a time line is
shorter then, and a single status missing.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, func, select

from node import media_cache
from node.context import Transaction
from node.members.viewers import Viewer
from node.objects import objects
from node.prepared import Prepared, any_of, several
from node.statements import polls as votes
from node.statements.store import reactions, statements
from node.timelines import Item
from node.timelines import actions as wishes
from node.web.mastodon.entities import accounts, approvals, figures, marks, moments, polls, quotations, said
from node.web.mastodon.entities.figures import Figures
from node.web.mastodon.entities.said import Said

LASTS = timedelta(minutes=10)
# The size tells of a version that says of itself that it is of the same moment as the one before.
LIGHT = (*(column for column in objects.c if column.name != "document"), func.length(objects.c.document).label("size"))
NOT_OF_BOOSTS = (
    b'"edited_at":null,"sensitive":false,"spoiler_text":"","content":"","application":null,"media_attachments":[],'
    b'"mentions":[],"tags":[],"emojis":[],"card":null,"poll":null,"quote":null,"in_reply_to_id":null,'
    b'"in_reply_to_account_id":null,"replies_count":0,"reblogs_count":0,"favourites_count":0,"quotes_count":0,'
    b'"quote_approval":{"automatic":[],"manual":[],"current_user":"denied"},"visibility":"public"'
)

_PLACED = Prepared(select(reactions).where(any_of(reactions.c.iri), reactions.c.sort_id.is_not(None)))
_THERE = Prepared(select(*LIGHT).where(any_of(objects.c.iri), objects.c.public.is_(True), objects.c.deleted.is_(None)))
_WHOLE = Prepared(select(objects).where(any_of(objects.c.iri)))
_TEXTS = Prepared(select(statements).where(any_of(statements.c.iri)))


@dataclass(slots=True)
class _Around:
    """What the Statuses of one answer are put together from, by IRI."""

    rows: dict[str, Row[Any]]
    said: dict[str, Said]
    figures: dict[str, Figures]
    accounts: dict[str, bytes]
    marks: Mapping[str, bytes]
    quoting: Mapping[str, tuple[str, str]]
    polls: Mapping[str, bytes]
    approvals: Mapping[str, bytes] = field(default_factory=dict)
    quoted: dict[str, bytes] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)


def rendered(tx: Transaction, items: Sequence[Item], viewer: Viewer | None) -> list[dict[str, Any]]:
    """The Statuses of items, in their order; without what is not there any more."""
    return [json.loads(piece) for piece in pieces(tx, items, viewer)]


def listed(tx: Transaction, items: Sequence[Item], viewer: Viewer | None) -> bytes:
    """The same as a list in JSON that is ready."""
    return b"[" + b",".join(pieces(tx, items, viewer)) + b"]"


def pieces(tx: Transaction, items: Sequence[Item], viewer: Viewer | None) -> list[bytes]:
    """The same, each as JSON that is ready."""
    boosts = _boosts(tx, [item.boost for item in items if item.boost is not None])
    boosters = [row.actor for row in boosts.values()]
    around = _around(tx, [item.iri for item in items], viewer, more_accounts=boosters)
    bodies = {iri: _status(iri, around) for iri in around.said}
    made = []
    for item in items:
        body = bodies.get(item.iri)
        if body is None or (item.boost is not None and item.boost not in boosts):
            continue
        made.append(body if item.boost is None else _boost(tx, boosts[item.boost], body, around))
    return made


def encoded(value: Any) -> bytes:
    """A value as JSON that is ready."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def pieces_by_iri(tx: Transaction, iris: Sequence[str], viewer: Viewer | None) -> dict[str, bytes]:
    """The Statuses of texts that are there, by IRI, as JSON that is ready."""
    around = _around(tx, iris, viewer)
    return {iri: _status(iri, around) for iri in around.said}


def _boosts(tx: Transaction, iris: Sequence[str]) -> dict[str, Any]:
    return {row.iri: row for row in several(tx, _PLACED, iris)}


def _around(
    tx: Transaction,
    iris: Iterable[str],
    viewer: Viewer | None,
    *,
    more_accounts: Sequence[str] = (),
    within: bool = False,
) -> _Around:
    """`within`: what is quoted by another, of which no more is shown than what it quotes itself."""
    rows = _seen(tx, viewer, _rows(tx, list(dict.fromkeys(iris))))
    texts = _texts(tx, rows)
    there = list(texts)
    people = accounts.pieces(tx, [*(rows[iri].author for iri in there), *more_accounts])
    quoting = quotations.states(tx, there) if any(one.quoted for one in texts.values()) else {}
    around = _Around(
        rows=rows,
        said={iri: one for iri, one in texts.items() if rows[iri].author in people},
        figures=figures.of(tx, there) if there else {},
        accounts=people,
        marks=marks.of(tx, [rows[iri] for iri in there], viewer) if viewer is not None else {},
        quoting=quoting,
        approvals={iri: approvals.body(tx, one.approval, viewer) for iri, one in texts.items()},
        polls=_polls(tx, {iri: one for iri, one in texts.items() if one.poll is not None}, rows, viewer),
    )
    allowed = quotations.allowed(quoting)
    if allowed:
        if within:
            around.numbers = {iri: row.sort_id for iri, row in _seen(tx, viewer, _rows(tx, allowed)).items()}
        else:
            inner = _around(tx, allowed, viewer, within=True)
            around.quoted = {iri: _status(iri, inner, within=True) for iri in inner.said}
    return around


def _rows(tx: Transaction, iris: Sequence[str]) -> dict[str, Row[Any]]:
    return {row.iri: row for row in several(tx, _THERE, iris)}


def _seen(tx: Transaction, viewer: Viewer | None, rows: dict[str, Row[Any]]) -> dict[str, Row[Any]]:
    """Those that she may see: whatever list names them, nothing of who is limited and whom she does not follow."""
    is_seen = wishes.sees(tx, viewer)
    return {iri: row for iri, row in rows.items() if is_seen(row.author, row.kind)}


def _texts(tx: Transaction, rows: Mapping[str, Row[Any]]) -> dict[str, Said]:
    """What is said in each, from memory or made now."""
    shelf, secret = tx.node.ready_texts, media_cache.secret(tx)
    found: dict[str, Said] = {}
    missing = []
    for iri, row in rows.items():
        held = shelf.find(iri, (row.sort_id, row.updated, row.size, secret), now=tx.now)
        if held is None:
            missing.append(iri)
        else:
            found[iri] = held
    if missing:
        texts = {row.iri: row for row in several(tx, _TEXTS, missing)}
        for iri, one in said.of(tx, list(several(tx, _WHOLE, missing)), texts).items():
            row = rows[iri]
            shelf.put(iri, (row.sort_id, row.updated, row.size, secret), one, now=tx.now, lasts=LASTS)
            found[iri] = one
    return found


def _status(iri: str, around: _Around, *, within: bool = False) -> bytes:
    row, one = around.rows[iri], around.said[iri]
    parts = [
        one.body,
        around.figures[iri].body,
        b'"reblog":null,"account":' + around.accounts[row.author],
        b'"poll":' + around.polls.get(iri, b"null"),
        b'"quote":' + _quote(iri, around, within=within),
        b'"quote_approval":' + around.approvals[iri],
    ]
    if iri in around.marks:
        parts.append(around.marks[iri])
    return b"{" + b",".join(parts) + b"}"


def _polls(
    tx: Transaction, asked: Mapping[str, Said], rows: Mapping[str, Row[Any]], viewer: Viewer | None
) -> dict[str, bytes]:
    """The polls of texts, as they are counted now: that changes without anybody having changed the text."""
    if not asked:
        return {}
    group = viewer.actor if viewer is not None else None
    voted = votes.cast(tx, group, list(asked)) if group is not None else {}
    return {
        row.iri: encoded(
            polls.poll(
                (row.extras or {}).get("poll") or asked[row.iri].poll or {},
                number=rows[row.iri].sort_id,
                emojis=asked[row.iri].emojis,
                now=tx.now,
                own_votes=voted.get(row.iri, ()),
            )
        )
        for row in several(tx, _TEXTS, list(asked))
    }


def _quote(iri: str, around: _Around, *, within: bool) -> bytes:
    if iri not in around.quoting:
        return b"null"
    state, quoted = around.quoting[iri]
    if within:
        return quotations.body(state, None, number=around.numbers.get(quoted))
    return quotations.body(state, around.quoted.get(quoted), number=None)


def _boost(tx: Transaction, boost: Row[Any], body: bytes, around: _Around) -> bytes:
    """The wrapper of a boost: its own number and moment, who it is by, and within it what was passed on."""
    row = around.rows[boost.object]
    own = {
        "id": str(boost.sort_id),
        "created_at": moments.moment(boost.at),
        "uri": boost.iri,
        "url": row.iri,
        "language": None,
    }
    parts = [json.dumps(own, separators=(",", ":"))[1:-1].encode(), NOT_OF_BOOSTS]
    parts.append(b'"account":' + around.accounts[boost.actor] + b',"reblog":' + body)
    if boost.object in around.marks:
        parts.append(around.marks[boost.object])
    return b"{" + b",".join(parts) + b"}"
