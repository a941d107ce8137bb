"""Which words of a text are marked, and what of a long text is shown around them."""

from __future__ import annotations

import pytest

from node.search import hits, rules


def marked(text: str, asked: str) -> str:
    return "".join(f"[{part}]" if hit else part for part, hit in hits.whole(text, rules.read(asked)).parts())


@pytest.mark.parametrize(
    ("text", "asked", "shown"),
    [
        ("The Strike goes on: strikes, STRIKE!", "strike", "The [Strike] goes on: strikes, [STRIKE]!"),
        ("The Strike goes on: strikes", "strike*", "The [Strike] goes on: [strikes]"),
        ("a general strike, generally", '"general strike"', "a [general strike], generally"),
        ("Łódź, Straße, naïve", "lodz strasse naive", "[Łódź], [Straße], [naïve]"),
        ("2024年罢工工人", "罢工", "2024年[罢工]工人"),
        ("罢工工人", "工", "罢[工工]人"),
        ("إِضْرَاب في المصنع", "اضراب مصنع", "[إِضْرَاب] في [المصنع]"),
        ("मज़दूर हड़ताल", "हड़ताल", "मज़दूर [हड़ताल]"),
        ("wages <b>&amp;", "wages -hours", "[wages] <b>&amp;"),
        ("nothing", "strike", "nothing"),
    ],
)
def test_what_was_looked_for_is_marked_as_it_is_written(text: str, asked: str, shown: str) -> None:
    assert marked(text, asked) == shown


def test_of_a_long_text_the_passage_around_the_first_hit_is_shown() -> None:
    text = "before " * 100 + "the strike at the harbour " + "after " * 100
    passage = hits.around(text, rules.read("strike"))
    assert "".join(part for part, hit in passage.parts() if hit) == "strike"
    assert passage.text.startswith("… before") and passage.text.endswith("after …") and len(passage.text) < 300
    beginning = hits.around(text, rules.read("nothing"))
    assert beginning.text.startswith("before") and beginning.hits == ()
    assert hits.around("short strike", rules.read("strike")).text == "short strike"
    chinese = hits.around("前" * 400 + "罢工" + "后" * 400, rules.read("罢工"))
    assert "".join(part for part, hit in chinese.parts() if hit) == "罢工" and len(chinese.text) < 300
