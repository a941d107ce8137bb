"""What an error says: a sentence that can be translated, with its values put in afterwards."""

from __future__ import annotations

import json
from pathlib import Path

from node.errors import Conflict, Invalid, Missing, Phrase, kept, revived


def test_values_are_put_into_the_sentence() -> None:
    error = Missing("there is no member {name}", name="rosa")
    assert str(error) == error.why == "there is no member rosa"
    assert error.said({"there is no member {name}": "pas de membre {name}"}.__getitem__) == "pas de membre rosa"


def test_a_value_that_is_a_sentence_is_translated_too() -> None:
    french = {"no rule for {kind}": "aucune règle pour {kind}", "so many: {n}": "tant : {n}"}
    error = Missing("no rule for {kind}", kind=Phrase("so many: {n}", n=2))
    assert str(error) == "no rule for so many: 2"
    assert error.said(french.__getitem__) == "aucune règle pour tant : 2"
    again = revived(json.loads(json.dumps(kept(error))))
    assert again.said(french.__getitem__) == "aucune règle pour tant : 2"
    assert revived(kept(Missing("{who} has left", who=Path("rosa")))).why == "rosa has left"


def test_braces_in_a_value_are_only_text() -> None:
    assert str(Conflict("there is a member {name} already", name="{0}")) == "there is a member {0} already"
    assert str(Conflict("a {sentence} without values")) == "a {sentence} without values"


def test_field_and_line_stand_before_the_sentence() -> None:
    error = Invalid("{value} is not a day", field="ends", line=3, value="soon")
    assert str(error) == "line 3, ends: soon is not a day"
    assert (error.why, error.field, error.line) == ("soon is not a day", "ends", 3)
