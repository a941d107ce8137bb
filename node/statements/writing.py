"""From a file to a draft, and from Markdown to the HTML that leaves: pure.

A statement's file is Markdown, with a front matter between two lines of `---` that says `key: value`. Text, tags and
mentions become HTML here; who is mentioned was looked up before.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from node.errors import Invalid
from node.statements import events, markup
from node.statements.rules import Draft, Form

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

FENCE = "---"
POSITION = {"position_on": "on", "stance": "stance"}
APPEAL = {
    "appeal": "kinds", "struggle": "struggle", "until": "until", "goal": "goal", "how": "how",
    "appeal_status": "status",
}  # fmt: skip
APPEAL_ANSWER = {"answers": "to", "answer": "kind", "pledge": "pledge"}
CONDITION = re.compile(r"condition_[1-9][0-9]?|conditions")
OF_CONDITIONS = (
    "gathered", "respondents", "population", "struggle", "field", "who", "addressee", "location", "country", "region",
    "locality", "sector", "occupations", "as_of", "basis", "sources", "confirm",
)  # fmt: skip
"""The keys of a report of conditions beside those of its conditions, which are condition_1, condition_2 and so on."""
ANSWERS = ("reply_to", "quote", "minority_of", *POSITION)
KEYS = ("title", "language", "summary", "tags", "sensitive", "form", *ANSWERS, *events.KEYS)
YES = {"true": True, "yes": True, "false": False, "no": False}
WORDS = re.compile(
    r"(?P<url>https?://[^\s<>\"]+[^\s<>\".,;:!?)\]'])"
    r"|(?<![\w/@])(?P<mention>@[\w.+-]+@[\w.-]+[\w](?::\d{1,5})?)"
    r"|(?<![\w&/#])#(?P<tag>[^\W_]\w{0,99})"
)


@dataclass(frozen=True, slots=True)
class Mentioned:
    """Somebody whom a text names: her handle as written, actor, page and inboxes."""

    handle: str
    actor: str
    url: str
    inbox: str
    shared_inbox: str | None = None


@dataclass(frozen=True, slots=True)
class Rendered:
    """A text as HTML, with the hashtags and the people it names."""

    html: str
    tags: tuple[str, ...]
    mentions: tuple[Mentioned, ...]


def read(text: str, *, report_keys: frozenset[str] = frozenset()) -> Draft:
    """The draft in the text of a file. `report_keys`: the further keys that make it a report of a struggle.

    Raises Invalid, with line and field.
    """
    values, lines, body = _front_matter(text.lstrip("\ufeff").replace("\r\n", "\n"))
    appeal, answer, conditions = _appeal(values), _answer(values), _conditions(values)
    of_a_kind = {*(APPEAL if appeal else ()), *(APPEAL_ANSWER if answer else ()), *conditions}
    values = {key: value for key, value in values.items() if key not in of_a_kind}
    of_report = report_keys - set(KEYS)
    if "starts" not in values and any(key in of_report for key in values):
        of_report |= report_keys & set(events.KEYS)  # a place or a status is then the report's
    report = {key: value for key, value in values.items() if key in of_report}
    event = {key: values[key] for key in events.KEYS if values.get(key) and key not in of_report}
    for key in values:
        if key not in of_report and key not in KEYS:
            known = ", ".join(KEYS)
            raise Invalid(
                "there is no such key; the keys are {known}, and those of a report, an appeal or conditions",
                field=key,
                line=lines[key],
                known=known,
            )
    return Draft(
        text=body.strip() + "\n" if body.strip() else "",
        title=values.get("title") or None,
        language=values.get("language") or None,
        summary=values.get("summary") or None,
        tags=_tags(values.get("tags", "")),
        sensitive=_yes_or_no(values, lines),
        form=_form(values, lines),
        reply_to=values.get("reply_to") or None,
        quote=values.get("quote") or None,
        minority_of=values.get("minority_of") or None,
        event=event,
        report=report,
        position={name: values[key] for key, name in POSITION.items() if values.get(key)},
        appeal=appeal,
        answer=answer,
        conditions=conditions,
    )


def _appeal(values: Mapping[str, str]) -> dict[str, str]:
    """The fields of an appeal, if it is one."""
    return {name: values[key] for key, name in APPEAL.items() if values.get(key)} if values.get("appeal") else {}


def _answer(values: Mapping[str, str]) -> dict[str, str]:
    """The fields of an answer to an appeal, if it is one."""
    found = {name: values[key] for key, name in APPEAL_ANSWER.items() if values.get(key)}
    return found if "to" in found else {}


def _conditions(values: Mapping[str, str]) -> dict[str, str]:
    """The fields of a report of conditions, if it is one."""
    if not any(CONDITION.fullmatch(key) for key in values):
        return {}
    return {key: value for key, value in values.items() if value and (CONDITION.fullmatch(key) or key in OF_CONDITIONS)}


def _front_matter(text: str) -> tuple[dict[str, str], dict[str, int], str]:
    values: dict[str, str] = {}
    where: dict[str, int] = {}
    lines = text.split("\n")
    if lines[0].strip() != FENCE:
        return values, where, text
    for number, line in enumerate(lines[1:], start=2):
        if line.strip() == FENCE:
            return values, where, "\n".join(lines[number:])
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, colon, value = line.partition(":")
        key = key.strip().lower().replace("-", "_")
        if not colon or not key or line[0].isspace():
            raise Invalid(
                "{value!r} cannot be read; write: key: value",
                field="front matter",
                line=number,
                value=line.strip()[:60],
            )
        if key in values:
            raise Invalid("it stands there twice", field=key, line=number)
        values[key], where[key] = _unquoted(value.strip()), number
    raise Invalid(
        "the front matter does not end; close it with a line of {fence}", field="front matter", line=1, fence=FENCE
    )


def _unquoted(value: str) -> str:
    if len(value) >= 2 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1].replace(f"\\{value[0]}", value[0])
    return value


def _tags(value: str) -> tuple[str, ...]:
    parts = value.strip("[]").replace(",", " ").split()
    return tuple(dict.fromkeys(_unquoted(part).lstrip("#") for part in parts))


def _yes_or_no(values: dict[str, str], lines: dict[str, int]) -> bool:
    value = values.get("sensitive", "no").lower()
    if value not in YES:
        raise Invalid("{value!r} is neither true nor false", field="sensitive", line=lines["sensitive"], value=value)
    return YES[value]


def _form(values: dict[str, str], lines: dict[str, int]) -> Form | None:
    value = values.get("form", "").lower()
    if value not in ("", "note", "article"):
        raise Invalid("{value!r} is neither note nor article", field="form", line=lines["form"], value=value)
    return Form(value.capitalize()) if value else None


def handles_in(text: str) -> list[str]:
    """The handles (@name@host) that a text names, each once."""
    return list(dict.fromkeys(match["mention"] for match in WORDS.finditer(text) if match["mention"]))


@dataclass(frozen=True, slots=True)
class PictureNamed:
    """A picture that a text shows: where it is, what it shows, and the line of the text it stands on (from 1)."""

    source: str
    description: str
    line: int


def pictures_in(text: str) -> list[PictureNamed]:
    """The pictures that a Markdown text shows, in their order."""
    found = []
    for block in _markdown()("commonmark", {"html": False}).parse(text):
        for token in block.children or []:
            if token.type == "image":
                line = (block.map or [0])[0] + 1
                found.append(PictureNamed(str(token.attrs["src"]), token.content, line))
    return found


def render(
    text: str, *, tag_address: str, tags: tuple[str, ...] = (), mentions: Mapping[str, Mentioned] | None = None
) -> Rendered:
    """Markdown as clean HTML, with links for addresses, tags and those in `mentions`.

    `tag_address` is the address of a tag's page without the tag. `tags` that the text does not name stand in a last
    paragraph, because other software reads a tag only where it is written.
    """
    found: dict[str, str] = {}
    named: dict[str, Mentioned] = {}
    parser = _markdown()("commonmark", {"html": False, "typographer": False}).enable(["table", "strikethrough"])

    def link_words(state: StateCore) -> None:
        for block in state.tokens:
            if block.type == "inline" and block.children:
                block.children = _linked(block.children, tag_address, mentions or {}, found, named)

    parser.core.ruler.push("link_words", link_words)
    # Pictures are attachments on the wire, and stand below the text.
    parser.add_render_rule("image", lambda *_: "")
    html = parser.render(text).replace("<p></p>\n", "")
    missing = [tag for tag in tags if tag.casefold() not in found]
    if missing:
        html += "<p>" + " ".join(_tag_link(tag_address, tag) for tag in missing) + "</p>\n"
        found.update({tag.casefold(): tag for tag in missing})
    return Rendered(markup.clean(html), tuple(found.values()), tuple(named.values()))


def _linked(
    tokens: list[Token],
    tag_address: str,
    mentions: Mapping[str, Mentioned],
    found: dict[str, str],
    named: dict[str, Mentioned],
) -> list[Token]:
    result: list[Token] = []
    depth = 0
    for token in tokens:
        depth += token.type == "link_open"
        depth -= token.type == "link_close"
        if token.type != "text" or depth:
            result.append(token)
            continue
        position = 0
        for match in WORDS.finditer(token.content):
            link = _link(match, tag_address, mentions, found, named)
            if link is None:
                continue
            result += [_text(token.content[position : match.start()]), _raw(link)]
            position = match.end()
        result.append(_text(token.content[position:]))
    return result


def _link(
    match: re.Match[str],
    tag_address: str,
    mentions: Mapping[str, Mentioned],
    found: dict[str, str],
    named: dict[str, Mentioned],
) -> str | None:
    if match["url"]:
        return f'<a href="{escape(match["url"])}">{escape(match["url"])}</a>'
    if match["tag"]:
        if match["tag"].isdecimal():
            return None
        found.setdefault(match["tag"].casefold(), match["tag"])
        return _tag_link(tag_address, match["tag"])
    person = mentions.get(match["mention"])
    if person is None:
        return None
    named[person.actor] = person
    name = escape(match["mention"].rpartition("@")[0])
    return f'<span class="h-card"><a href="{escape(person.url)}" class="u-url mention">{name}</a></span>'


def _tag_link(address: str, tag: str) -> str:
    return f'<a href="{escape(address + quote(tag.casefold()))}" class="mention hashtag">#{escape(tag)}</a>'


def _markdown() -> type[MarkdownIt]:
    from markdown_it import MarkdownIt  # two megabytes, until something is written

    return MarkdownIt


def _token(*args: Any, **kwargs: Any) -> Token:
    from markdown_it.token import Token

    return Token(*args, **kwargs)


def _text(content: str) -> Token:
    return _token("text", "", 0, content=content)


def _raw(content: str) -> Any:
    return _token("html_inline", "", 0, content=content)
