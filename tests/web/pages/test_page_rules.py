"""What pages make of languages, texts, places and ids, without a node."""

from __future__ import annotations

from pathlib import Path

import pytest

from node.errors import Missing
from node.identifiers import spell
from node.web.pages import entries, languages, source
from node.web.pages.text_page import number_of


@pytest.mark.parametrize(
    ("language", "direction"),
    [
        ("en", "ltr"),
        ("ar", "rtl"),
        ("ar-MA", "rtl"),
        ("FA", "rtl"),
        ("ku", "ltr"),
        ("ku-Arab", "rtl"),
        ("az-Latn-IR", "ltr"),
        ("yi", "rtl"),
        (None, "auto"),
        ("", "auto"),
        ("und", "auto"),
        ('en" onclick="x', "auto"),
    ],
)
def test_a_language_says_in_which_direction_it_is_written(language: str | None, direction: str) -> None:
    assert languages.direction(language) == direction


def test_what_is_no_language_never_becomes_an_attribute() -> None:
    assert languages.tag("pt-BR") == "pt-BR"
    assert languages.tag('en" onclick="x') == ""
    assert languages.name("pt-BR") == "português (BR)"
    assert languages.name("tlh") == "tlh"


@pytest.mark.parametrize(
    ("html", "directed"),
    [
        ("<p>Hello</p>", '<p dir="ltr">Hello</p>'),
        ("<p>مرحبا</p>", '<p dir="rtl">مرحبا</p>'),
        ("<blockquote><p>«مرحبا»</p></blockquote>", '<blockquote dir="rtl"><p dir="rtl">«مرحبا»</p></blockquote>'),
        ("<ul><li>1. שלום</li></ul>", '<ul dir="rtl"><li dir="rtl">1. שלום</li></ul>'),
        ('<ol start="3"><li>a</li></ol>', '<ol dir="ltr" start="3"><li dir="ltr">a</li></ol>'),
        ('<p dir="rtl">Hello</p>', '<p dir="rtl">Hello</p>'),
        ("<p>12 &amp; 13</p>", "<p>12 &amp; 13</p>"),
        ('<p><a href="https://a.example">مرحبا</a></p>', '<p dir="rtl"><a href="https://a.example">مرحبا</a></p>'),
        ("<p></p><p>مرحبا</p>", '<p></p><p dir="rtl">مرحبا</p>'),
    ],
)
def test_each_block_of_a_text_gets_the_direction_of_its_own_words(html: str, directed: str) -> None:
    assert entries.directed(html) == directed


def test_a_last_line_of_hashtags_is_left_out_and_nothing_else() -> None:
    ours = '<p><a href="/tags/a" class="mention hashtag" rel="x">#a</a> <a class="hashtag">#b</a></p>'
    mastodon = '<p><a href="https://m.example/tags/a" class="mention hashtag" rel="tag">#<span>a</span></a></p>'
    assert entries.without_last_tags(f"<p>Text</p>\n{ours}\n") == "<p>Text</p>"
    assert entries.without_last_tags(f"<p>Text</p>{mastodon}") == "<p>Text</p>"
    words = '<p>See <a class="hashtag">#a</a></p>'
    assert entries.without_last_tags(words) == words


def test_a_text_that_uses_the_first_heading_has_its_headings_lowered() -> None:
    assert entries.lowered("<h1>A</h1><h2>B</h2>") == "<h2>A</h2><h3>B</h3>"
    assert entries.lowered("<h2>B</h2>") == "<h2>B</h2>"


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (("Newark", "US-NJ", "US"), "Newark, NJ, United States"),
        (("Long Kesh", "GB-NIR", "GB"), "Long Kesh, United Kingdom"),
        ((None, "ES-CT", "ES"), "CT, Spain"),
        (("Oka", None, None), "Oka"),
        ((None, None, "ZZ"), "ZZ"),
        ((None, None, None), ""),
    ],
)
def test_a_place_is_written_as_on_an_envelope(place: tuple[str | None, str | None, str | None], words: str) -> None:
    assert entries.place_in_words(*place) == words


def test_the_letters_of_an_address_are_read_back_into_the_number() -> None:
    for number in (0, 1, 2**62 + 12345, 2**63 - 1):
        assert number_of(spell(number)) == number
    for text in ("", "zzzzzzzzzzzzz", "0000000000il0", "../0000000000", "0" * 14, "٠" * 13):
        with pytest.raises(Missing):
            number_of(text)


def test_of_a_folder_only_source_is_given_away(tmp_path: Path) -> None:
    (tmp_path / "room").mkdir()
    for name in ("room/rules.py", "page.html", "node.toml", "key.rsa.pem", "node.db", "rules.pyc", ".env", "notes"):
        (tmp_path / name).write_text(name)
    assert [name for name, _ in source.below(tmp_path, "node")] == ["node/page.html", "node/room/rules.py"]
