"""The page of one thing that was said: a statement or a report of ours, or one of another's that this node holds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from sqlalchemy import Row

import schemas
from federation.errors import Malformed
from federation.signatures import proofs
from node import objects, wording
from node.conditions import rules as conditions
from node.context import NODE, Transaction
from node.corrections.store import answers_to as answers_to_requests
from node.errors import Missing
from node.identifiers import ALPHABET
from node.positions import listing
from node.positions import rules as removals
from node.reports import disputes, flaws
from node.reports import store as reports
from node.statements import featured, hearing, markup, quotes, quotings, versions
from node.statements import store as statements
from node.statements.quotes import Consent
from node.web.pages import (
    appeal_pages,
    conditions_pages,
    decided,
    entries,
    languages,
    queries,
    redacted,
    side_by_side,
    signed,
    standing,
)
from node.web.pages.beside import origin_of
from node.web.pages.entries import Entry
from node.web.pages.masthead import of_author, place_in, show
from schemas import codes
from schemas.conditions_report import ConditionsReport
from schemas.fields import first_key
from schemas.reading import loads
from schemas.statement import Statement
from schemas.struggle_report import StruggleReport

THREAD_AT_MOST = 2000
ANSWERS = 40
ANSWER_CHARACTERS = 2500
DEPTH_AT_MOST = 3
PARTS = 60
TAGS = 30
OTHER_REPORTS = 12
FLAWS = 20
FLAW_CHARACTERS = 300
QUOTED_BY = 30
ORIGINS_AT_MOST = 10
ID_LETTERS = 13
POSITION = "Position"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An entry in a thread; `depth` 0 answers the page's own text. `whole`: it is short enough to stand there."""

    entry: Entry
    depth: int
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """What a text quotes. Without an `entry` it is a link; without an `address` it is not shown."""

    address: str | None
    entry: Entry | None


async def statement(request: web.Request) -> web.Response:
    """A statement of ours; 410 when it was deleted. Raises Missing."""
    return await _own(request)


async def report(request: web.Request) -> web.Response:
    """A report of ours, imported ones too; 410 when it was deleted. Raises Missing."""
    return await _own(request)


async def position(request: web.Request) -> web.Response:
    """A position of ours; 410 when it was revoked. Raises Missing."""
    return await _own(request)


async def heard(request: web.Request) -> web.Response:
    """Something that another has said, as this node holds it; 410 when its author deleted it. Raises Missing."""
    sort_id = number_of(request.match_info["id"])
    return await show(request, "text.html", _heard, sort_id, place_in(request, "from"), place_in(request, "after"))


async def _own(request: web.Request) -> web.Response:
    iri = request.app[NODE].address(request.path)
    return await show(request, "text.html", _find_own, iri, place_in(request, "from"))


def _find_own(tx: Transaction, iri: str, start: int | None) -> dict[str, Any]:
    row = objects.find(tx, iri)
    if row is None or not row.local or (not row.public and row.deleted is None):
        raise Missing("there is nothing at this address")
    return _words(tx, row, start=start, after=None)


def _heard(tx: Transaction, sort_id: int, start: int | None, after: int | None) -> dict[str, Any]:
    row = queries.by_sort_id(tx, sort_id)
    if row is None or row.local or (not row.public and row.deleted is None) or not entries.is_for_all(tx, row):
        raise Missing("there is nothing at this address")
    return _words(tx, row, start=start, after=after)


def _words(tx: Transaction, row: Row[Any], *, start: int | None, after: int | None) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if (own := of_author(tx, row.author)) is not None:
        values["masthead"] = own
    found = [] if row.deleted is not None else entries.of(tx, [row])
    if not found:
        values |= {"noindex": True, "reason": _reason(row)}
        values["removal"] = row.deletion_reason if row.deletion_reason in removals.REASONS else None
        return values | {"status": 410, "entry": None, "deleted": row.deleted, "local": row.local}
    entry = found[0]
    document = loads(row.document)
    said = _said(document)
    extras = statements.shown(tx, [row.iri])[row.iri].extras
    minority = decided.minority_reports(tx, row, extras)
    asked = appeal_pages.about(tx, row, said)
    beside = {one.address for one in minority if one.entry is not None}
    beside |= {one.entry.iri for one in asked["appeal_answers"]}
    corrections = entries.of(tx, answers_to_requests(tx, row.iri, author=row.author))
    beside |= {one.iri for one in corrections}
    answers = [(depth, one) for depth, one in thread_below(tx, row) if one.iri not in beside]
    start = min(start or 0, len(answers))
    shown = _shown(tx, answers[start : start + ANSWERS])
    if not entry.local:
        values["noindex"] = not entry.author.indexable
    return values | {
        "entry": entry,
        "said": said,
        "facts": said if isinstance(said, StruggleReport) else None,
        "tags": _tags(said),
        "proved": proofs.verification_method(document) is not None,
        "above": _above(tx, row),
        "answers": shown,
        "answers_total": sum(one.kind != POSITION for _, one in answers),
        "answers_start": start,
        "answers_next": start + ANSWERS if start + ANSWERS < len(answers) else None,
        "versions": versions.of(tx, row.iri) if row.local else [],
        "quoted": _quoted(tx, row, entry),
        "quoted_by": entries.for_all(tx, quotes.of(tx, row.iri, limit=QUOTED_BY)),
        "decided": decided.decision(extras),
        "redactions": redacted.redactions(extras),
        "minority": minority,
        "also_in": _also_in(tx, row, extras),
        "signatories": signed.signatories(tx, row, said),
        "is_minority": decided.is_minority_report(tx, row, extras),
        "pinned": featured.has(tx, row.iri),
        "corrections": corrections,
        "reactions": statements.reaction_counts(tx, row.iri),
        "media_from": _played_from(entry, shown),
        **asked,
        **conditions_pages.about(tx, said),
        **_positions(tx, row, entry),
        **_about_struggle(tx, entry),
        "flaws": _flaws(entry, said, document),
        "disputed": _disputed(tx, entry),
        **_about_import(tx, entry, after),
    }


def _also_in(tx: Transaction, row: Row[Any], extras: Mapping[str, Any] | None) -> list[dict[str, str]]:
    """The same text in other languages, here if it is held, else where it was said; what is gone is left out."""
    found = []
    for one in (extras or {}).get("languages", ()):
        held = objects.find(tx, one["iri"])
        if held is not None and (held.deleted is not None or held.author != row.author or not held.public):
            continue
        address: str = one["iri"] if held is None else entries.of(tx, [held])[0].path
        found.append({"address": address, "lang": languages.tag(one["language"]), "language": one["language"]})
    return found


def _reason(row: Row[Any]) -> str | None:
    """The category under which its author has deleted a text; None if it does not say so."""
    said = str(row.deletion_reason or "")
    said = said if row.local else said.removeprefix(f"{hearing.BY_AUTHOR}:")
    return said if said in codes.DELETION_REASONS and (row.local or said != row.deletion_reason) else None


def _played_from(entry: Entry, answers: Sequence[Answer]) -> list[str]:
    """The origins of the films and sounds on a page."""
    media = [one for found in (entry, *(answer.entry for answer in answers)) for one in found.media]
    playing = [(one.source, one.elsewhere) for one in media if one.kind in ("Video", "Audio")]
    played = (origin_of(source) if elsewhere else "'self'" for source, elsewhere in playing if source)
    return list(dict.fromkeys(filter(None, played)))[:ORIGINS_AT_MOST]


def _said(document: dict[str, Any]) -> Statement | None:
    try:
        value = schemas.parse(document)
    except Malformed:  # a newer program may be stricter than the one that kept it; its text is there all the same
        return None
    return value if isinstance(value, Statement) else None


def _tags(said: Statement | None) -> list[str]:
    names = (tag.name.lstrip("#") for tag in (said.tags if said else ()) if tag.type == "Hashtag" and tag.name)
    return list(dict.fromkeys(filter(None, names)))[:TAGS]


def _quoted(tx: Transaction, row: Row[Any], entry: Entry) -> Quoted | None:
    """What this quotes: as an entry where its author allows it and it is held, as a link in an older form.

    Where that is not known it is not shown (FEP-044f, "Verifying third-party quote posts").
    """
    if entry.quote is None:
        return None
    held = objects.find(tx, entry.quote)
    own = held is not None and held.author == row.author
    state = _consent(tx, row)
    allowed = own or state in (Consent.ALLOWED.value, quotings.Consent.GIVEN.value)
    if not allowed and state not in (Consent.UNASKED.value, quotings.Consent.UNASKED.value):
        return Quoted(address=None, entry=None)
    if not allowed or held is None or not held.public or held.deleted is not None:
        return Quoted(address=entry.quote, entry=None)
    return Quoted(address=entry.quote, entry=next(iter(entries.for_all(tx, [held])), None))


def _consent(tx: Transaction, row: Row[Any]) -> str | None:
    found = quotings.find(tx, row.iri) if row.local else quotes.find(tx, row.iri)
    return str(found.state) if found is not None else None


def _above(tx: Transaction, row: Row[Any]) -> Entry | str | None:
    """What this answers: as an entry where it is held, else its address."""
    if row.in_reply_to is None:
        return None
    parent = objects.find(tx, row.in_reply_to)
    if parent is None or not parent.public or parent.deleted is not None:
        return str(row.in_reply_to)
    return next(iter(entries.for_all(tx, [parent])), str(row.in_reply_to))


def thread_below(tx: Transaction, row: Row[Any]) -> list[tuple[int, Row[Any]]]:
    """What was answered to an object and to its answers: (depth, row), each answer below what it answers.

    At the top of a thread, what answers something that is not held stands there too, so that nothing is lost. Positions
    stand beside each other above the thread, and in it only for the sake of answers to them.
    """
    root = row.thread or row.iri
    children: dict[str, list[Row[Any]]] = {}
    rows = [one for one in objects.thread(tx, root, limit=THREAD_AT_MOST) if one.iri != row.iri and _stands(tx, one)]
    held = {row.iri, *(one.iri for one in rows)}
    for one in rows:
        above = one.in_reply_to if one.in_reply_to in held else root
        children.setdefault(above, []).append(one)
    answered = children.keys()
    children = {
        iri: [one for one in below if one.kind != POSITION or one.iri in answered] for iri, below in children.items()
    }
    found: list[tuple[int, Row[Any]]] = []
    waiting = [(0, one) for one in reversed(children.pop(row.iri, []))]
    while waiting:
        depth, one = waiting.pop()
        found.append((depth, one))
        waiting.extend((depth + 1, below) for below in reversed(children.pop(one.iri, [])))
    return found


def _stands(tx: Transaction, row: Row[Any]) -> bool:
    return entries.is_for_all(tx, row) and (row.kind != POSITION or listing.is_shown(tx, row))


def _shown(tx: Transaction, answers: Sequence[tuple[int, Row[Any]]]) -> list[Answer]:
    shown = {entry.iri: entry for entry in entries.of(tx, [row for _, row in answers])}
    return [
        Answer(
            entry=shown[row.iri],
            depth=min(depth, DEPTH_AT_MOST),
            whole=len(shown[row.iri].html) <= ANSWER_CHARACTERS,
        )
        for depth, row in answers
        if row.iri in shown
    ]


def _positions(tx: Transaction, row: Row[Any], entry: Entry) -> dict[str, Any]:
    """The positions on a text; of a position what it was before, and whether its text has changed since."""
    if entry.stance is None:
        return side_by_side.below(tx, row) | {"position": None}
    text = objects.find(tx, row.in_reply_to) if row.in_reply_to is not None else None
    return {"tendencies": [], "removals": [], "position": side_by_side.taken(tx, text, row, entry)}


def _about_struggle(tx: Transaction, entry: Entry) -> dict[str, Any]:
    if entry.report is None:
        return {"struggle": None, "other_reports": []}
    iri = entry.report.struggle
    struggle = reports.find_struggle(tx, iri)
    rows = [row for row in reports.reports_on(tx, iri, limit=OTHER_REPORTS + 1) if row.iri != entry.iri]
    path = entries.struggle_page(tx.node, iri)
    return {
        "struggle": {"name": struggle.name if struggle is not None else iri, "path": path},
        "other_reports": entries.of(tx, rows[:OTHER_REPORTS]),
    }


def _disputed(tx: Transaction, entry: Entry) -> list[Entry]:
    """What groups, whose word counts here, report to the contrary."""
    if entry.report is None:
        return []
    counted = standing.sources(tx)
    return [one for one in entries.of(tx, disputes.disputing(tx, entry.iri)) if one.author.iri in counted]


def _flaws(entry: Entry, said: Statement | None, document: dict[str, Any]) -> list[dict[str, str]]:
    """The rules that another's report breaks, each with what it says there, as it came."""
    if isinstance(said, ConditionsReport) and not entry.local:
        broken = conditions.broken(document)
    elif entry.report is None or entry.report.left_out is None or said is None:
        return []
    else:
        broken = flaws.found(document)
    found = []
    for flaw in broken[:FLAWS]:
        raw = json.dumps(document.get(first_key(flaw.path)), ensure_ascii=False)
        found.append({"path": flaw.path, "why": wording.flaw(flaw), "raw": markup.shorten(raw, FLAW_CHARACTERS)})
    return found


def _about_import(tx: Transaction, entry: Entry, after: int | None) -> dict[str, Any]:
    """The reports of another node's import stand below the digest that announced it; ours have a page of their own."""
    if entry.transcription is None or entry.local:
        return {"parts": [], "parts_next": None}
    return parts(tx, entry.transcription.iri, after)


def parts(tx: Transaction, iri: str, after: int | None) -> dict[str, Any]:
    """A page of the reports in an import, from the place `after` on."""
    rows = objects.parts(tx, iri, after=after or 0, limit=PARTS + 1)
    return {
        "parts": entries.of(tx, rows[:PARTS]),
        "parts_next": rows[PARTS - 1].sort_id if len(rows) > PARTS else None,
    }


def number_of(text: str) -> int:
    """The number that `identifiers.spell` writes as `text`. Raises Missing."""
    if len(text) != ID_LETTERS or any(letter not in ALPHABET for letter in text):
        raise Missing("there is nothing at this address")
    number = 0
    for letter in text:
        number = number * len(ALPHABET) + ALPHABET.index(letter)
    if number >= 2**63:
        raise Missing("there is nothing at this address")
    return number
