"""Two people change one text: what becomes of it, for every text there is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.drafts import differences
from node.drafts.differences import Change
from node.statements import joining, merging
from node.statements.rules import Draft

SENTENCES = ["We go. ", "They stay. ", "Never!\n", "At ten.\n", "\n", "خرجنا. ", "我们罢工。", "x", " "]
TEXTS = st.lists(st.sampled_from(SENTENCES), max_size=8).map("".join)

BASE = "We strike. We march at ten. We eat.\n\nThe end.\n"


@pytest.mark.parametrize(
    ("one", "other", "merged"),
    [
        (("ten", "nine"), ("eat", "sing"), "We strike. We march at nine. We sing.\n\nThe end.\n"),
        (("We strike. ", ""), ("The end.", "The beginning."), "We march at ten. We eat.\n\nThe beginning.\n"),
        (("ten", "nine"), ("ten", "nine"), "We strike. We march at nine. We eat.\n\nThe end.\n"),
        (("We strike. ", "We strike. All of us. "), ("ten", "noon"), "We strike. All of us. We march at noon. We eat.\n\nThe end.\n"),
    ],
)  # fmt: skip
def test_changes_in_different_sentences_are_both_taken(
    one: tuple[str, str], other: tuple[str, str], merged: str
) -> None:
    found = merging.merge(BASE, BASE.replace(*one), BASE.replace(*other))
    assert merging.is_clean(found)
    assert merging.text_of(found) == merged


def test_two_wordings_of_one_sentence_stand_side_by_side() -> None:
    found = merging.merge(BASE, BASE.replace("ten", "nine"), BASE.replace("ten", "noon"))
    assert not merging.is_clean(found)
    text = merging.text_of(found, names=(4, 5))
    assert "<<<<<<< 4\nWe march at nine. \n=======\nWe march at noon. \n>>>>>>> 5\n" in text
    assert merging.is_marked(text)
    assert not merging.is_marked(BASE)


@given(TEXTS, TEXTS)
def test_who_changes_alone_is_right(base: str, one: str) -> None:
    for found in (merging.merge(base, one, base), merging.merge(base, base, one), merging.merge(base, one, one)):
        assert merging.is_clean(found)
        assert merging.text_of(found) == one


@given(TEXTS, TEXTS, TEXTS)
def test_nothing_that_was_written_is_lost_and_nobody_is_preferred(base: str, one: str, other: str) -> None:
    found = merging.merge(base, one, other)
    text = merging.text_of(found)
    there = {piece for piece in merging.BREAKS.split(base) if piece.strip()}
    for side in (one, other):
        added = {piece.strip() for piece in merging.BREAKS.split(side) if piece.strip() and piece not in there}
        assert all(piece in text for piece in added)
    assert merging.is_clean(found) == merging.is_clean(merging.merge(base, other, one))


@given(TEXTS, TEXTS)
def test_a_difference_holds_both_texts_whole(before: str, after: str) -> None:
    pieces = differences.between(before, after)
    assert "".join(piece.text for piece in pieces if piece.change is not Change.ADDED) == before
    assert "".join(piece.text for piece in pieces if piece.change is not Change.REMOVED) == after
    assert differences.is_none(pieces) == (before == after)


def test_a_difference_goes_by_words_and_keeps_a_change_together() -> None:
    pieces = differences.between("We march at ten.\nAll of us.\n", "We gather before noon.\nAll of us.\n")
    assert differences.in_one_line(pieces) == "We [-march at ten-]{+gather before noon+}.\nAll of us.\n"
    arabic = differences.between("نخرج غدا صباحا", "نخرج غدا مساء")
    assert differences.in_one_line(arabic) == "نخرج غدا [-صباحا-]{+مساء+}"


def test_a_text_made_to_take_for_ever_is_compared_in_no_time() -> None:
    before, after = "a b " * 25_000, "b a c " * 17_000
    pieces = differences.between(before, after)
    assert "".join(piece.text for piece in pieces if piece.change is not Change.ADDED) == before
    assert merging.text_of(merging.merge("a. " * 30_000, "b. a. " * 15_000, "a. " * 30_000)) == "b. a. " * 15_000


def test_titles_tags_and_languages_are_joined_each_in_its_way() -> None:
    base = Draft(text="We strike.\n", title="Strike", tags=("work", "bus"), language="en")
    one = Draft(text="We strike.\n", title="Strike!", tags=("bus", "night"), language="en")
    other = Draft(
        text="We strike.\n", title="Strike", tags=("work", "bus", "depot"), language="en",
        translations=(Draft(text="Nous faisons grève.\n", language="fr"),),
    )  # fmt: skip
    joined = joining.join(base, one, other, names=(2, 3))
    assert joined.quarrels == ()
    assert (joined.draft.title, joined.draft.tags) == ("Strike!", ("bus", "night", "depot"))
    assert [one.language for one in joined.draft.translations] == ["fr"]
    quarrel = joining.join(base, one, Draft(text="We strike.\n", title="Walk-out", language="en"), names=(2, 3))
    assert quarrel.quarrels == ("title",)
    assert quarrel.draft.title == "Strike!"


def test_a_translation_that_one_takes_out_and_the_other_mends_stays() -> None:
    french = Draft(text="Nous faisons grève.\n", language="fr")
    base = Draft(text="We strike.\n", translations=(french,))
    without = Draft(text="We strike.\n")
    mended = Draft(text="We strike.\n", translations=(Draft(text="Nous sommes en grève.\n", language="fr"),))
    joined = joining.join(base, without, mended, names=(2, 3))
    assert joined.quarrels == ("fr.text",)
    assert joined.draft.translations == mended.translations
    assert joining.join(base, without, base, names=(2, 3)).draft.translations == ()
