"""What went wrong, by what the person in front of it can do next.

    NodeError
    |-- Invalid      what she gave is wrong: says the field, the line and the value; nothing was changed
    |-- Unauthenticated  nobody knows who she is: she has to show a token or log in
    |-- Forbidden    she has no mandate for this
    |-- Busy         too many want this at once: later
    |-- Missing      there is no such thing here (or she may not know that there is)
    |-- Conflict     it is there already, or somebody else was faster
    `-- Unfit        the node itself cannot run: settings, database, files

Errors about other servers (`Malformed`, `Refused`, `Unreachable`) are in `federation.errors`.
"""


class NodeError(Exception):
    """Something a person can act on; `str()` is one line for her, and holds nothing private."""

    status = 500


class Invalid(NodeError):
    """The input is wrong. `field` and `line` say where, if they apply; `line` counts from 1."""

    status = 422

    def __init__(self, why: str, *, field: str | None = None, line: int | None = None) -> None:
        where = [part for part in (f"line {line}" if line else "", field or "") if part]
        super().__init__(f"{', '.join(where)}: {why}" if where else why)
        self.why, self.field, self.line = why, field, line


class Unauthenticated(NodeError):
    """Whoever asks has not shown who she is."""

    status = 401


class Forbidden(NodeError):
    """The member has no mandate for this act."""

    status = 403


class Busy(NodeError):
    """Too many ask for the same expensive thing at once."""

    status = 429


class Missing(NodeError):
    """There is no such thing here."""

    status = 404


class Conflict(NodeError):
    """It exists already, or its state no longer allows this."""

    status = 409


class Unfit(NodeError):
    """The node cannot run as it is set up."""

    status = 503
