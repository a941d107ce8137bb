"""What the source says is in the catalogues, and what they say can be shown."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from node import translating
from node.decisions import ruling
from node.translating import CATALOGUES, ENGLISH, LANGUAGES
from node.web.pages import messages, rendering

pytestmark = pytest.mark.xdist_group("catalogues")  # one worker reads every file and catalogue, not each

OTHERS = [language for language in LANGUAGES if language != ENGLISH]
WHOLE = ("ar", "de", "es", "fr")  # the languages in which nothing may be missing
PLACE = re.compile(r"%\(\w+\)s|%(?!\()|\{\w+(?:![rsa])?(?::[^}]*)?\}")
TAG = re.compile(r"</?\w+[^>]*>")


@cache
def sentences() -> list[messages.Sentence]:
    return messages.sentences()


@cache
def catalogue(language: str) -> Catalog:
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


def translated(language: str) -> list[tuple[Message, tuple[str, ...]]]:
    return [(one, forms) for one in catalogue(language) if one.id and all(forms := translating.forms_of(one))]


def test_every_kind_of_sentence_is_found_in_the_source() -> None:
    found = {one.text: one for one in sentences()}
    assert found["%(shown)s follows us"].many == "%(shown)s follow us"  # a plural of a template
    for text in (
        "Skip to the text",
        "you hold no mandate in a group “{handle}” of this node",  # an error
        "There is nothing here",  # marked by N_
        "steward",  # a role
        "rent strike",  # a code
        "there is nothing at this address",
        ruling.LOCKED_OUT_BY_LEAVING,  # a variant, translated as a whole
    ):
        assert text in found, text
    assert len(found) == len(sentences()) > 500


def test_what_templates_translate_is_never_put_together_first() -> None:
    """`_(name)` of whatever stands in a variable would take a percent sign in it for a placeholder: `name|said`."""
    for name in rendering.environment().list_templates():
        source, _, _ = rendering.environment().loader.get_source(Environment(), name)  # type: ignore[union-attr]
        for call in rendering.environment().parse(source).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "_" and call.args:
                assert all(isinstance(said, nodes.Const) for said in call.args), f"{name}:{call.lineno}"


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_keeps_the_places_and_the_marks_of_its_sentence(language: str) -> None:

    for message, forms in translated(language):
        texts = (message.id,) if isinstance(message.id, str) else tuple(message.id)
        places = {found for text in texts for found in PLACE.findall(text)}
        for form in forms:
            used = set(PLACE.findall(form))
            # "one" and "two" may be said in words, where the number stands in the sentence.
            assert used == places or (len(forms) > 1 and used < places), (language, message.id, form)
            assert sorted(TAG.findall(form)) == sorted(TAG.findall(texts[0])), (language, message.id, form)


@pytest.mark.parametrize("language", OTHERS)
def test_a_catalogue_holds_no_sentence_that_nobody_says(language: str) -> None:
    if language in WHOLE:
        found = {one.text for one in sentences()}
        ids = {one.id if isinstance(one.id, str) else one.id[0] for one, _ in translated(language)}
        assert ids == found, f"run `make messages` and translate: {sorted(ids ^ found)[:10]}"


def test_updating_keeps_translations_and_drops_what_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "fr.po"
    path.write_bytes((CATALOGUES / "fr.po").read_bytes())
    found = {one.text for one in sentences()}
    kept = [one for one, _ in translated("fr") if (one.id if isinstance(one.id, str) else one.id[0]) in found]
    assert messages.update(path, "fr", sentences()) == (len(found), len(kept))
    once = path.read_bytes()
    assert messages.update(path, "fr", [messages.Sentence("Log in")]) == (1, 1)
    assert b"Mot de passe" in once and b"Mot de passe" not in path.read_bytes()
    messages.update(path, "fr", sentences())
    path.write_bytes(once)
    messages.update(path, "fr", sentences())
    assert path.read_bytes() == once, "the same sentences make the same bytes"


def test_arabic_counts_eleven_and_a_hundred_as_it_does() -> None:
    """The forms of the catalogue stand in the order in which its header counts them."""
    with translating.speaking("ar"):
        said = {
            number: translating.counted("%(shown)s answer", "%(shown)s answers", number) for number in (3, 11, 99, 100)
        }
    assert said == {3: "%(shown)s ردود", 11: "%(shown)s ردًا", 99: "%(shown)s ردًا", 100: "%(shown)s رد"}
