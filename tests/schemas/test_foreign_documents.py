"""Documents as other software sends them (foreign/, with their sources) are read for what they mean."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import schemas
from schemas import Activity, Actor, Collection, CollectionPage, Event, Malformed, Question, Statement
from schemas.context import PUBLIC
from schemas.reading import loads

FOREIGN = Path(__file__).parent / "foreign"


def document(name: str) -> dict[str, Any]:
    return loads((FOREIGN / f"{name}.json").read_bytes())


def activity(name: str) -> Activity:
    found = schemas.parse(document(name))
    assert isinstance(found, Activity)
    return found


def statement(found: object) -> Statement:
    value = schemas.parse(found)
    assert isinstance(value, Statement)
    return value


def actor(name: str) -> Actor:
    found = schemas.parse(document(name))
    assert isinstance(found, Actor)
    return found


def test_a_mastodon_reply_is_read_whole() -> None:
    create = activity("mastodon_create_note")
    note = statement(create.object)
    assert (create.type, create.object_type, create.object_id) == ("Create", "Note", note.id)
    assert create.to == note.to == (PUBLIC,)
    assert (note.attributed_to, note.language, note.summary) == (create.actor, "en", None)
    assert note.in_reply_to == "https://tram.example/statements/5r2k"
    assert note.quoted == "https://tram.example/statements/7p1c"
    assert note.interaction_policy_can_quote == (PUBLIC,)
    assert note.replies == f"{note.id}/replies" and note.likes == f"{note.id}/likes"
    assert [tag.type for tag in note.tags] == ["Mention", "Hashtag", "Emoji"]
    assert note.tags[2].icon is not None and note.tags[2].icon.url.endswith("fist.png")
    assert (note.attachments[0].width, note.attachments[0].name) == (1200, None)


def test_mastodons_replies_embed_their_first_page() -> None:
    found = schemas.parse(document("mastodon_replies"))
    assert isinstance(found, Collection) and isinstance(found.first, dict)
    page = schemas.parse(found.first)
    assert isinstance(page, CollectionPage)
    assert (page.id, page.items, page.part_of) == (None, ("https://mastodon.example/users/ana/statuses/115",), found.id)
    assert page.next == f"{found.id}?page=true"


def test_a_mastodon_complaint_names_the_account_and_the_post() -> None:
    assert activity("mastodon_flag").object == "https://tram.example/groups/depot-north"


@pytest.mark.parametrize(
    ("name", "object_id", "object_type"),
    [
        ("mastodon_delete_account", "https://mastodon.example/users/ana", None),
        ("mastodon_delete_note", "https://mastodon.example/users/ana/statuses/114", "Tombstone"),
    ],
)
def test_a_mastodon_delete_names_its_object(name: str, object_id: str, object_type: str | None) -> None:
    found = activity(name)
    assert (found.object_id, found.object_type) == (object_id, object_type)


def test_a_mastodon_actor_is_read_whole() -> None:
    found = actor("mastodon_actor")
    assert (found.type, found.preferred_username, found.webfinger) == ("Person", "ana", "ana@mastodon.example")
    assert found.shared_inbox == "https://mastodon.example/inbox"
    assert [key.id for key in found.public_keys] == [f"{found.id}#main-key"]
    assert found.public_keys[0].owner == found.id
    assert (found.manually_approves_followers, found.discoverable, found.indexable) == (False, True, False)
    assert found.icon is not None and found.image is None
    assert found.profile_fields[0].name == "Site"
    assert found.published == datetime(2022, 11, 5, tzinfo=UTC)


def test_a_gotosocial_stub_still_gives_its_key() -> None:
    found = actor("gotosocial_actor_stub")
    assert found.inbox is None and found.public_keys[0].id == f"{found.id}/main-key"


def test_a_gotosocial_note_with_plain_strings_as_audience_is_read() -> None:
    note = statement(document("gotosocial_note"))
    assert (note.to, note.cc) == ((PUBLIC,), ("https://gts.example/users/bo/followers",))
    assert note.published == datetime(2026, 11, 2, 9, tzinfo=UTC)
    assert note.interaction_policy_can_quote == () and note.replies == f"{note.id}/replies"


def test_a_misskey_quote_and_reaction_are_read() -> None:
    note = statement(document("misskey_note"))
    assert note.quoted == "https://tram.example/statements/7p1c"
    assert note.source is not None and note.source.media_type == "text/x.misskeymarkdown"
    assert (note.content_map, note.language) == ({}, None)
    assert activity("misskey_like").object_id == "https://tram.example/statements/5r2k"


def test_a_peertube_film_is_the_person_s_who_sends_it_and_not_the_channel_s() -> None:
    assert statement(document("peertube_comment")).in_reply_to == "https://tube.example/videos/watch/7fd"
    video = document("peertube_video")
    found = statement(video)
    assert (found.type, found.url) == ("Video", "https://tube.example/videos/watch/7fd")
    assert found.attributed_to == "https://tube.example/accounts/kim"
    assert found.media_type == "text/markdown" and found.picture is not None
    person, channel = video["attributedTo"]
    for authors in ([person, person], [channel, channel], [person["id"], channel["id"]], [person, channel, channel]):
        with pytest.raises(Malformed, match=r"^attributedTo: must be exactly one actor"):
            schemas.parse({**video, "attributedTo": authors})


def test_a_lemmy_announce_carries_the_activity_and_the_page() -> None:
    announce = activity("lemmy_announce_create_page")
    assert announce.object_type == "Create"
    create = schemas.parse(announce.object)
    assert isinstance(create, Activity)
    page = statement(create.object)
    assert (page.type, page.name, page.attributed_to) == ("Page", "Night trams work to rule", create.actor)
    assert page.attachments[0].url == "https://tram.example/statements/5r2k"


def test_a_wordpress_actor_keeps_the_query_in_its_id() -> None:
    found = actor("wordpress_actor")
    assert found.id == "https://blog.example/?author=1"
    assert found.url == "https://blog.example/author/mo/"
    assert found.capabilities == {"https://datatracker.ietf.org/doc/html/rfc9421"}
    assert [line.name for line in found.profile_fields] == ["Blog"]


def test_an_actor_with_several_keys_keeps_them_all() -> None:
    found = actor("fedify_actor_two_keys")
    assert [key.id.rpartition("#")[2] for key in found.public_keys] == ["main-key", "key-2"]
    assert [key.id.rpartition("#")[2] for key in found.assertion_methods] == ["multikey-1"]
    assert found.shared_inbox == "https://fedify.example/inbox"


def test_a_note_that_has_only_the_map_has_the_text_too() -> None:
    note = statement({
        "id": "https://a.example/1", "type": "Note", "attributedTo": "https://a.example/u",
        "contentMap": {"de": "<p>Streik</p>", "en": "<p>Strike</p>"}, "nameMap": {}, "summaryMap": [],
    })  # fmt: skip
    assert (note.content, note.language, note.name, note.summary) == ("<p>Streik</p>", "de", None, None)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://a.example/p", "https://a.example/p"),
        ([{"type": "Link", "href": "https://a.example/v.mp4", "mediaType": "video/mp4"},
          {"type": "Link", "href": "https://a.example/p", "mediaType": "text/html"}], "https://a.example/p"),
        ([{"type": "Link", "href": "https://a.example/v.mp4"}, "https://a.example/p"], "https://a.example/p"),
        ({"type": "Link", "href": "https://a.example/p"}, "https://a.example/p"),
        (["magnet:?xt=1", {"href": "javascript:alert(1)", "mediaType": "text/html"}], None),
    ],
)  # fmt: skip
def test_the_page_of_an_object_is_its_first_readable_web_address(url: object, found: str | None) -> None:
    note = {"id": "https://a.example/1", "type": "Note", "attributedTo": "https://a.example/u", "url": url}
    assert statement(note).url == found


NAMED_FOR = {
    "actor": Actor,
    "note": Statement,
    "page": Statement,
    "video": Statement,
    "comment": Statement,
    "event": Event,
    "replies": Collection,
}
NO_ID = ("mastodon_add_pinned",)  # the inbox gives them one


@pytest.mark.parametrize("path", sorted(FOREIGN.glob("*.json")), ids=lambda path: path.stem)
def test_every_document_is_read_as_what_it_is(path: Path) -> None:
    software, what, *_ = path.stem.split("_")
    assert f"{software}_*" in (FOREIGN / "SOURCES.txt").read_text(encoding="utf-8")
    found = document(path.stem)
    if path.stem in NO_ID:
        with pytest.raises(Malformed, match=r"^id: is missing"):
            schemas.parse(found)
        found["id"] = f"{found['actor']}#1"
    value = schemas.parse(found)
    assert type(value) is NAMED_FOR.get(what, Activity)
    inner = value.object if isinstance(value, Activity) and value.type in ("Create", "Update") else None
    if isinstance(inner, dict):
        last = path.stem.rpartition("_")[2]
        assert type(schemas.parse(inner)) is {"event": Event, "question": Question}.get(last, Statement)
