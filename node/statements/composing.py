"""From what was kept of a draft to what leaves: the statement, how it is shown, and whom it reaches. Writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import quote

import schemas
from federation.addressing import Recipient
from federation.errors import Malformed
from federation.media_types import ACTIVITY_LD_JSON
from node import actors, objects
from node.context import Node, Transaction
from node.errors import Invalid
from node.media import MEDIA_TYPES, Picture
from node.statements import events, extras, markup, mentioning, publishing, quotings, rules, store, writing
from node.statements.quotings import Consent
from node.statements.rules import Draft, Form
from node.statements.store import Shown
from node.statements.writing import Mentioned, Rendered
from schemas.attached import Attachment, Tag
from schemas.attached import Picture as PictureOnTheWire
from schemas.event import Event
from schemas.reading import loads, one_or_many
from schemas.statement import QUOTE_RELATIONS, SourceText, Statement

EVENT_CHARACTERS = 480  # of a summary; Mastodon shows it whole, and GoToSocial as a warning
FIXED = ("reply_to", "quote", "minority_of")  # what a correction cannot change


@dataclass(frozen=True, slots=True)
class Composed:
    """A statement ready to leave: as it is sent, as it is shown, and whom it reaches."""

    statement: Statement
    shown: Shown
    audience: Audience


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a statement reaches beside the followers: those it names and the one it answers; and its thread."""

    mentioned: tuple[str, ...]
    recipients: tuple[Recipient, ...]
    thread: str | None


@dataclass(frozen=True, slots=True)
class Making:
    """What a room knows of its kind of publication: how it is composed, what else a newer version replaces, what is
    asked about one before it is proposed (`check` raises Invalid, with the field), and what a newer version takes over
    from the text that stands there when it leaves (`merge`: what was kept of that text, what was kept of the newer
    version, and its address, to what leaves)."""

    compose: Callable[[Transaction, str, dict[str, Any]], Composed]
    replaced: Callable[[Transaction, Any], None]
    check: Callable[[Transaction, Draft], None] = lambda tx, draft: None
    merge: Callable[[dict[str, Any], dict[str, Any], str], dict[str, Any]] = lambda before, kept, subject: kept


def compose(tx: Transaction, iri: str, kept: dict[str, Any]) -> Composed:
    """The statement as it leaves, from what was kept of it; nothing is written."""
    draft = revive(kept["draft"])
    group = actors.local(tx, kept["actor"])
    people = {handle: Mentioned(**person) for handle, person in kept["mentions"].items()}
    text = writing.render(draft.text, tag_address=tag_address(tx.node), tags=draft.tags, mentions=people)
    audience = audience_of(tx, draft, text)
    values = fields(tx, draft, text, group_language=group.language, quoted=quoted_by(tx, iri, draft))
    statement = publishing.complete(
        tx,
        (Event if draft.event else Statement)(**values, id=iri, attributed_to=group.iri),
        group=group.iri,
        kept=kept,
        mentioned=audience.mentioned,
    )
    shown = shown_of(iri, draft, text, language=draft.language or group.language)
    return Composed(statement, replace(shown, extras=extras.of(statement)), audience)


def compose_as(
    tx: Transaction,
    iri: str,
    kept: dict[str, Any],
    kind: type[Statement],
    draft: Draft,
    /,
    *,
    opening: str,
    **more: Any,
) -> Composed:
    """What was kept as a statement of a narrower `kind`, with `more` of its own fields; nothing is written.

    `draft` is what it is for everybody else, `opening` the HTML that says to them what the fields say to us.
    """
    group = actors.local(tx, kept["actor"])
    people = {handle: Mentioned(**person) for handle, person in kept["mentions"].items()}
    text = writing.render(draft.text, tag_address=tag_address(tx.node), tags=draft.tags, mentions=people)
    audience = audience_of(tx, draft, text)
    quoted = quoted_by(tx, iri, draft)
    values = fields(tx, draft, text, group_language=group.language, quoted=quoted, opening=opening)
    made = kind(**values, **more, id=iri, attributed_to=group.iri)
    statement = publishing.complete(tx, made, group=group.iri, kept=kept, mentioned=audience.mentioned)
    shown = shown_of(iri, draft, text, language=draft.language or group.language)
    return Composed(statement, replace(shown, extras=extras.of(statement)), audience)


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a statement quotes: its id, its page, and the stamp of its author if there is one."""

    iri: str
    page: str
    stamp: str | None


def quoted_by(tx: Transaction, iri: str, draft: Draft) -> Quoted | None:
    """What the statement `iri` quotes; None if the author of that does not want it, or has deleted it beforehand."""
    if draft.quote is None:
        return None
    consent = quotings.find(tx, iri)
    held = objects.find(tx, draft.quote)
    if consent is None and (held is None or held.deleted is not None):
        return None
    if consent is not None and consent.state == Consent.REFUSED.value:
        return None
    shown = store.shown(tx, [draft.quote]).get(draft.quote)
    page = shown.url if shown is not None and shown.url else draft.quote
    return Quoted(draft.quote, page, consent.stamp if consent is not None else None)


def keep(tx: Transaction, draft: Draft, number: int, *, actor: str) -> dict[str, Any]:
    """What a publication keeps of a draft until it leaves: it is composed from that, then and at every correction.

    Of those whom it names, only they who are known here; nobody is asked for the others before the decision.
    """
    people = {name: asdict(person) for name, person in mentioning.known(tx, mentioning.handles(draft)).items()}
    return {"draft": asdict(draft), "sort_id": number, "mentions": people, "actor": actor}


def check_writable(make: Callable[[], Statement]) -> None:
    """Raise Invalid, naming the field, if what would leave later could not be written: now somebody can mend it."""
    try:
        schemas.serialise(make())
    except Malformed as error:
        raise Invalid(error.why, field=error.path or None) from None


def audience_of(tx: Transaction, draft: Draft, text: Rendered) -> Audience:
    """The audience of a draft and its rendered text."""
    people = {one.actor: Recipient(one.inbox, one.shared_inbox) for one in text.mentions}
    parent, quoted = (objects.find(tx, iri) if iri else None for iri in (draft.reply_to, draft.quote))
    # FEP-7888: who began the thread keeps its collection, and hears of an answer to somebody else only if it is told.
    first = objects.find(tx, parent.thread) if parent is not None and parent.thread else None
    for row in (parent, first, quoted):
        author = actors.find(tx, row.author) if row is not None else None
        if author is not None and author.inbox is not None:
            people[author.iri] = Recipient(author.inbox, author.shared_inbox)
    thread = (parent.thread or parent.iri) if parent is not None else None
    return Audience(tuple(people), tuple(people.values()), thread)


def fields(
    tx: Transaction,
    draft: Draft,
    text: Rendered,
    *,
    group_language: str,
    quoted: Quoted | None = None,
    opening: str = "",
) -> dict[str, Any]:
    """What a draft gives a statement (or a report, or an event): type, content, language, summary, tags, source.

    `opening` is HTML that stands above everything else in the content.
    """
    language = draft.language or group_language
    html = _fallback(quoted) + text.html
    titled = opening + (f"<p><strong>{markup.escape(draft.title)}</strong></p>\n{html}" if draft.title else html)
    form = rules.form_of(draft, characters=len(markup.plain(titled)), limit=tx.node.config.note_characters)
    values: dict[str, Any] = {
        "type": form.value,
        "sensitive": draft.sensitive,
        "in_reply_to": draft.reply_to,
        "tags": (
            *(Tag(type="Mention", name=one.handle, href=one.actor) for one in text.mentions),
            *(
                Tag(type="Hashtag", name=f"#{tag}", href=tag_address(tx.node) + quote(tag.casefold()))
                for tag in text.tags
            ),
            *_link_to(quoted),
        ),
        "attachments": tuple(_attachment(tx.node, picture) for picture in draft.pictures),
        "source": SourceText(content=draft.text, media_type="text/markdown"),
    }
    if quoted is not None:
        values |= dict.fromkeys(("quote", "quote_url", "quote_uri", "misskey_quote"), quoted.iri)
        values["quote_authorization"] = quoted.stamp
    if draft.event:
        return values | _event(draft, html, language)
    if form is Form.NOTE:
        # No name on a Note: Mastodon takes a reply with one for a vote. Its summary would be a content warning.
        summary = draft.summary if draft.sensitive else None
        return values | _in_language("content", titled, language) | _in_language("summary", summary, language)
    summary = markup.shorten(_opening(draft, text.html), rules.SUMMARY_CHARACTERS - 20)
    # No element around it: Misskey shows a summary as it stands, tags and all.
    return (
        values
        | _in_language("name", draft.title, language)
        | _in_language("content", opening + html, language)
        | _in_language("summary", markup.escape(summary), language)
    )


def _event(draft: Draft, html: str, language: str) -> dict[str, Any]:
    """What makes it an Event: when and where, in fields and in words."""
    planned = events.fields(draft.event)
    said = events.in_words(Event(id="", attributed_to="", **planned), language)
    title = (draft.title or "").rstrip(".")
    summary = markup.escape(markup.shorten(f"{title}. {said}", EVENT_CHARACTERS))
    return (
        {"type": "Event"}
        | planned
        | _in_language("name", draft.title, language)
        | _in_language("content", f"<p>{markup.escape(said)}</p>\n{html}", language)
        | _in_language("summary", summary, language)
    )


def _fallback(quoted: Quoted | None) -> str:
    """What readers see who are shown no quotations; others leave this paragraph out, by its class."""
    if quoted is None:
        return ""
    page = markup.escape(quoted.page)
    return f'<p class="quote-inline">RE: <a href="{page}">{page}</a></p>\n'


def _link_to(quoted: Quoted | None) -> tuple[Tag, ...]:
    """The Link of FEP-e232, which says that it is a quotation."""
    if quoted is None:
        return ()
    link = Tag(
        type="Link", name=f"RE: {quoted.page}", href=quoted.iri, media_type=ACTIVITY_LD_JSON, rel=QUOTE_RELATIONS[0]
    )
    return (link,)


def shown_of(iri: str, draft: Draft, text: Rendered, *, language: str) -> Shown:
    """The statement as this node's pages show it."""
    return Shown(
        iri=iri,
        html=text.html,
        title=draft.title,
        summary=draft.summary,
        language=language,
        sensitive=draft.sensitive,
        url=iri,
        attachments=attachments_of(draft),
        hashtags=text.tags,
    )


def attachments_of(draft: Draft) -> list[dict[str, Any]]:
    """The pictures of a draft as our pages show them."""
    return [shown_picture(picture) for picture in draft.pictures]


def shown_picture(picture: Picture) -> dict[str, Any]:
    """A picture as our pages and apps show it."""
    small = {"width": picture.preview_width, "height": picture.preview_height}
    rarer = {
        "blurhash": picture.blurhash,
        "focus": list(picture.focus) if picture.focus else None,
        "preview": f"/media/{picture.preview}" if picture.preview else None,
        "small": small if picture.preview else None,
        "kind": picture.kind if picture.kind != "Image" else None,
        "seconds": picture.seconds,
        "images_a_second": picture.images_a_second,
        "bits_a_second": picture.bits_a_second,
    }
    return {
        "url": f"/media/{picture.name}",
        "media_type": picture.media_type,
        "name": picture.description,
        "width": picture.width,
        "height": picture.height,
        **{name: value for name, value in rarer.items() if value},
    }


def pictures_in(node: Node, documents: Iterable[bytes]) -> list[str]:
    """The files of this node's pictures that texts of ours show."""
    place = node.address("/media/")
    attached = [one for document in documents for one in one_or_many(loads(document).get("attachment"))]
    shown = [one for found in attached if isinstance(found, dict) for one in (found, found.get("icon"))]
    urls = [str(one.get("url")) for one in shown if isinstance(one, dict)]
    return list(dict.fromkeys(url.removeprefix(place) for url in urls if url.startswith(place)))


def _attachment(node: Node, picture: Picture) -> Attachment:
    poster = None
    if picture.kind != "Image" and picture.preview:  # of a picture others make their own, as Mastodon has it
        ending = picture.preview.rpartition(".")[2]
        poster = PictureOnTheWire(url=node.address(f"/media/{picture.preview}"), media_type=MEDIA_TYPES[ending])
    return Attachment(
        type=picture.kind,
        url=node.address(f"/media/{picture.name}"),
        media_type=picture.media_type,
        name=picture.description,
        width=picture.width or None,
        height=picture.height or None,
        blurhash=picture.blurhash or None,
        focal_point=picture.focus,
        duration=picture.seconds or None,
        icon=poster,
    )


def tag_address(node: Node) -> str:
    """The address of a tag's page, to which the tag is added."""
    return node.address("/tags/")


def revive(values: dict[str, Any]) -> Draft:
    """A draft as it was kept."""
    # A draft of an older version of this program lacks some of these.
    values = {"quote": None, "event": {}, "position": {}, "translations": ()} | values
    form = values["form"]
    lists = {
        "tags": tuple(values["tags"]),
        "pictures": tuple(Picture.revived(one) for one in values["pictures"]),
        "translations": tuple(revive(one) for one in values["translations"]),
    }
    return Draft(**(values | lists | {"form": Form(form) if form else None}))


def _in_language(name: str, text: str | None, language: str) -> dict[str, Any]:
    return {} if text is None else {name: text, f"{name}_map": {language: text}}


def _opening(draft: Draft, html: str) -> str:
    # Mastodon shows name + summary + link of an Article; GoToSocial and Misskey drop the name: it opens with the title.
    body = draft.summary or markup.plain(html)
    return " ".join((f"{draft.title.rstrip('.')}. {body}" if draft.title else body).split())
