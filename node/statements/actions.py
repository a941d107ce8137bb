"""What a member can do with a statement: publish it, call it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

import schemas
from federation import discovery
from federation.addressing import Recipient
from federation.errors import Malformed, Refused, Unreachable
from node import actors, objects
from node.context import Effect, Node, Transaction
from node.errors import Invalid
from node.identifiers import spell
from node.media import Picture
from node.members.store import Member
from node.statements import markup, publishing, rules, store, writing
from node.statements.publishing import Issue
from node.statements.rules import Draft, Form, State
from node.statements.store import Shown
from node.statements.writing import Mentioned, Rendered
from schemas.attached import Attachment, Tag
from schemas.statement import SourceText, Statement

KIND = "Statement"


async def find_mentioned(node: Node, text: str) -> dict[str, Mentioned]:
    """Look up whom a text names, before any transaction; a handle that cannot be found stays plain text."""
    found: dict[str, Mentioned] = {}
    for handle in writing.handles_in(text)[:20]:
        try:
            actor = await node.directory.actor(await discovery.find(node.client, handle))
        except (Refused, Malformed, Unreachable):
            continue
        if actor.inbox is not None:
            found[handle] = Mentioned(handle, actor.iri, actor.url or actor.iri, actor.inbox, actor.shared_inbox)
    return found


def publish(
    tx: Transaction, draft: Draft, *, actor: str, member: Member, mentions: dict[str, Mentioned] | None = None
) -> tuple[str, State]:
    """Propose a statement of the group `actor`: its IRI, and where it stands.

    Raises Invalid (with the field) or Forbidden; nothing has changed then.
    """
    check(tx, draft)
    number = tx.new_id()
    iri = tx.node.address(f"/statements/{spell(number)}")
    kept = {
        "draft": asdict(draft),
        "sort_id": number,
        "mentions": {handle: asdict(person) for handle, person in (mentions or {}).items()},
        "actor": actor,
    }
    check_writable(lambda: compose(tx, iri, kept).statement)
    return iri, publishing.submit(tx, iri, kind="statement", draft=kept, actor=actor, member=member)


def check(tx: Transaction, draft: Draft) -> None:
    """Raise Invalid, naming the field, unless `draft` can be published here and now."""
    rules.check(draft, characters=tx.node.config.statement_characters)
    parent = objects.find(tx, draft.reply_to) if draft.reply_to is not None else None
    if draft.reply_to is not None and (parent is None or parent.deleted is not None or not parent.public):
        raise Invalid(f"{draft.reply_to} is not held by this node, so it cannot be answered", field="reply_to")


def adopted(tx: Transaction, iri: str) -> None:
    """Effect: the group has decided to publish a statement."""
    publishing.adopt(tx, iri, issue)


def issue(tx: Transaction, iri: str, kept: dict[str, Any]) -> None:
    """Make the statement and send it."""
    made = compose(tx, iri, kept)
    publishing.issue(
        tx,
        made.statement,
        made.shown,
        sort_id=kept["sort_id"],
        kind=KIND,
        thread=made.audience.thread,
        also_to=made.audience.recipients,
    )


def compose(tx: Transaction, iri: str, kept: dict[str, Any]) -> Composed:
    """The statement as it leaves, from what was kept of it; nothing is written."""
    draft = revive(kept["draft"])
    group = actors.local(tx, kept["actor"])
    people = {handle: Mentioned(**person) for handle, person in kept["mentions"].items()}
    text = writing.render(draft.text, tag_address=tag_address(tx.node), tags=draft.tags, mentions=people)
    audience = audience_of(tx, draft, text)
    statement = publishing.complete(
        tx,
        Statement(**fields(tx, draft, text, group_language=group.language), id=iri, attributed_to=group.iri),
        group=group.iri,
        adopted=kept.get("adopted"),
        mentioned=audience.mentioned,
    )
    return Composed(statement, shown_of(iri, draft, text, language=draft.language or group.language), audience)


def check_writable(make: Callable[[], Statement]) -> None:
    """Raise Invalid, naming the field, if what would leave later could not be written: now somebody can mend it."""
    try:
        schemas.serialise(make())
    except Malformed as error:
        raise Invalid(error.why, field=error.path or None) from None


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


def audience_of(tx: Transaction, draft: Draft, text: Rendered) -> Audience:
    """The audience of a draft and its rendered text."""
    people = {one.actor: Recipient(one.inbox, one.shared_inbox) for one in text.mentions}
    parent = objects.find(tx, draft.reply_to) if draft.reply_to else None
    if parent is None:
        return Audience(tuple(people), tuple(people.values()), None)
    answered = actors.find(tx, parent.author)
    if answered is not None and answered.inbox is not None:
        people[answered.iri] = Recipient(answered.inbox, answered.shared_inbox)
    return Audience(tuple(people), tuple(people.values()), parent.thread or parent.iri)


def fields(tx: Transaction, draft: Draft, text: Rendered, *, group_language: str) -> dict[str, Any]:
    """What a draft gives a statement (or a report): type, content, language, summary, tags, source."""
    language = draft.language or group_language
    html = text.html
    titled = f"<p><strong>{markup.escape(draft.title)}</strong></p>\n{html}" if draft.title else html
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
        ),
        "attachments": tuple(_attachment(tx.node, picture) for picture in draft.pictures),
        "source": SourceText(content=draft.text, media_type="text/markdown"),
    }
    if form is Form.NOTE:
        # No name on a Note: Mastodon takes a reply with one for a vote. Its summary would be a content warning.
        summary = draft.summary if draft.sensitive else None
        return values | _in_language("content", titled, language) | _in_language("summary", summary, language)
    opening = markup.shorten(_opening(draft, html), rules.SUMMARY_CHARACTERS - 20)
    summary = f"<p>{markup.escape(opening)}</p>"
    return (
        values
        | _in_language("name", draft.title, language)
        | _in_language("content", html, language)
        | _in_language("summary", summary, language)
    )


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
    return [
        {
            "url": f"/media/{picture.name}",
            "media_type": picture.media_type,
            "name": picture.description,
            "width": picture.width,
            "height": picture.height,
        }
        for picture in draft.pictures
    ]


def _attachment(node: Node, picture: Picture) -> Attachment:
    return Attachment(
        type="Image",
        url=node.address(f"/media/{picture.name}"),
        media_type=picture.media_type,
        name=picture.description,
        width=picture.width,
        height=picture.height,
    )


def tag_address(node: Node) -> str:
    """The address of a tag's page, to which the tag is added."""
    return node.address("/tags/")


def revive(values: dict[str, Any]) -> Draft:
    """A draft as it was kept."""
    form = values["form"]
    pictures = tuple(Picture(**one) for one in values["pictures"])
    return Draft(
        **(values | {"tags": tuple(values["tags"]), "form": Form(form) if form else None, "pictures": pictures})
    )


def _in_language(name: str, text: str | None, language: str) -> dict[str, Any]:
    return {} if text is None else {name: text, f"{name}_map": {language: text}}


def _opening(draft: Draft, html: str) -> str:
    # Mastodon shows name + summary + link of an Article; GoToSocial and Misskey drop the name: it opens with the title.
    body = draft.summary or markup.plain(html)
    return " ".join((f"{draft.title.rstrip('.')}. {body}" if draft.title else body).split())


EFFECTS: dict[str, Effect] = {"publish_statement": adopted}
ISSUES: dict[str, Issue] = {"statement": issue}
call_back = publishing.call_back
waiting = store.waiting
