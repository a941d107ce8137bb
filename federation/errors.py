"""What can go wrong between servers, sorted by what to do next.

    ValueError
    └── Malformed      what we were given cannot be read: never again, tell the sender (400)
    Exception
    ├── Refused        it was understood and is not allowed: never again, tell the sender (`status`)
    │   ├── Gone       the other server says that the thing does not exist (any more): 404 or 410
    │   └── Unwelcome  the other server asks us to stop what we are about (403 or 429 to an errand)
    └── Unreachable    nobody could answer just now: try again later, not before `retry_after`
        └── NotYet     the other server answered and is well; only this is to be tried again

Everything else that is raised is our own mistake. A message names what happened and the value at fault
and nothing private, because it is shown to the sender.
"""

from __future__ import annotations

from datetime import timedelta

from schemas.reading import Malformed

__all__ = ["Gone", "Malformed", "NotYet", "Refused", "Unreachable", "Unwelcome"]


class Refused(Exception):
    """Understood, and not allowed; asking again will not help.

    `status` is the HTTP status that says so: what we answer to a request, or what another server
    answered to ours. `words` are the beginning of what it said with that, where somebody wants to know.
    """

    words: str | None = None

    def __init__(self, message: str, *, status: int = 403) -> None:
        super().__init__(message)
        self.status = status


class Gone(Refused):
    """The other server answered 404 or 410: there is nothing (any more) at that address."""

    def __init__(self, message: str, *, status: int = 410) -> None:
        super().__init__(message, status=status)


class Unwelcome(Refused):
    """The other server answered an errand with 403 or 429 (`status`): the errand ends, all of it.

    One that may go on another day waits for `retry_after` at least.
    """

    def __init__(self, message: str, *, status: int, retry_after: timedelta | None = None) -> None:
        super().__init__(message, status=status)
        self.retry_after = retry_after


class Unreachable(Exception):
    """No answer that settles anything: worth another try, not earlier than `retry_after` from now.

    `status` is what the other server answered, if it answered at all.
    """

    def __init__(self, message: str, *, retry_after: timedelta | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.status = status


class NotYet(Unreachable):
    """The other server is there and answered; the same request may succeed later all the same."""
