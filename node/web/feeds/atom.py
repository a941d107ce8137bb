"""Atom, as RFC 4287 has it: pure."""

from __future__ import annotations

import re
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

from node import VERSION
from node.web.feeds.feed import Feed, Item
from node.web.pages.rendering import machine

ENDING = "atom"
MEDIA_TYPE = "application/atom+xml"
NAMESPACE = "http://www.w3.org/2005/Atom"
# XML 1.0 section 2.2. The library writes them all the same, and no parser reads them.
NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def serialise(feed: Feed) -> bytes:
    """The feed document."""
    root = Element("feed", {"xmlns": NAMESPACE} | _language(feed.lang))
    _text(root, "id", feed.page(ENDING, None))
    _text(root, "title", feed.title)
    if feed.subtitle:
        _text(root, "subtitle", feed.subtitle)
    _text(root, "updated", machine(feed.updated))
    _author(root, feed.author, feed.author_address)
    _text(root, "generator", "Commonwire", uri=feed.about, version=VERSION)
    _text(root, "icon", feed.icon)
    _link(root, "self", feed.page(ENDING, feed.before), MEDIA_TYPE)
    _link(root, "alternate", feed.home, "text/html")
    _link(root, "first", feed.page(ENDING, None), MEDIA_TYPE)
    if feed.older is not None:
        _link(root, "next", feed.page(ENDING, feed.older), MEDIA_TYPE)
    for item in feed.items:
        _entry(root, item)
    written: str = ElementTree.tostring(root, encoding="unicode")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + written.encode()


def _entry(root: Element, item: Item) -> None:
    entry = ElementTree.SubElement(root, "entry", _language(item.lang))
    _text(entry, "id", item.iri)
    _text(entry, "title", item.title)
    _text(entry, "published", machine(item.published))
    _text(entry, "updated", machine(item.updated))
    _author(entry, item.author, item.author_address)
    _link(entry, "alternate", item.address, "text/html")
    for tag in item.tags:
        ElementTree.SubElement(entry, "category", {"term": _clean(tag)})
    for one in item.enclosed:
        media_type, description = one.picture.media_type or "", one.picture.description or ""
        _link(entry, "enclosure", one.address, media_type, title=description)
    if item.summary:
        _text(entry, "summary", item.summary)
    if item.html is not None:
        _text(entry, "content", item.html, type="html")


def _text(parent: Element, name: str, text: str, **attributes: str) -> None:
    element = ElementTree.SubElement(parent, name, {key: _clean(value) for key, value in attributes.items()})
    element.text = _clean(text)


def _link(parent: Element, rel: str, address: str, media_type: str, **attributes: str) -> None:
    whole = {"rel": rel, "type": media_type, "href": address} | attributes
    ElementTree.SubElement(parent, "link", {key: _clean(value) for key, value in whole.items()})


def _author(parent: Element, name: str, address: str) -> None:
    author = ElementTree.SubElement(parent, "author")
    _text(author, "name", name)
    _text(author, "uri", address)


def _language(tag: str) -> dict[str, str]:
    return {"xml:lang": tag} if tag else {}


def _clean(text: str) -> str:
    return NO_XML.sub("", text)
