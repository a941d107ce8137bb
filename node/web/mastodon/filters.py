"""A viewer's filters, in version 2 of the API."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiohttp import web

from node.context import Transaction
from node.errors import Invalid
from node.marks import filtering, filters, rules
from node.marks.filtering import Wish, Word
from node.members.viewers import Viewer
from node.web.mastodon import addressed, door, finding, parameters
from node.web.mastodon.answers import answer
from node.web.mastodon.entities import relationships
from node.web.mastodon.parameters import Parameters


async def all_of(request: web.Request) -> web.Response:
    """Her filters."""
    viewer = await door.viewer(request)
    found = await addressed.read(request, filters.of, viewer.id)
    return answer(request, [relationships.filter_(one) for one in found])


async def one(request: web.Request) -> web.Response:
    """One filter."""
    return await _shown(request, await door.viewer(request), addressed.small(request))


async def make(request: web.Request) -> web.Response:
    """A new filter with its keywords."""
    viewer, given = await door.viewer(request), await parameters.of(request)
    wish, words = wish_of(given, action=given.text("filter_action")), _words(given)
    return await _shown(request, viewer, await addressed.written(request, filtering.add, viewer, wish, words))


async def change(request: web.Request) -> web.Response:
    """Change a filter and its keywords."""
    viewer, given, number = await door.viewer(request), await parameters.of(request), addressed.small(request)
    wish, words = wish_of(given, action=given.text("filter_action")), _words(given)
    await addressed.written(request, filtering.change, viewer, number, wish, words)
    return await _shown(request, viewer, number)


async def drop(request: web.Request) -> web.Response:
    """Delete a filter."""
    viewer, number = await door.viewer(request), addressed.small(request)

    def act(tx: Transaction) -> None:
        filters.drop(tx, filters.find(tx, viewer.id, number).row.id)

    await addressed.written(request, act)
    return answer(request, {})


async def keywords(request: web.Request) -> web.Response:
    """The keywords of a filter."""
    viewer, number = await door.viewer(request), addressed.small(request)
    whole = await addressed.read(request, filters.find, viewer.id, number)
    return answer(request, [relationships.keyword(row) for row in whole.keywords])


async def add_keyword(request: web.Request) -> web.Response:
    """A new keyword."""
    viewer, given, number = await door.viewer(request), await parameters.of(request), addressed.small(request)
    made = await addressed.written(request, filtering.add_word, viewer, number, _word(given))
    return await _keyword(request, viewer, made)


async def keyword(request: web.Request) -> web.Response:
    """One keyword."""
    return await _keyword(request, await door.viewer(request), addressed.small(request))


async def change_keyword(request: web.Request) -> web.Response:
    """Change a keyword."""
    viewer, given, number = await door.viewer(request), await parameters.of(request), addressed.small(request)
    await addressed.written(request, filtering.change_word, viewer, number, _word(given))
    return await _keyword(request, viewer, number)


async def drop_keyword(request: web.Request) -> web.Response:
    """Delete a keyword."""
    return await _dropped(request, filters.keyword, filters.drop_keyword)


async def statuses(request: web.Request) -> web.Response:
    """The texts that a filter names."""
    viewer, number = await door.viewer(request), addressed.small(request)
    whole = await addressed.read(request, filters.find, viewer.id, number)
    return answer(request, [relationships.filtered_status(row) for row in whole.statuses])


async def add_status(request: web.Request) -> web.Response:
    """Name a text in a filter."""
    viewer, given, number = await door.viewer(request), await parameters.of(request), addressed.small(request)
    named = given.optional_number("status_id")
    if named is None:
        raise Invalid("say which text", field="status_id")

    def act(tx: Transaction) -> int:
        return filtering.add_status(tx, viewer, number, str(finding.text(tx, named, viewer).iri))

    return await _status(request, viewer, await addressed.written(request, act))


async def status(request: web.Request) -> web.Response:
    """One text in a filter."""
    return await _status(request, await door.viewer(request), addressed.small(request))


async def drop_status(request: web.Request) -> web.Response:
    """Take a text from a filter."""
    return await _dropped(request, filters.status, filters.drop_status)


# ---- version 1


async def all_of_v1(request: web.Request) -> web.Response:
    """Her keywords, each as a filter of version 1."""
    viewer = await door.viewer(request)
    found = await addressed.read(request, filters.of, viewer.id)
    return answer(request, [one for whole in found for one in relationships.filters_v1(whole)])


async def one_v1(request: web.Request) -> web.Response:
    """One of them."""
    return await _shown_v1(request, await door.viewer(request), addressed.small(request))


async def make_v1(request: web.Request) -> web.Response:
    """A filter of one keyword."""
    viewer, given = await door.viewer(request), await parameters.of(request)
    phrase, wish = given.text("phrase") or "", _wish_v1(given)
    whole_word = given.flag("whole_word")
    number = await addressed.written(request, filtering.add_v1, viewer, phrase, wish, whole_word=whole_word)
    return await _shown_v1(request, viewer, number)


async def change_v1(request: web.Request) -> web.Response:
    """Change it."""
    viewer, given, number = await door.viewer(request), await parameters.of(request), addressed.small(request)
    word = Word(given.text("phrase"), given.optional_flag("whole_word"))
    await addressed.written(request, filtering.change_v1, viewer, number, _wish_v1(given), word)
    return await _shown_v1(request, viewer, number)


async def drop_v1(request: web.Request) -> web.Response:
    """Delete it."""
    await addressed.written(request, filtering.drop_v1, await door.viewer(request), addressed.small(request))
    return answer(request, {})


# ---- what is sent and shown


def wish_of(given: Parameters, *, action: str | None) -> Wish:
    """What an app says of a filter. Raises Invalid."""
    contexts = tuple(given.many("context", at_most=len(rules.CONTEXTS) * 2)) if "context" in given else None
    seconds = given.optional_number("expires_in")
    return Wish(given.text("title"), contexts, action, seconds, "expires_in" in given)


def _wish_v1(given: Parameters) -> Wish:
    irreversible = given.optional_flag("irreversible")
    action = None if irreversible is None else rules.V1_ACTIONS[irreversible]
    wish = wish_of(given, action=action)
    return Wish(given.text("phrase"), wish.contexts, wish.action, wish.seconds, wish.lasts)


def _words(given: Parameters) -> list[Word]:
    found = given.mappings("keywords_attributes", at_most=rules.KEYWORDS_AT_MOST * 2)
    return [_word(Parameters(one)) for one in found]


def _word(given: Parameters) -> Word:
    number = given.optional_number("id")
    if number is not None and not 0 <= number <= addressed.SMALL:
        raise Invalid("{given!r} is no id", field="id", given=str(number))
    return Word(given.text("keyword"), given.optional_flag("whole_word"), number, given.flag("_destroy"))


async def _shown(request: web.Request, viewer: Viewer, number: int) -> web.Response:
    return answer(request, relationships.filter_(await addressed.read(request, filters.find, viewer.id, number)))


async def _shown_v1(request: web.Request, viewer: Viewer, number: int) -> web.Response:
    def ask(tx: Transaction) -> dict[str, Any]:
        whole = filters.find(tx, viewer.id, filters.keyword(tx, viewer.id, number).filter)
        return next(one for one in relationships.filters_v1(whole) if one["id"] == str(number))

    return answer(request, await addressed.read(request, ask))


async def _keyword(request: web.Request, viewer: Viewer, number: int) -> web.Response:
    return answer(request, relationships.keyword(await addressed.read(request, filters.keyword, viewer.id, number)))


async def _status(request: web.Request, viewer: Viewer, number: int) -> web.Response:
    return answer(
        request, relationships.filtered_status(await addressed.read(request, filters.status, viewer.id, number))
    )


async def _dropped(
    request: web.Request, find: Callable[[Transaction, int, int], Any], drop: Callable[[Transaction, int], None]
) -> web.Response:
    viewer, number = await door.viewer(request), addressed.small(request)

    def act(tx: Transaction) -> None:
        drop(tx, find(tx, viewer.id, number).id)

    await addressed.written(request, act)
    return answer(request, {})
