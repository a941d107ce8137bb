"""What programs read of a page: its head, and whether its elements stand in each other as HTML wants it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Head:
    """The metas (by name or property, in their order), links and title of a page, and whether it is well formed."""

    metas: dict[str, list[str]] = field(default_factory=dict)
    links: list[dict[str, str]] = field(default_factory=list)

    def one(self, name: str) -> str | None:
        """The one meta of that name."""
        found = self.metas.get(name, [])
        assert len(found) < 2, f"{name} stands there {len(found)} times"
        return found[0] if found else None

    def linked(self, rel: str, kind: str | None = None) -> list[str]:
        """Where links of a relation (and type) lead."""
        return [one["href"] for one in self.links if one.get("rel") == rel and kind in (None, one.get("type"))]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.head, self.inside = Head(), False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "head":
            self.inside = True
        elif self.inside and tag == "meta" and (name := values.get("name") or values.get("property")):
            self.head.metas.setdefault(name, []).append(values["content"])
        elif self.inside and tag == "link":
            self.head.links.append(values)

    def handle_endtag(self, tag: str) -> None:
        if tag == "head":
            self.inside = False


def read(page: str) -> Head:
    """The head of an HTML page."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.head


VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class _Nesting(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(names) != len(set(names)):
            self.wrong.append(f"<{tag}> has an attribute twice: {names}")
        identity = dict(attrs).get("id")
        if identity is not None and identity in self.ids:
            self.wrong.append(f"the id {identity} stands there twice")
        self.ids |= {identity} if identity else set()
        if "p" in self.open and tag in (
            "p",
            "div",
            "ul",
            "ol",
            "dl",
            "h1",
            "h2",
            "h3",
            "blockquote",
            "section",
            "figure",
        ):
            self.wrong.append(f"<{tag}> ends the <p> it stands in: {self.open}")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.wrong.append(f"</{tag}> does not end {self.open[-3:]}")
        else:
            self.open.pop()


def misnested(page: str) -> list[str]:
    """What is wrong with the elements of a page: one that is not ended or ends too early, ids and attributes twice."""
    reader = _Nesting()
    reader.feed(page)
    reader.close()
    return reader.wrong + [f"<{tag}> is never ended" for tag in reader.open]
