"""Sortable ids: they sort by time, fit the databases, and there is room for as many as come."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from federation.errors import Malformed
from node import identifiers

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def test_ids_sort_by_time_and_so_do_their_letters() -> None:
    moments = [
        datetime(1990, 1, 1, tzinfo=UTC),
        NOW,
        NOW + timedelta(milliseconds=1),
        datetime(2109, 1, 1, tzinfo=UTC),
    ]
    ids = [identifiers.mint(moment) for moment in moments]
    assert ids == sorted(ids)
    assert [identifiers.spell(one) for one in ids] == sorted(identifiers.spell(one) for one in ids)
    assert all(0 < one < 2**63 for one in ids)
    assert {len(identifiers.spell(one)) for one in ids} == {13}


@pytest.mark.parametrize("moment", [NOW, NOW - timedelta(days=400)], ids=["of one moment", "dated back"])
def test_thousands_of_answers_to_one_thing_have_ids_of_their_own_behind_it(moment: datetime) -> None:
    """A stranger can send as many answers as she likes, dated as she likes."""
    parent = identifiers.mint(NOW)
    ids = [identifiers.mint(moment, after=parent) for _ in range(5000)]
    assert min(ids) > parent
    assert len(set(ids)) > 4950


def test_what_comes_after_its_answer_stands_ahead_of_it_if_both_are_of_one_second() -> None:
    answer, above = identifiers.mint(NOW + timedelta(milliseconds=400)), identifiers.mint(NOW - timedelta(days=1))
    for _ in range(50):
        place = identifiers.ahead(identifiers.mint(NOW + timedelta(milliseconds=900)), of=answer, after=above)
        assert identifiers.mint(NOW) >> identifiers.CHANCE_BITS <= place >> identifiers.CHANCE_BITS and place < answer
    late, early = identifiers.mint(NOW + timedelta(seconds=1)), identifiers.mint(NOW)
    assert identifiers.ahead(late, of=answer) == late, "an answer that is dated back moves nothing but itself"
    assert identifiers.ahead(early, of=answer) == early and identifiers.ahead(late, of=None) == late
    assert identifiers.ahead(answer + 1, of=answer, after=answer - 1) == answer + 1, "there is no room"


def test_an_id_of_others_may_have_a_thousand_bytes() -> None:
    identifiers.check_length("https://example.org/" + "x" * 980, None)
    for long in ("https://example.org/" + "x" * 981, "https://example.org/" + "\u4e00" * 330):
        with pytest.raises(Malformed):
            identifiers.check_length("https://example.org/", long)
