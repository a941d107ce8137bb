"""Which addresses and hosts have been asked for keys in vain, and who is asked all the same.

Whoever likes may name a key of any host in the signature of a request, and nobody can tell a forger from a newcomer
before that host was asked. So what asking costs a host has to have an end, and that end must not keep out those who
are there. What is decided here:

* An address that has refused is not asked again for ten minutes. It is the address without its fragment: keys that
  stand at one place are one thing to ask for, however many are made up.
* What does not succeed counts against its host: after five failures it is asked once in ten seconds. What succeeds
  costs nothing, so that a thousand newcomers of one host who are there all get in.
* A forger who makes up new keys for ever would always have had that one question. So those who were turned away for
  want of it, and **come again** ten seconds later or more, have another five and another one in ten seconds among
  themselves. Every server comes again that is told 429; keys that are made up for one request do not. A newcomer is
  let in when her server comes again, however many others are made up meanwhile.
* So a host is asked in vain twelve times a minute at most, and sixteen times at once at the very worst.

What remains: a forger who comes again with each key, too, twelve times a minute and for as long as it is to last, is in
the way of newcomers of the one host that he names, never of anybody who is known here. Only the network address would
tell him from them, and this node looks at none.

In memory, of each process: who was turned away is remembered as a number, and forgotten at a restart.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime, timedelta
from typing import TypeVar

from federation import origin
from federation.errors import Refused, Unreachable

REMEMBER_FAILURE = timedelta(minutes=10)
FAILURES = 5
# After five failures a host is asked once in ten seconds: a stranger who names keys that are not there costs it six
# requests a minute, and those who are there get in all the same.
FORGIVE_ONE_AFTER = timedelta(seconds=10)
COMES_AGAIN_AFTER = timedelta(seconds=10)
REMEMBERED = 10_000
# At a hundred forged requests a second, for three minutes; most servers come again within one. Some 3 MB, in a flood.
TURNED_AWAY = 20_000

T = TypeVar("T")
U = TypeVar("U")


class AskedInVain:
    """What became of asking, as far as it failed. `check` comes before a question, one of the others after it."""

    def __init__(self) -> None:
        self._failed: OrderedDict[str, tuple[datetime, Refused]] = OrderedDict()
        self._failures: OrderedDict[tuple[str, bool], deque[datetime]] = OrderedDict()
        self._turned_away: OrderedDict[int, datetime] = OrderedDict()

    def __len__(self) -> int:
        """How many entries are remembered."""
        return len(self._failed) + len(self._failures) + len(self._turned_away)

    def check(self, url: str, *, now: datetime) -> None:
        """Raise Refused, as then, if `url` has refused lately; Unreachable if its host has been asked enough."""
        failed = self._failed.get(url)
        if failed is not None and now - failed[0] < REMEMBER_FAILURE:
            raise failed[1]
        host = origin.origin(url)
        failures = self._failures.get((host, self._comes_again(url, now)))
        while failures and now - failures[0] > FORGIVE_ONE_AFTER * FAILURES:
            failures.popleft()
        if failures and len(failures) >= FAILURES and now - failures[-1] < FORGIVE_ONE_AFTER:
            since = self._turned_away.get(hash(url), now)
            remember(self._turned_away, hash(url), since, at_most=TURNED_AWAY)
            raise Unreachable(f"{host} was asked in vain {len(failures)} times; it is left alone for a moment")

    def refused(self, url: str, error: Refused, *, now: datetime) -> None:
        """There is nothing at `url`, and for ten minutes nobody asks again."""
        remember(self._failed, url, (now, error), at_most=REMEMBERED)
        self.failed(url, now=now)

    def failed(self, url: str, *, now: datetime) -> None:
        """The host of `url` was asked in vain."""
        key = (origin.origin(url), self._comes_again(url, now))
        failures = self._failures.get(key) or deque(maxlen=4 * FAILURES)
        failures.append(now)
        remember(self._failures, key, failures, at_most=REMEMBERED)
        self._turned_away.pop(hash(url), None)

    def succeeded(self, url: str) -> None:
        """There is somebody at `url`."""
        self._turned_away.pop(hash(url), None)

    def _comes_again(self, url: str, now: datetime) -> bool:
        since = self._turned_away.get(hash(url))
        return since is not None and now - since >= COMES_AGAIN_AFTER


def remember(memory: OrderedDict[T, U], key: T, value: U, *, at_most: int) -> None:
    """Enter `value` as the last one, and drop the first ones beyond `at_most`."""
    memory[key] = value
    memory.move_to_end(key)
    while len(memory) > at_most:
        memory.popitem(last=False)
