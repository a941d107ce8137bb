"""What a text is found by, in the scripts that people write: the same words for a text and for a question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.errors import Invalid
from node.search import rules, words
from node.search.rules import Term


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The STRIKE, at 6:30!", ["the", "strike", "at", "6", "30"]),
        ("L’usine de Žižek; Straße, Łódź, søndag", ["l", "usine", "de", "zizek", "strasse", "lodz", "sondag"]),
        ("Ελλάδα Ёлка", ["ελλαδα", "елка"]),
        ("الإضراب في المصنع للعمّال", ["اضراب", "في", "مصنع", "عمال"]),
        ("إِضْـــرَاب ۱۲", ["اضراب", "12"]),
        ("עֲבוֹדָה", ["עבודה"]),
        ("मज़दूर हड़ताल।", ["मज़दूर", "हड़ताल"]),
        ("罢工工人", ["罢工", "工工", "工人", "人"]),
        ("労働者のｽﾄﾗｲｷ", ["労働", "働者", "者の", "のス", "スト", "トラ", "ライ", "イキ", "キ"]),
        ("2024年罢工", ["2024", "年罢", "罢工", "工"]),
        ("파업을", ["파업", "업을", "을"]),
    ],
)
def test_a_text_is_cut_into_words_as_its_readers_would(text: str, found: list[str]) -> None:
    assert words.of(text) == found
    assert [one.word for one in words.places(text)] == found


def test_what_is_asked_of_scripts_without_spaces_is_what_stands_inside_longer_words() -> None:
    assert words.asked("罢工工人") == (["罢工", "工工", "工人"], False)
    assert words.asked("工") == (["工"], True)
    assert words.asked("Strike") == (["strike"], False)


@given(st.text(max_size=60))
def test_every_text_has_words_that_both_databases_take(text: str) -> None:
    for word in words.of(text):
        assert word and not set(word) & set(" \t\n\0'\"\\·:*()&|!<>") and word.casefold()
    for place in words.places(text):
        assert 0 <= place.start < place.end <= len(text)


@given(st.text(alphabet="aéÉß罢工人のสืัالإضराह़ॉ파업 .’", max_size=40))
def test_whoever_asks_for_a_text_as_it_is_written_finds_it(text: str) -> None:
    asked, begins = words.asked(text)
    found = words.of(text)
    whole = asked[:-1] if begins else asked
    assert found[: len(whole)] == whole
    assert not begins or found[len(whole)].startswith(asked[-1])


@pytest.mark.parametrize(
    ("text", "terms", "without"),
    [
        ("strike wage*", [Term(("strike",)), Term(("wage",), True)], []),
        ('"general strike" -lockout', [Term(("general", "strike"))], [Term(("lockout",))]),
        ("“rent strike” «Villa Nova»", [Term(("rent", "strike")), Term(("villa", "nova"))], []),
        ("l’usine", [Term(("l", "usine"))], []),
        ("罢工 工", [Term(("罢工",)), Term(("工",), True)], []),
        ('-"a b" c *', [Term(("c",))], [Term(("a", "b"))]),
        ("w*", [Term(("w",))], []),
        ('unclosed "harbour line', [Term(("unclosed",)), Term(("harbour", "line"))], []),
    ],
)
def test_what_somebody_types_is_read_as_she_means_it(text: str, terms: list[Term], without: list[Term]) -> None:
    assert rules.read(text) == rules.Wanted(tuple(terms), tuple(without))


@pytest.mark.parametrize("text", ["", "  ", "-strike", "?!", '""', "word " * 21 + "x", "a" * 201, "1 2 3 4 5 " * 19])
def test_what_is_no_question_is_refused_with_its_field(text: str) -> None:
    if text.startswith("word"):
        text = " ".join(f"w{number}" for number in range(21))
    with pytest.raises(Invalid) as refused:
        rules.read(text)
    assert refused.value.field == "q"
