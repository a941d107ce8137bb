"""Why another's report is left out is said in the reader's language: every sentence there is can be translated."""

from __future__ import annotations

import ast
from pathlib import Path

from node import wording
from node.translating import speaking
from schemas.partial_date import PartialDate
from schemas.reading import Malformed

ROOT = Path(__file__).parents[2]
READ_BY_REPORTS = (
    *(ROOT / "schemas" / f"{name}.py" for name in (
        "amount", "attached", "conditions_report", "fields", "kinds", "measure", "partial_date", "party", "place",
        "struggle_report",
    )),
    ROOT / "node" / "reports" / "flaws.py", ROOT / "node" / "conditions" / "rules.py",
)  # fmt: skip
# The last three are of what stands beside a picture or a film, and is left out without anything else.
OF_WHAT_IS_NO_REPORT = {
    "must be an aware datetime",
    "must be a date",
    "must be two numbers from -1 to 1",
    "must be a number of seconds",
    "is not a duration such as PT12.5S",
}


def sentences(path: Path) -> set[str]:
    calls = [one for one in ast.walk(ast.parse(path.read_text())) if isinstance(one, ast.Call) and len(one.args) > 1]
    said = [one.args[1] for one in calls if isinstance(one.func, ast.Name) and one.func.id == "Malformed"]
    return {one.value for one in said if isinstance(one, ast.Constant)}


def test_every_sentence_about_a_flaw_is_known_to_those_who_translate() -> None:
    found = set().union(*map(sentences, READ_BY_REPORTS))
    assert len(found) > 15
    assert found - wording.FLAWS == OF_WHAT_IS_NO_REPORT


def test_numbers_and_dates_are_written_as_the_reader_writes_them() -> None:
    sentence = "{high} is below minValue, {low}"
    error = Malformed("measures[0]", sentence, high=1200, low=15000.5).under("x")
    assert error.why == "1200 is below minValue, 15000.5" and error.path == "x.measures[0]"
    with speaking("de"):
        assert "1.200" in wording.flaw(error) and "15.000,5" in wording.flaw(error)
    began = Malformed("", "{ended} is before it began, {began}", ended=PartialDate(2026, 5), began=PartialDate(2026, 6))
    assert wording.flaw(began) == "May 2026 is before it began, June 2026"
