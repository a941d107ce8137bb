"""What the peers say, of the size and shape that Mastodon's activities have."""

from __future__ import annotations

from datetime import datetime
from typing import Any

AS = "https://www.w3.org/ns/activitystreams"
PUBLIC = f"{AS}#Public"
NOTE_CONTEXT = [
    AS,
    {
        "ostatus": "http://ostatus.org#",
        "atomUri": "ostatus:atomUri",
        "inReplyToAtomUri": "ostatus:inReplyToAtomUri",
        "conversation": "ostatus:conversation",
        "sensitive": "as:sensitive",
        "toot": "http://joinmastodon.org/ns#",
        "votersCount": "toot:votersCount",
    },
]
ACTOR_CONTEXT = [
    AS,
    "https://w3id.org/security/v1",
    {
        "manuallyApprovesFollowers": "as:manuallyApprovesFollowers",
        "toot": "http://joinmastodon.org/ns#",
        "featured": {"@id": "toot:featured", "@type": "@id"},
        "discoverable": "toot:discoverable",
        "schema": "http://schema.org#",
        "PropertyValue": "schema:PropertyValue",
        "value": "schema:value",
    },
]
TEXT = (
    "<p>The night shift has walked out at the northern depot. They ask every branch that can to come to the gate at "
    "six, to bring food, and to tell the morning shift what the company has not told them: that the talks are over.</p>"
)

TAG = "strike"


def actor(iri: str, name: str, pem: str, *, shared_inbox: bool) -> dict[str, Any]:
    """A person's document."""
    document = {
        "@context": ACTOR_CONTEXT,
        "id": iri,
        "type": "Person",
        "following": f"{iri}/following",
        "followers": f"{iri}/followers",
        "inbox": f"{iri}/inbox",
        "outbox": f"{iri}/outbox",
        "featured": f"{iri}/collections/featured",
        "preferredUsername": name,
        "name": f"Somebody called {name}",
        "summary": "<p>Drives a bus, reads the timetable, writes about both.</p>",
        "url": iri.replace("/users/", "/@"),
        "manuallyApprovesFollowers": False,
        "discoverable": True,
        "published": "2024-05-01T00:00:00Z",
        "publicKey": {"id": f"{iri}#main-key", "owner": iri, "publicKeyPem": pem},
        "tag": [],
        "attachment": [{"type": "PropertyValue", "name": "branch", "value": "12"}],
    }
    if shared_inbox:
        document["endpoints"] = {"sharedInbox": f"{iri.partition('/users/')[0]}/inbox"}
    return document


def create(author: str, serial: str, *, answers: str, mentions: str, now: datetime) -> dict[str, Any]:
    """A note that answers a statement and mentions its group."""
    iri, moment = f"{author}/statuses/{serial}", now.strftime("%Y-%m-%dT%H:%M:%SZ")
    to, cc = [PUBLIC], [f"{author}/followers", mentions]
    name = mentions.rpartition("/")[2]
    text = (
        f'<p><span class="h-card"><a href="{mentions}" class="u-url mention">@<span>{name}</span></a></span></p>{TEXT}'
    )
    return {
        "@context": NOTE_CONTEXT,
        "id": f"{iri}/activity",
        "type": "Create",
        "actor": author,
        "published": moment,
        "to": to,
        "cc": cc,
        "object": {
            "id": iri,
            "type": "Note",
            "summary": None,
            "inReplyTo": answers,
            "published": moment,
            "url": iri.replace("/users/", "/@").replace("/statuses/", "/"),
            "attributedTo": author,
            "to": to,
            "cc": cc,
            "sensitive": False,
            "atomUri": iri,
            "inReplyToAtomUri": answers,
            "conversation": f"tag:peer.example,2026-01-01:objectId={serial}:objectType=Conversation",
            "content": text,
            "contentMap": {"en": text},
            "attachment": [],
            "tag": [{"type": "Mention", "href": mentions, "name": f"@{name}"}],
            "replies": {
                "id": f"{iri}/replies",
                "type": "Collection",
                "first": {
                    "type": "CollectionPage",
                    "next": f"{iri}/replies?only_other_accounts=true&page=true",
                    "partOf": f"{iri}/replies",
                    "items": [],
                },
            },
            "likes": {"id": f"{iri}/likes", "type": "Collection", "totalItems": 0},
            "shares": {"id": f"{iri}/shares", "type": "Collection", "totalItems": 0},
        },
    }


def say(author: str, serial: str, *, now: datetime) -> dict[str, Any]:
    """A note that answers nothing and mentions nobody, with a hashtag."""
    document = create(author, serial, answers="", mentions=author, now=now)
    document["cc"] = document["object"]["cc"] = [f"{author}/followers"]
    tag = {"type": "Hashtag", "href": f"{author}/tags/{TAG}", "name": f"#{TAG}"}
    document["object"] |= {"inReplyTo": None, "inReplyToAtomUri": None, "tag": [tag]}
    return document


def follow(follower: str, serial: str, followed: str) -> dict[str, Any]:
    """A Follow as Mastodon sends it."""
    return {
        "@context": AS,
        "id": f"{follower}/follows/{serial}",
        "type": "Follow",
        "actor": follower,
        "object": followed,
    }
