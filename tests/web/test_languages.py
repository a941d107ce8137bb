"""Everybody reads the pages in her language: which one that is, and that nothing is mixed up on the way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from node import localised, translating
from node.errors import Forbidden
from tests.nodes.served import ServedNode

ASKED = [
    ("", "en"),
    ("fr", "fr"),
    ("fr-CA,fr;q=0.9,en;q=0.8", "fr"),
    ("AR-EG", "ar"),
    ("it, pt;q=0.9", "en"),
    ("it, de;q=0.4, es;q=0.5", "es"),
    ("en;q=0.1, fr;q=0", "en"),
    ("fr;q=nonsense, de;q=0.1", "de"),
    ("*", "en"),
    (";;,,=q;fr", "en"),
    ("x" * 100_000 + ",fr", "en"),
    ("french", "en"),
]
FORMS = [
    ("en", "8 Mar 2026, 14:30 UTC", "1,234.5", "8 Mar 2026", "March 2026", "36 hours"),
    ("fr", "8 mars 2026, 14:30 UTC", "1\u202f234,5", "8 mars 2026", "mars 2026", "36 heures"),
    ("es", "8 mar 2026, 14:30 UTC", "1.234,5", "8 mar 2026", "marzo de 2026", "36 horas"),
    ("de", "8. März 2026, 14:30 UTC", "1.234,5", "8. März 2026", "März 2026", "36 Stunden"),
    ("ar", "8 مارس 2026، 2:30 م UTC", "1,234.5", "8 مارس 2026", "مارس 2026", "36 ساعة"),
]


@pytest.mark.parametrize(("header", "language"), ASKED)
def test_the_language_is_the_one_that_the_reader_likes_best(header: str, language: str) -> None:
    assert translating.asked_for(header) == language


@pytest.mark.parametrize(("language", "moment", "number", "day", "month", "duration"), FORMS)
def test_dates_and_numbers_are_written_as_the_language_does(
    language: str, moment: str, number: str, day: str, month: str, duration: str
) -> None:
    assert localised.moment(datetime(2026, 3, 8, 14, 30, 5, tzinfo=UTC), language) == moment
    assert localised.number(1234.5, language) == number
    assert localised.number(12.0, language) == "12"
    assert localised.day("2026-03-08", language) == day
    assert localised.day("2026-03", language) == month
    assert localised.day("2026", language) == "2026"
    assert localised.day("2026-13-40", language) == "2026-13-40", "what others sent wrong is shown as it came"
    assert localised.duration(129_600, language).replace("\u00a0", " ") == duration


def test_a_country_and_a_quarter_are_named_as_the_language_does() -> None:
    named = {
        language: (localised.country("EG", language), localised.period("1990-Q2", language))
        for language in translating.LANGUAGES
    }
    assert named == {
        "en": ("Egypt", "Q2 1990"),
        "fr": ("Égypte", "T2 1990"),
        "es": ("Egipto", "T2 1990"),
        "de": ("Ägypten", "Q2 1990"),
        "ar": ("مصر", "الربع الثاني 1990"),
    }
    assert [localised.period(one, "en") for one in ("1984-05", "1984", "0000-Q1")] == ["May 1984", "1984", "0000-Q1"]
    assert localised.country("ZQ", "de") == "ZQ", "what nobody has named is shown as it came"


def test_days_are_days_where_the_language_has_no_longer_word_for_them() -> None:
    day = 86_400
    assert [localised.duration(days * day, "ar") for days in (1, 2, 3, 11)] == ["يوم", "يومان", "3 أيام", "11 يومًا"]
    assert localised.roughly(2.5 * day, "ar") == "يومان"
    assert localised.duration(3 * day, "en") == "3 days"


def test_an_error_says_the_same_in_every_language_and_keeps_its_values() -> None:
    error = Forbidden("you hold no mandate in a group “{handle}” of this node", handle="{0} 100% <b>")
    assert str(error) == translating.said(error) == "you hold no mandate in a group “{0} 100% <b>” of this node"
    with translating.speaking("fr"):
        assert translating.said(error) == "vous n’avez pas de mandat dans un groupe « {0} 100% <b> » de ce nœud"
    assert translating.spoken() == "en"


def test_each_language_has_its_own_plurals() -> None:
    one, many = "%(shown)s follows us", "%(shown)s follow us"
    with translating.speaking("fr"):
        assert translating.counted(one, many, 0) == translating.counted(one, many, 1)
    with translating.speaking("ar"):
        assert len({translating.counted(one, many, number) for number in (0, 1, 2, 3)}) == 4
    with translating.speaking("es"):
        assert translating.counted("never translated", "never translated at all", 2) == "never translated at all"


async def page(node: ServedNode, path: str, language: str, **headers: str) -> tuple[int, str, Any]:
    asked = {"Accept": "text/html", "Accept-Language": language} | headers
    async with node.http.get(node.origin + path, headers=asked) as answer:
        return answer.status, await answer.text(), answer.headers


async def test_a_page_is_in_the_language_of_whoever_asks(node: ServedNode) -> None:
    ours = await node.publish("We stop work.", title="Out tonight")
    path = ours.removeprefix(node.origin)
    etags = {}
    for language, direction, words in (
        ("en", "ltr", "Skip to the text"),
        ("fr", "ltr", "Aller au texte"),
        ("ar", "rtl", "انتقل إلى النص"),
        ("it", "ltr", "Skip to the text"),
        ("en", "ltr", "Skip to the text"),
    ):
        for address in ("/", path, "/about", "/login"):
            status, text, headers = await page(node, address, language)
            spoken = "en" if language == "it" else language
            assert status == 200
            assert f'<html lang="{spoken}" dir="{direction}">' in text and words in text, (language, address)
            if address != "/login":
                assert headers["Vary"] == "Accept, Accept-Language"
        etags[language] = (await page(node, path, language))[2]["ETag"]
        status, text, headers = await page(node, "/statements/none", language)
        assert status == 404 and words in text and headers["Vary"] == "Accept, Accept-Language"
    assert len(set(etags.values())) == 3, "a cache that asks again gets no page in another language"
    assert (await page(node, path, "fr", **{"If-None-Match": etags["fr"]}))[0] == 304
    assert (await page(node, path, "fr", **{"If-None-Match": etags["ar"]}))[0] == 200


async def test_documents_for_servers_are_the_same_in_every_language(node: ServedNode) -> None:
    ours = await node.publish("We stop work.")
    found = []
    for language in ("fr", "ar"):
        headers = {"Accept": "application/activity+json", "Accept-Language": language}
        async with node.http.get(ours, headers=headers) as answer:
            found.append((answer.status, answer.headers["Vary"], await answer.read()))
    assert found[0] == found[1]
    assert found[0][:2] == (200, "Accept")


async def test_a_feed_and_a_quotation_speak_the_language_of_whoever_wrote(node: ServedNode) -> None:
    ours = await node.publish("We stop work.", title="Out tonight")
    for path in ("/wire.atom", f"/api/oembed?url={ours}", "/groups/union.atom"):
        found = []
        for language in ("fr", "ar"):
            async with node.http.get(node.origin + path, headers={"Accept-Language": language}) as answer:
                assert answer.status == 200
                found.append(await answer.read())
        assert found[0] == found[1], path
