"""What a viewer does with her filters, in version 2 of the API and in version 1, where each keyword is a filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from node.context import Transaction
from node.errors import Invalid
from node.marks import actions, filters, matching, rules, store
from node.marks.filters import Whole
from node.marks.matching import Result
from node.members.viewers import Viewer
from node.statements import store as statements


@dataclass(frozen=True, slots=True)
class Wish:
    """What an app says of a filter; None is what it does not speak of. `seconds`: 0 is for ever."""

    title: str | None = None
    contexts: tuple[str, ...] | None = None
    action: str | None = None
    seconds: int | None = None
    lasts: bool = False
    """Whether the app says how long, be it for ever."""


@dataclass(frozen=True, slots=True)
class Word:
    """What an app says of a keyword: a new one, or (`number`) one there is, perhaps to be taken away."""

    keyword: str | None = None
    whole_word: bool | None = None
    number: int | None = None
    taken: bool = False


def add(tx: Transaction, viewer: Viewer, wish: Wish, words: Sequence[Word] = ()) -> int:
    """A new filter; its number. Raises Invalid."""
    rules.check_room(
        store.count(tx, filters.filters, filters.filters.c.viewer == viewer.id), at_most=rules.FILTERS_AT_MOST
    )
    values = {"action": "warn", "ends": None} | _values(tx, wish)
    if "title" not in values:
        raise Invalid("there is no text", field="title")
    values["contexts"] = list(rules.check_contexts(wish.contexts or ()))
    number = filters.add(tx, viewer.id, **values)
    write_words(tx, viewer, number, words)
    return number


def change(tx: Transaction, viewer: Viewer, number: int, wish: Wish, words: Sequence[Word] = ()) -> None:
    """Change a filter. Raises Missing, Invalid."""
    filters.find(tx, viewer.id, number)
    if values := _values(tx, wish):
        filters.change(tx, number, **values)
    write_words(tx, viewer, number, words)


def _values(tx: Transaction, wish: Wish) -> dict[str, Any]:
    values: dict[str, Any] = {}
    if wish.title is not None:
        values["title"] = rules.check_title(wish.title)
    if wish.contexts is not None:
        values["contexts"] = list(rules.check_contexts(wish.contexts))
    if wish.action is not None:
        values["action"] = rules.check_one_of(wish.action, rules.ACTIONS, field="filter_action")
    if wish.lasts:
        values["ends"] = rules.ends(wish.seconds, now=tx.now, field="expires_in")
    return values


def write_words(tx: Transaction, viewer: Viewer, number: int, words: Sequence[Word]) -> None:
    """Add, change and take away keywords of a filter of hers. Raises Missing, Invalid."""
    for word in words:
        if word.number is None:
            add_word(tx, viewer, number, word)
            continue
        held = filters.keyword(tx, viewer.id, word.number)
        if held.filter != number:
            raise Invalid("that keyword is of another filter", field="keywords_attributes")
        if word.taken:
            filters.drop_keyword(tx, held.id)
        else:
            change_word(tx, viewer, held.id, word)


def add_word(tx: Transaction, viewer: Viewer, number: int, word: Word) -> int:
    """A new keyword of a filter; its number. Raises Missing, Invalid."""
    there = filters.find(tx, viewer.id, number).keywords
    rules.check_room(len(there), at_most=rules.KEYWORDS_AT_MOST, field="keyword")
    rules.check_room(filters.count_keywords(tx, viewer.id), at_most=rules.KEYWORDS_IN_ALL, field="keyword")
    whole = True if word.whole_word is None else word.whole_word
    return filters.add_keyword(tx, number, rules.check_keyword(word.keyword or ""), whole_word=whole)


def change_word(tx: Transaction, viewer: Viewer, number: int, word: Word) -> None:
    """Change a keyword. Raises Missing, Invalid."""
    filters.keyword(tx, viewer.id, number)
    values: dict[str, Any] = {}
    if word.keyword is not None:
        values["keyword"] = rules.check_keyword(word.keyword)
    if word.whole_word is not None:
        values["whole_word"] = word.whole_word
    if values:
        filters.change_keyword(tx, number, **values)


def add_status(tx: Transaction, viewer: Viewer, number: int, iri: str) -> int:
    """Name a text in a filter; the number of that. Raises Missing, Invalid."""
    there = filters.find(tx, viewer.id, number).statuses
    actions.visible(tx, iri)
    if iri not in {row.object for row in there}:
        rules.check_room(len(there), at_most=rules.FILTER_STATUSES_AT_MOST, field="status_id")
        filters.add_status(tx, number, iri)
    found = filters.find(tx, viewer.id, number).statuses
    return int(next(row.id for row in found if row.object == iri))


# ---- version 1


def add_v1(tx: Transaction, viewer: Viewer, phrase: str, wish: Wish, *, whole_word: bool) -> int:
    """A filter of one keyword; the number of the keyword. Raises Invalid."""
    number = add(tx, viewer, wish, [Word(phrase, whole_word)])
    return int(filters.find(tx, viewer.id, number).keywords[0].id)


def change_v1(tx: Transaction, viewer: Viewer, number: int, wish: Wish, word: Word) -> None:
    """Change a keyword and the filter around it, unless that has other keywords. Raises Missing, Invalid."""
    held = filters.keyword(tx, viewer.id, number)
    whole = filters.find(tx, viewer.id, held.filter)
    values = _values(tx, wish)
    changed = any(getattr(whole.row, name) != value for name, value in values.items() if name != "title")
    if changed and len(whole.keywords) > 1:
        raise Invalid("this filter has several keywords, and this app knows only one; change it with another app")
    if values and len(whole.keywords) == 1:
        filters.change(tx, held.filter, **values)
    change_word(tx, viewer, number, word)


def drop_v1(tx: Transaction, viewer: Viewer, number: int) -> None:
    """Delete a keyword, and the filter around it if that is empty then. Raises Missing."""
    held = filters.keyword(tx, viewer.id, number)
    filters.drop_keyword(tx, number)
    left = filters.find(tx, viewer.id, held.filter)
    if not left.keywords and not left.statuses:
        filters.drop(tx, held.filter)


# ---- applying


def matching_filters(tx: Transaction, viewer: int, iris: Sequence[str]) -> dict[str, list[Result]]:
    """The filters of a viewer that match those of `iris` which are texts held here."""
    active: list[Whole] = filters.of(tx, viewer, active=True)
    if not active or not iris:
        return {}
    rows = statements.shown(tx, list(iris))
    texts = {iri: "" for iri in iris} | {iri: matching.words_of_row(row) for iri, row in rows.items()}
    return matching.results(active, texts)
