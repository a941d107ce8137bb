"""How much is kept of those whom nobody here follows: so much of one actor, and of one host, in a day.

The same for who they are: whoever knocks at the inbox is looked up at its host and kept for a week, so each host may
bring so many new ones in a day. More of them are told to come again later.

Anybody may answer a group or name it, and is heard. Without an end to it one account could fill the disk with public
words that stand on no page but their own. What is over the limit is ignored like everything that is none of our
business: its sender is told 202, and its words are dropped.

Counted in memory, by each process, for each of many: the inbox pays nothing for it, and a node that is started anew
begins to count anew.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
REMEMBERED = 10_000


@dataclass(frozen=True, slots=True)
class Most:
    """What is kept in a day: how many, and how many bytes of them."""

    number: int
    bytes: int


OF_ACTOR = Most(number=300, bytes=10 * 1024 * 1024)
OF_HOST = Most(number=3_000, bytes=50 * 1024 * 1024)
NEWCOMERS = Most(number=20_000, bytes=100 * 1024 * 1024)  # accounts of one host, and their documents


@dataclass(slots=True)
class _Day:
    began: datetime
    number: int = 0
    bytes: int = 0


class Strangers:
    """What each has said within a day; safe to ask from several threads."""

    def __init__(self, *, of_actor: Most = OF_ACTOR, of_host: Most = OF_HOST, newcomers: Most = NEWCOMERS) -> None:
        self._of_actor, self._of_host, self._newcomers = of_actor, of_host, newcomers
        self._days: OrderedDict[str, _Day] = OrderedDict()
        self._lock = threading.Lock()

    def may_speak(self, actor: str, host: str, *, bytes: int, now: datetime) -> bool:
        """Whether words of so many bytes are within what is kept of a stranger today; if so they are counted."""
        with self._lock:
            today = ((self._day(actor, now), self._of_actor), (self._day(host, now), self._of_host))
            if any(day.number >= most.number or day.bytes + bytes > most.bytes for day, most in today):
                return False
            for day, _ in today:
                day.number += 1
                day.bytes += bytes
            return True

    def may_come(self, host: str, *, now: datetime) -> bool:
        """Whether somebody of a host who is not known yet is looked up today."""
        with self._lock:
            day = self._day(f"newcomers of {host}", now)
            return day.number < self._newcomers.number and day.bytes < self._newcomers.bytes

    def came(self, host: str, *, bytes: int, now: datetime) -> None:
        """Count one who was looked up, with a document of so many bytes."""
        with self._lock:
            day = self._day(f"newcomers of {host}", now)
            day.number += 1
            day.bytes += bytes

    def _day(self, who: str, now: datetime) -> _Day:
        day = self._days.get(who)
        if day is None or now - day.began >= DAY:
            self._days[who] = day = _Day(now)
        self._days.move_to_end(who)
        while len(self._days) > REMEMBERED:
            self._days.popitem(last=False)
        return day


class Pace:
    """How many activities each server has sent within an hour, where the group has set a bound; from any thread.

    What comes beyond it is told to come again later, so that nothing is lost. Counted in memory, by each process.
    """

    def __init__(self) -> None:
        self._hours: OrderedDict[str, _Day] = OrderedDict()
        self._turned_away = 0
        self._lock = threading.Lock()

    def may_send(self, host: str, *, at_most: int, now: datetime) -> bool:
        """Whether one more is within the bound; if so it is counted."""
        with self._lock:
            hour = self._hours.get(host)
            if hour is None or now - hour.began >= HOUR:
                self._hours[host] = hour = _Day(now)
            self._hours.move_to_end(host)
            while len(self._hours) > REMEMBERED:
                self._hours.popitem(last=False)
            if hour.number >= at_most:
                self._turned_away += 1
                return False
            hour.number += 1
            return True

    def take_turned_away(self) -> int:
        """How many were turned away since this was asked last."""
        with self._lock:
            found, self._turned_away = self._turned_away, 0
            return found
