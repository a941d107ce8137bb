"""A statement or a report in a JSON or YAML file, as the object that it holds. Pure.

YAML is read as JSON with fewer signs: every scalar is a text, so that NO stays Norway and 2026-11-03 a date that is
read like any other; an anchor, a tag or a key that stands there twice is refused, because nobody should have to guess
what a report says.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from node.errors import Invalid, apart, together
from node.reports import writing
from node.statements.rules import Draft
from schemas.reading import Malformed, loads

if TYPE_CHECKING:
    import yaml

ENDINGS = (".json", ".yaml", ".yml")
CHARACTERS_AT_MOST = 500_000
DEEP_AT_MOST = 20


def read(text: str, *, ending: str) -> Draft:
    """The statement or report in the text of a file with that ending. Raises Invalid, with the field, or the line."""
    return _read(text, ending, whole=True)


def outline(text: str, *, ending: str) -> Draft:
    """As `read`, of what is to be a draft: its fields may still be wrong."""
    return _read(text, ending, whole=False)


def _read(text: str, ending: str, *, whole: bool) -> Draft:
    if len(text) > CHARACTERS_AT_MOST:
        raise Invalid("the file has {given} characters; {limit} are the limit",
                      given=len(text), limit=CHARACTERS_AT_MOST)  # fmt: skip
    bare = text.lstrip("\ufeff")
    lines: dict[str, int] = {}
    document = _json(bare) if ending.lower() == ".json" else _yaml(bare, lines)
    try:
        draft = writing.draft_of(document)
        if whole and draft.report:
            writing.report_in(draft)  # here the lines are still known
        return draft
    except Invalid as error:
        raise together([one.placed(one.field, _line_of(one.field or "", lines)) for one in apart(error)]) from None


def _line_of(path: str, lines: dict[str, int]) -> int | None:
    """The line of what is at fault, or of what it stands in; JSON has none."""
    while path and path not in lines:
        path = path[: max(path.rfind("."), path.rfind("["), 0)]
    return lines.get(path) if path else None


def _json(text: str) -> dict[str, Any]:
    try:
        return loads(text.encode("utf-8", "surrogatepass"))
    except Malformed as error:
        raise Invalid("this is no JSON that can be read: it {reason}", reason=error.why) from None


def _yaml(text: str, lines: dict[str, int]) -> dict[str, Any]:
    import yaml  # half a megabyte, until somebody writes in it

    try:
        for event in yaml.parse(text, Loader=yaml.BaseLoader):
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise Invalid("anchors (&) and aliases (*) are not read: write it out", line=_line(event))
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "it cannot be read"
        raise Invalid(
            "this is no YAML: {reason}", reason=reason, line=mark.line + 1 if mark is not None else None
        ) from None
    if not isinstance(root, yaml.MappingNode):
        raise Invalid("write a key, a colon and a value on each line", line=1)
    found: dict[str, Any] = _value(root, lines, "", 0)
    return found


def _value(node: yaml.Node, lines: dict[str, int], path: str, depth: int) -> Any:
    """A node as lists, objects and texts, with the line of each path."""
    import yaml

    lines.setdefault(path, _line(node))
    if depth > DEEP_AT_MOST:
        raise Invalid("it is nested too deeply", line=_line(node))
    if isinstance(node, yaml.SequenceNode):
        return [_value(one, lines, f"{path}[{number}]", depth + 1) for number, one in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        return str(node.value)
    found: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise Invalid("a key is one word", line=_line(key))
        if key.value in found:
            raise Invalid("it stands there twice", field=key.value, line=_line(key))
        found[key.value] = _value(value, lines, f"{path}.{key.value}" if path else key.value, depth + 1)
    return found


def _line(place: Any) -> int:
    mark = place.start_mark
    return int(mark.line) + 1 if mark is not None else 1
