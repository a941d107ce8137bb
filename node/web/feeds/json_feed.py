"""JSON Feed 1.1: pure. jsonfeed.org/version/1.1"""

from __future__ import annotations

from typing import Any

from node.objects import encode
from node.web.feeds.feed import Feed, Item
from node.web.pages.rendering import machine

ENDING = "json"
MEDIA_TYPE = "application/feed+json"


def serialise(feed: Feed) -> bytes:
    """The feed document."""
    document: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.home,
        "feed_url": feed.page(ENDING, feed.before),
        "icon": feed.icon,
        "authors": [{"name": feed.author, "url": feed.author_address}],
    }
    if feed.subtitle:
        document["description"] = feed.subtitle
    if feed.lang:
        document["language"] = feed.lang
    if feed.older is not None:
        document["next_url"] = feed.page(ENDING, feed.older)
    return encode(document | {"items": [_item(one) for one in feed.items]})


def _item(item: Item) -> dict[str, Any]:
    found: dict[str, Any] = {
        "id": item.iri,
        "url": item.address,
        "title": item.title,
        "date_published": machine(item.published),
        "date_modified": machine(item.updated),
        "authors": [{"name": item.author, "url": item.author_address}],
    }
    # One of the two is required, and of a text that is not here its opening is all there is.
    found |= {"content_html": item.html} if item.html is not None else {"content_text": item.summary}
    if item.summary:
        found["summary"] = item.summary
    if item.lang:
        found["language"] = item.lang
    if item.tags:
        found["tags"] = list(item.tags)
    if item.enclosed:
        found["image"] = item.enclosed[0].address
        found["attachments"] = [
            {"url": one.address, "mime_type": one.picture.media_type, "title": one.picture.description or ""}
            for one in item.enclosed
        ]
    return found
