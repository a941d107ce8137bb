"""The pure rules around a delivery: to which inboxes, when again, and who handles what arrives."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest

from federation import handling, retrying
from federation.addressing import Recipient, distinct_inboxes
from federation.handling import DuplicateEntry, HandlerTable
from federation.retrying import Outcome, next_delay


def test_each_inbox_is_posted_to_once_and_shared_ones_are_used() -> None:
    recipients = [
        Recipient("https://a.example/users/1/inbox", "https://a.example/inbox"),
        Recipient("https://a.example/users/2/inbox", "https://a.example/inbox"),
        Recipient("https://b.example/users/1/inbox"),
        Recipient("https://b.example/users/1/inbox"),
        Recipient("https://ours.example/groups/g/inbox", "https://ours.example/inbox"),
    ]
    assert distinct_inboxes(recipients, own_origin="https://ours.example") == [
        "https://a.example/inbox",
        "https://b.example/users/1/inbox",
    ]


def test_a_shared_inbox_of_a_third_party_is_not_used() -> None:
    recipients = [
        Recipient("https://a.example/inbox/1", "https://victim.example/inbox"),
        Recipient("https://a.example/inbox/2", "not an address"),
        Recipient("https://a.example/inbox/3", "https://ours.example/inbox"),
        Recipient("nor this", "https://victim.example/inbox"),
        Recipient("javascript:x"),
    ]
    assert distinct_inboxes(recipients, own_origin="https://ours.example") == [
        f"https://a.example/inbox/{number}" for number in (1, 2, 3)
    ]


def schedule(jitter: float = 0.0) -> list[timedelta]:
    delays: list[timedelta] = []
    while (delay := next_delay(len(delays) + 1, Outcome.UNREACHABLE, jitter=jitter)) is not None:
        delays.append(delay)
    return delays


def test_delays_grow_from_a_minute_to_half_a_day_and_last_a_week() -> None:
    delays = schedule()
    assert delays[0] == timedelta(minutes=1)
    assert delays[-1] == timedelta(hours=12)
    assert all(one <= next_one for one, next_one in pairwise(delays))
    assert timedelta(days=7) <= sum(delays, timedelta()) <= timedelta(days=14)
    assert len(delays) == retrying.ATTEMPTS - 1


def test_jitter_lengthens_a_delay_by_a_fifth_at_most() -> None:
    for plain, late in zip(schedule(), schedule(jitter=1.0), strict=True):
        assert plain < late <= plain * 1.2


@pytest.mark.parametrize("outcome", [Outcome.DELIVERED, Outcome.REFUSED, Outcome.GONE])
def test_what_is_settled_is_not_tried_again(outcome: Outcome) -> None:
    assert next_delay(1, outcome) is None


def test_a_peer_that_asks_for_time_gets_it_up_to_half_a_day() -> None:
    def after(retry_after: timedelta, attempts: int = 1) -> timedelta | None:
        return next_delay(attempts, Outcome.UNREACHABLE, retry_after=retry_after)

    assert after(timedelta(minutes=30)) == timedelta(minutes=30)
    assert after(timedelta(seconds=1)) == timedelta(minutes=1)
    assert after(timedelta(days=365)) == timedelta(hours=12)
    assert next_delay(10**9, Outcome.UNREACHABLE) is None
    assert next_delay(0, Outcome.UNREACHABLE) == timedelta(minutes=1)


def test_a_host_is_probed_after_growing_delays_too() -> None:
    delays = [retrying.probe_delay(probes) for probes in range(30)]
    assert delays[0] == timedelta(minutes=1) and delays[-1] == timedelta(hours=12)
    assert all(one <= next_one for one, next_one in pairwise(delays))
    assert retrying.probe_delay(0, retry_after=timedelta(hours=1)) == timedelta(hours=1)
    assert retrying.probe_delay(0, retry_after=timedelta(days=9)) == timedelta(hours=12)
    assert retrying.probe_delay(10**6, jitter=1.0) == timedelta(hours=12) * 1.2


Handler = Callable[[], str]


@pytest.fixture
def table() -> HandlerTable[Handler]:
    table: HandlerTable[Handler] = HandlerTable()

    @table.on("Create", "Note")
    def create_note() -> str:
        return "create note"

    @table.on("Create")
    def create_anything() -> str:
        return "create anything"

    return table


def test_the_most_exact_row_wins(table: HandlerTable[Handler]) -> None:
    def found(activity_type: str, object_type: str | None) -> str | None:
        handler = table.find(activity_type, object_type)
        return handler() if handler else None

    assert found("Create", "Note") == "create note"
    assert found("Create", "Event") == "create anything"
    assert found("Create", None) == "create anything"
    assert found("Like", "Note") is None
    table.add((handling.ANY, handling.ANY), lambda: "anything at all")
    assert found("Like", "Note") == "anything at all"


def test_two_functions_for_one_row_are_an_error_that_names_both(table: HandlerTable[Handler]) -> None:
    def another() -> str:
        return ""

    with pytest.raises(DuplicateEntry, match=r"Create of Note .*create_note.*another"):
        table.add(("Create", "Note"), another)
    other: HandlerTable[Handler] = HandlerTable()
    other.add(("Create", "*"), another)
    with pytest.raises(DuplicateEntry, match="create_anything"):
        handling.merged([table, other])


def test_tables_are_merged_without_changing_them(table: HandlerTable[Handler]) -> None:
    other: HandlerTable[Handler] = HandlerTable()
    other.add(("Like", "*"), lambda: "like")
    whole = handling.merged([table, other])
    assert len(whole.rows()) == 3
    assert len(table.rows()) == 2
    assert other.find("Like", "Note") is whole.find("Like", "Note")
