"""What a member can do with tables of reports: import them into a collection of their own.

An import is transcribed in steps of a few hundred rows, each a transaction, and is public only when it is whole and the
group has decided so. Broken off in the middle it goes on where it was when the same file is imported again.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import schemas
from node import actors, objects, signing
from node.context import Effect, Transaction
from node.decisions import Act, Described
from node.errors import Conflict, Invalid, Missing
from node.identifiers import spell
from node.members import actions as members
from node.members.store import Member
from node.objects import Kept
from node.reports import building, opening, rules, store, struggles, transcriptions
from node.reports.facts import Facts, facts
from node.reports.imports import Draft, Mapping, RefusedRow
from node.reports.rules import ImportState, Provenance
from node.statements import composing, publishing
from node.statements import store as statement_store
from node.statements.markup import escape
from node.statements.publishing import Issue
from node.statements.rules import State
from node.statements.store import Shown
from node.translating import N_
from schemas.attached import Tag
from schemas.collection import ImportCollection, Publisher
from schemas.context import PUBLIC
from schemas.statement import Statement

KEYS_TOGETHER = 500
KIND, COLLECTION = "StruggleReport", "ImportCollection"


def begin_import(
    tx: Transaction, provenance: Provenance, *, actor: str, member: Member, mapping: str, file_digest: str
) -> str:
    """Begin an import, or find the one that was begun with this very file; its IRI. Raises Invalid, Forbidden.

    Raises Conflict if the file was imported already.
    """
    members.require(tx, member, "publish", actor=actor)
    rules.check(provenance, today=tx.now.date())
    iri = tx.node.address(f"/imports/{spell(tx.new_id())}")
    schemas.serialise(_collection(iri, actor, provenance, total=0, moment=tx.now))  # what cannot be written later
    for left in transcriptions.unfinished_imports(tx, actor, mapping=mapping):
        if left.state == ImportState.PROPOSED.value and not _may_go_on(tx, left):
            continue
        if left.file_digest == file_digest and left.provenance == provenance.as_json():
            transcriptions.set_import(tx, left.iri, state=ImportState.OPEN.value, digest_iri=None)
            return str(left.iri)
        discard(tx, left.iri)
    known = transcriptions.import_of_file(tx, actor, file_digest=file_digest, mapping=mapping)
    if known is not None:
        raise Conflict(
            "this file was imported already, nothing has changed: {iri} ({total} reports)",
            iri=known.iri,
            total=known.total,
        )
    transcriptions.add_import(
        tx,
        iri,
        actor=actor,
        local=True,
        state=ImportState.OPEN,
        provenance=provenance,
        mapping=mapping,
        file_digest=file_digest,
    )
    return iri


def _may_go_on(tx: Transaction, row: Any) -> bool:
    publication = statement_store.publication(tx, row.digest_iri or "")
    return publication is not None and publication.state in (State.CALLED_BACK, State.REFUSED)


def discard(tx: Transaction, import_iri: str) -> None:
    """Forget an import that never became public: it was broken off or called back, and another takes its place."""
    iris = transcriptions.reports_in(tx, import_iri)
    transcriptions.drop_import(tx, import_iri)
    statement_store.drop_all(tx, iris)
    objects.drop_part_of(tx, import_iri)
    tx.touched.update(iris)


@dataclass(frozen=True, slots=True)
class Sifted:
    """What of a table can be transcribed here: the drafts, those of them that were not before, and what is refused."""

    drafts: list[Draft]
    fresh: list[Draft]
    refused: list[RefusedRow]

    @property
    def known(self) -> int:
        """How many rows were imported before."""
        return len(self.drafts) - len(self.fresh)


def sift(tx: Transaction, drafts: Sequence[Draft], *, actor: str, mapping: Mapping) -> Sifted:
    """Tell the drafts that can stand here from those whose struggle cannot be reported on, and count the known ones."""
    standing, refused = [], []
    for draft in drafts:
        try:
            struggles.check(tx, draft)
        except Invalid as error:
            named = draft.struggle_key.partition(":")[2]
            refused.append(RefusedRow(draft.line, mapping.heading("struggle"), named, str(error)))
        else:
            standing.append(draft)
    keys = [draft.import_key for draft in standing]
    parts = (keys[start : start + KEYS_TOGETHER] for start in range(0, len(keys), KEYS_TOGETHER))
    known = {key for some in parts for key in store.known_keys(tx, actor, some)}
    return Sifted(standing, [draft for draft in standing if draft.import_key not in known], refused)


def transcribe(tx: Transaction, import_iri: str, drafts: Sequence[Draft]) -> int:
    """Make reports of some rows, not public yet; how many were new. Rows imported before are left as they are."""
    row = _open_import(tx, import_iri)
    group = actors.local(tx, row.actor)
    for draft in drafts:
        struggles.check(tx, draft)
    known = store.known_keys(tx, group.iri, [draft.import_key for draft in drafts])
    fresh = [draft for draft in drafts if draft.import_key not in known]
    if not fresh:
        return 0
    minted = struggles.mint(tx, fresh, group.iri)
    moment = tx.now.replace(microsecond=0)
    made = [_transcribed(tx, draft, minted[draft.struggle_key], group, import_iri, moment) for draft in fresh]
    objects.keep(tx, [kept for kept, _, _ in made])
    statement_store.add(tx, [shown for _, shown, _ in made])
    store.add_reports(tx, [report for _, _, report in made])
    return len(made)


def _transcribed(
    tx: Transaction, draft: Draft, struggle: str, group: Any, import_iri: str, moment: datetime
) -> tuple[Kept, Shown, Facts]:
    number = tx.new_id()
    iri = tx.node.address(f"/reports/{spell(number)}")
    tag_address = composing.tag_address(tx.node)
    html = building.content(draft, tag_address=tag_address)
    report = building.value(
        draft,
        iri=iri,
        struggle=struggle,
        group=group.iri,
        language=draft.language,
        content=html,
        tag_address=tag_address,
        opening=opening.briefly(draft.as_of or _read_on(draft) or moment.date(), draft.language),
        published=moment,
        to=(PUBLIC,),
        url=iri,
        salt=secrets.token_urlsafe(16),
    )
    document = signing.prove(tx, schemas.serialise(report), group)
    kept = Kept(
        iri=iri,
        sort_id=number,
        kind=KIND,
        author=group.iri,
        local=True,
        document=objects.encode(document),
        published=moment,
        public=False,
        listed=False,
        part_of=import_iri,
        thread=iri,
    )
    shown = building.shown(draft, iri=iri, html=html, language=draft.language)
    return kept, shown, facts(report, sort_id=number, import_iri=import_iri, import_key=draft.import_key)


def _read_on(draft: Draft) -> date | None:
    """The last day on which its sources were read."""
    return max((source.retrieved for source in draft.sources if source.retrieved is not None), default=None)


def propose_import(tx: Transaction, import_iri: str, *, refused: int, member: Member, urgent: bool = False) -> State:
    """Propose that the group publish an import that has been transcribed whole. Raises Forbidden, Conflict."""
    row = _open_import(tx, import_iri)
    total = transcriptions.count_in_import(tx, import_iri)
    if total == 0:
        transcriptions.set_import(tx, import_iri, state=ImportState.BROKEN.value, refused=refused)
        return State.CALLED_BACK
    number = tx.new_id()
    digest = tx.node.address(f"/statements/{spell(number)}")
    proposed = {"state": ImportState.PROPOSED.value, "total": total, "refused": refused, "digest_iri": digest}
    transcriptions.set_import(tx, import_iri, **proposed)
    kept = {"import": import_iri, "sort_id": number}
    return publishing.submit(tx, digest, kind="import", draft=kept, actor=row.actor, member=member, urgent=urgent)


def issue_import(tx: Transaction, iri: str, kept: dict[str, Any]) -> None:
    """Make the collection public and send its digest, the one statement that followers get."""
    row = transcriptions.find_import(tx, kept["import"])
    if row is None:
        raise Missing("{kept} is not an import of this node", kept=kept["import"])
    group = actors.local(tx, row.actor)
    provenance = Provenance.from_json(row.provenance)
    objects.publish_part_of(tx, row.iri)
    transcriptions.count_import(tx, row.iri)
    transcriptions.set_import(tx, row.iri, state=ImportState.PUBLISHED.value)
    _keep_collection(tx, row, group, provenance)
    html = digest_html(row.iri, provenance, total=row.total, refused=row.refused)
    titled = f"<p><strong>{escape(provenance.title)}</strong></p>\n{html}"
    address = composing.tag_address(tx.node)
    statement = Statement(
        id=iri,
        attributed_to=group.iri,
        content=titled,
        content_map={"en": titled},
        tags=(Tag(type="Hashtag", name="#strugglereports", href=f"{address}strugglereports"),),
        imports=row.iri,
    )
    shown = Shown(iri=iri, html=html, title=provenance.title, language="en", url=iri, hashtags=("strugglereports",))
    complete = publishing.complete(tx, statement, group=group.iri, kept=kept)
    publishing.issue(tx, complete, shown, sort_id=kept["sort_id"], kind="Statement")


def digest_html(iri: str, provenance: Provenance, *, total: int, refused: int) -> str:
    """What followers read of an import: what it is, from where, and that the facts are its publisher's."""
    publisher = escape(provenance.publisher)
    if provenance.publisher_url:
        publisher = f'<a href="{escape(provenance.publisher_url)}">{publisher}</a>'
    left_out = f" {refused:,} rows could not be read and are left out." if refused else ""
    licence = f" Licence: {escape(provenance.licence)}." if provenance.licence else ""
    return (
        f"<p>We have transcribed {total:,} reports of struggles from what {publisher} has published, as it stood on "
        f"{provenance.retrieved.isoformat()}.{left_out}{licence} "
        "We vouch for the transcription, not for the facts.</p>\n"
        f'<p><a href="{escape(iri)}">{escape(iri)}</a></p>'
    )


def _collection(iri: str, actor: str, provenance: Provenance, *, total: int, moment: datetime) -> ImportCollection:
    return ImportCollection(
        id=iri,
        name=provenance.title,
        attributed_to=actor,
        total_items=total,
        first=f"{iri}?page=1",
        publisher=Publisher(name=provenance.publisher, url=provenance.publisher_url),
        licence=provenance.licence,
        retrieved=provenance.retrieved,
        published=moment.replace(microsecond=0),
    )


def _keep_collection(tx: Transaction, row: Any, group: Any, provenance: Provenance) -> None:
    collection = _collection(row.iri, group.iri, provenance, total=row.total, moment=tx.now)
    document = signing.prove(tx, schemas.serialise(collection), group)
    kept = Kept(
        iri=row.iri,
        sort_id=tx.new_id(),
        kind=COLLECTION,
        author=group.iri,
        local=True,
        document=objects.encode(document),
        published=tx.now,
        listed=False,
    )
    objects.keep(tx, [kept])


def _open_import(tx: Transaction, iri: str) -> Any:
    row = transcriptions.find_import(tx, iri)
    if row is None or not row.local:
        raise Missing("{iri} is not an import of this node", iri=iri)
    if row.state != ImportState.OPEN.value:
        raise Conflict("{iri} is {state}, nothing can be added to it", iri=iri, state=row.state)
    return row


def import_adopted(tx: Transaction, iri: str) -> None:
    """Effect: the group has decided to publish an import."""
    publishing.adopt(tx, iri, issue_import, kind="publish_import")


def _describe(tx: Transaction, iri: str) -> Described:
    publication = statement_store.publication(tx, iri)
    row = transcriptions.find_import(tx, publication.draft.get("import", "")) if publication is not None else None
    if row is None:
        return Described(iri, address=iri)
    provenance = Provenance.from_json(row.provenance)
    html = digest_html(row.iri, provenance, total=row.total, refused=row.refused)
    return Described(provenance.title, html=html, address=row.iri if row.state == ImportState.PUBLISHED else None)


ACTS: dict[str, Act] = {
    "publish_import": Act("publish", "publish_import", N_("publish an import of reports"), _describe),
}
REFUSALS: dict[str, Effect] = {"publish_import": publishing.refuse}
EFFECTS: dict[str, Effect] = {"publish_import": import_adopted}
ISSUES: dict[str, Issue] = {"import": issue_import}
