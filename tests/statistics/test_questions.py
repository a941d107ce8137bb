"""Questions and their addresses: what a reader may ask figures for, and the one way it is written."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from node.errors import Invalid
from node.statistics.questions import Question


@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        ("", "by=year"),
        ("by=sector&by=year&kind=", "by=sector,year"),
        ("country=us&country=de&country=IN", "by=year&country=DE&country=IN&country=US"),
        ("sector=c&since=1984-02&page=3", "by=year&sector=C&since=1984-02"),
        ("family=ACME+&family=acme%2C+Inc", "by=year&family=acme&family=acme+inc"),
        ("source=https://b.example/b&source=https://a.example/a", "by=year&source=https://a.example/a&source=https://b.example/b"),
    ],
)  # fmt: skip
def test_a_question_has_one_address(asked: str, canonical: str) -> None:
    question = Question.from_query(parse_qsl(asked))
    assert question.to_query() == canonical
    again = Question.from_query(parse_qsl(canonical))
    assert again == question and hash(again) == hash(question)


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("by=moon", "by"),
        ("by=year,country,sector,kind", "by"),
        ("sector=Z", "sector"),
        ("country=USA", "country"),
        ("since=84", "since"),
        ("until=2020-13", "until"),
        ("source=acme", "source"),
        ("struggle=javascript:alert(1)", "struggle"),
        ("since=2020&until=2019", "until"),
    ],
)
def test_a_question_that_nobody_can_answer_is_refused_with_its_field(asked: str, field: str) -> None:
    with pytest.raises(Invalid) as refused:
        Question.from_query(parse_qsl(asked))
    assert refused.value.field == field
