"""Keeping the reports of others: one by one as they are published, and collections of imported ones page by page.

A page is one job and one transaction that also promises the next page, so that fetching a collection goes on where it
was, whenever it stops. Of a page only what carries the author's own proof is kept: a collection may be served by
anybody, its reports are the author's word.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import schemas
from federation import origin
from federation.client import Budget
from federation.errors import Malformed, Refused
from federation.signatures import proofs
from node import activities, identifiers, intake, objects, signing
from node.context import Node, Transaction
from node.jobs import Job, Priority, Promise, promise
from node.peering import store as peering
from node.reports import building, flaws, naming, store, struggles, transcriptions
from node.reports.facts import facts
from node.reports.rules import ImportState, Provenance
from node.statements import hearing as statements
from node.statements import markup
from node.statements import store as statement_store
from node.statements.hearing import Hearing
from node.statements.rules import Interest
from schemas.collection import CollectionPage, ImportCollection
from schemas.statement import Statement
from schemas.struggle_report import StruggleReport

KIND = "StruggleReport"
PAGE_ITEMS_AT_MOST = 1000
REPORTS_AT_MOST = 1_000_000


def hear(tx: Transaction, report: StruggleReport, document: dict[str, Any], interest: Interest = Interest.TOLD) -> None:
    """Keep a report that its author vouches for. Raises Ignored if it is not ours to keep."""
    struggles.check_heard(tx, report)
    if statements.hear(tx, report, document, kind=KIND, interest=interest):
        enter(tx, [(report, document)])


def hear_digest(
    tx: Transaction, digest: Statement, document: dict[str, Any], interest: Interest = Interest.TOLD
) -> None:
    """Keep a digest, and promise to fetch the reports it announces if we hear its author. Raises Ignored, Refused."""
    statements.hear(tx, digest, document, kind="Statement", interest=interest)
    if digest.imports is not None and peering.is_heard(tx, digest.attributed_to):
        promise_import(tx, digest.imports, author=digest.attributed_to)


def change(tx: Transaction, report: StruggleReport, document: dict[str, Any], **more: Any) -> None:
    """Replace a report by a newer version of the same author. Raises Ignored if it is not ours to keep."""
    if not store.of(tx, [report.id]):
        struggles.check_heard(tx, report)  # the struggle of one that is held stays, whatever the newer version names
    if statements.change(tx, report, document, kind=KIND, **more):
        if store.of(tx, [report.id]):
            store.replace_report(tx, facts(report, sort_id=0, left_out=flaws.left_out(document)))
            if any(one.part == "title" for one in report.redactions):
                name = statements.shown(report).title or building.BLANKED
                naming.rename(tx, report.struggle, author=report.attributed_to, name=name)
        else:
            enter(tx, [(report, document)])


def enter(
    tx: Transaction, reports: Sequence[tuple[StruggleReport, dict[str, Any]]], *, import_iri: str | None = None
) -> None:
    """Write the rows of reports (as read, and as they came) whose objects have just been kept, and their struggles."""
    held = objects.find_all(tx, [report.id for report, _ in reports])
    struggles.hear(tx, [report for report, _ in reports])
    rows = [
        facts(report, sort_id=held[report.id].sort_id, import_iri=import_iri, left_out=flaws.left_out(document))
        for report, document in reports
        if report.id in held
    ]
    store.add_reports(tx, rows)


def promise_import(tx: Transaction, iri: str, *, author: str) -> None:
    """A digest of somebody we hear announces a collection: promise to fetch it, once."""
    origin.check_creation(author, iri, author)
    identifiers.check_length(iri)
    row = transcriptions.find_import(tx, iri)
    if row is None and activities.was_deleted(tx, iri, actor=author):
        return
    if row is None:
        _promise_page(tx, iri, author=author, page=None)
    elif row.state == ImportState.BROKEN.value and row.actor == author:
        transcriptions.set_import(tx, iri, state=ImportState.FETCHING.value)
        _promise_page(tx, iri, author=author, page=row.next_page)


def resume(tx: Transaction, author: str) -> int:
    """Go on with the collections of `author` that broke off, each at the page where it did; how many there were."""
    broken = transcriptions.broken_imports(tx, author)
    for row in broken:
        promise_import(tx, row.iri, author=author)
    return len(broken)


async def fetch(node: Node, payload: dict[str, Any]) -> None:
    """Job: fetch the collection itself, or its next page."""
    iri, author, page = payload["iri"], payload["author"], payload["page"]
    signer = await signing.instance_signer(node)
    try:
        budget = Budget(requests=statements.REQUESTS_FOR_ONE, bytes=node.config.document_bytes)
        document = await node.client.document(page or iri, signer=signer, budget=budget)
        if page is None:
            await node.database.write(_take_collection, document, author)
        else:
            await node.database.write(_take_page, document, iri, page)
    except (Refused, Malformed):
        await node.database.write(_break_off, iri)
        raise


def _break_off(tx: Transaction, iri: str) -> None:
    row = transcriptions.find_import(tx, iri)
    if row is not None and row.state == ImportState.FETCHING.value:  # and was not undone meanwhile
        transcriptions.set_import(tx, iri, state=ImportState.BROKEN.value)


def _take_collection(tx: Transaction, document: dict[str, Any], author: str) -> None:
    collection = schemas.parse(document)
    if not isinstance(collection, ImportCollection):
        raise Refused(f"{document.get('id')} is not a collection of imported reports")
    origin.check_creation(author, collection.id, collection.attributed_to)
    if not intake.check_proof(tx, document, author=author):
        raise Refused(f"{collection.id} carries no proof of {author}")
    first = collection.first if isinstance(collection.first, str) else None
    if first is None or not origin.same_origin(first, collection.id):
        raise Refused(f"{collection.id} has no first page of its own")
    provenance = Provenance(
        title=markup.shorten(collection.name or collection.id, 300),
        publisher=collection.publisher.name,
        publisher_url=collection.publisher.url,
        licence=collection.licence,
        retrieved=collection.retrieved or date.min,
    )
    transcriptions.add_import(
        tx,
        collection.id,
        actor=author,
        local=False,
        state=ImportState.FETCHING,
        provenance=provenance,
        total=min(collection.total_items or 0, REPORTS_AT_MOST),
        next_page=first,
    )
    _promise_page(tx, collection.id, author=author, page=first)


def _take_page(tx: Transaction, document: dict[str, Any], iri: str, page: str) -> None:
    row = transcriptions.find_import(tx, iri)
    if row is None or row.next_page != page:
        return  # this page was taken before
    parsed = schemas.parse(document)
    if not isinstance(parsed, CollectionPage) or (parsed.part_of or iri) != iri:
        raise Refused(f"{page} is not a page of {iri}")
    kept = _keep_items(tx, list(parsed.items or ())[:PAGE_ITEMS_AT_MOST], row)
    held = transcriptions.count_in_import(tx, iri)
    if parsed.next is None or held >= (row.total or REPORTS_AT_MOST):
        transcriptions.set_import(tx, iri, state=ImportState.COMPLETE.value, next_page=None)
        return
    # Every page brings something new, or is the last: nobody leads us round for ever.
    if kept == 0 or not origin.same_origin(parsed.next, iri):
        _break_off(tx, iri)
        return
    transcriptions.set_import(tx, iri, next_page=parsed.next)
    _promise_page(tx, iri, author=row.actor, page=parsed.next)


def _keep_items(tx: Transaction, items: list[Any], row: Any) -> int:
    """Keep what can be kept of a page and is not here yet; how many there were."""
    proved = [(report, item) for item in items if (report := _proved(tx, item, author=row.actor)) is not None]
    known = set(objects.find_all(tx, [report.id for report, _ in proved]))
    reports: list[tuple[StruggleReport, dict[str, Any]]] = []
    rows, shown = [], []
    for report, item in proved:
        if report.id in known:
            continue  # or somebody else's, or deleted: a collection changes nothing that is here
        known.add(report.id)
        reports.append((report, item))
        kept = statements.kept(tx, report, item, kind=KIND, listed=False, part_of=row.iri)
        rows.append(replace(kept, sort_id=tx.new_id()))  # the order of the collection, not of its one moment
        shown.append(statements.shown(report))
    objects.keep(tx, rows)
    statement_store.add(tx, shown)
    enter(tx, reports, import_iri=row.iri)
    return len(reports)


def _proved(tx: Transaction, item: Any, *, author: str) -> StruggleReport | None:
    if not isinstance(item, dict):
        return None
    try:
        report = schemas.parse(item)
        if not isinstance(report, StruggleReport):
            return None
        origin.check_creation(author, report.id, report.attributed_to)
        identifiers.check_length(report.id, report.in_reply_to)
        struggles.check_heard(tx, report)
        return report if intake.check_proof(tx, item, author=author) else None
    except (Malformed, Refused, intake.Ignored):
        return None


def promise_report(tx: Transaction, iri: str, *, authors: Collection[str]) -> None:
    """Somebody counts a report that is not here, or in another version: promise to fetch it from its own server.

    It is kept if one of `authors` has said it.
    """
    identifiers.check_length(iri)
    payload, lane = {"iri": iri, "authors": list(authors)}, f"fetch {origin.origin(iri)}"
    promise(tx, Promise("fetch_report", payload, lane=lane, key=f"fetch_report {iri}"), priority=Priority.BULK)


async def fetch_report(node: Node, payload: dict[str, Any]) -> None:
    """Job: fetch a report at its id, and keep it, or the newer version of it, if it carries its author's proof.

    The author is one of those who were asked for; nobody else is even looked up.
    """
    budget = Budget(requests=statements.REQUESTS_FOR_ONE, bytes=node.config.document_bytes)
    document = await node.client.document(payload["iri"], signer=await signing.instance_signer(node), budget=budget)
    report = schemas.parse(document)
    if not isinstance(report, StruggleReport):
        raise Refused(f"{payload['iri']} is no report of a struggle")
    author = report.attributed_to
    if author not in payload["authors"]:
        raise Refused(f"{report.id} is by {author}, whose reports were not asked for")
    await node.directory.actor(author)
    if (method := proofs.verification_method(document)) is not None:
        await node.directory.ensure_proof_key(method, author=author)
    await node.database.write(_take_report, report, document)


def _take_report(tx: Transaction, report: StruggleReport, document: dict[str, Any]) -> None:
    author = report.attributed_to
    origin.check_creation(author, report.id, author)
    if not intake.check_proof(tx, document, author=author):
        raise Refused(f"{report.id} carries no proof of {author}")
    if objects.find(tx, report.id) is not None:
        change(tx, report, document, moment=tx.now)
        return
    hear(tx, report, document, Interest.SOUGHT)
    if report.basis == "imported":
        objects.unlist(tx, report.id)


def _promise_page(tx: Transaction, iri: str, *, author: str, page: str | None) -> None:
    identifiers.check_length(page)
    payload = {"iri": iri, "author": author, "page": page}
    lane = f"fetch {origin.origin(iri)}"
    promise(tx, Promise("fetch_import", payload, lane=lane, key=f"fetch_import {page or iri}"), priority=Priority.BULK)


JOBS: dict[str, Job] = {"fetch_import": fetch, "fetch_report": fetch_report}
HEARINGS: dict[str, Hearing] = {KIND: hear, intake.IMPORT_DIGEST: hear_digest}
