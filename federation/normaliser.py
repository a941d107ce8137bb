"""Documents in the short names that we read: the usual ones as they are, the others by a process that can be killed.

JSON-LD processing is where a stranger's small document costs most: crossed contexts or a few hundred levels keep PyLD
busy for many seconds. So what has to be processed is at most 20 levels deep and 2,000 values large, one document is
processed at a time, in a process of its own with a limit on its memory, and what takes more than a second or two of
its processor's time ends with that process. So does what takes some times that by the clock, which is for a machine
that has much else to do. It is started when it is needed first, and ended when it has had nothing to do for a while.

It loads nothing from the network: it carries its contexts, and a context it does not carry says nothing.
"""

from __future__ import annotations

import asyncio
import json
import os
import select
import signal
import subprocess
import sys
import time
from datetime import timedelta
from typing import IO, Any

from federation.errors import Malformed, Unreachable
from federation.json_ld import LENGTH
from federation.normal_form import is_usual

DEPTH = 20
VALUES = 2_000
MEMORY_BYTES = 512 * 1024 * 1024  # of address space: python and its libraries take 150 of them
START_SECONDS = 60.0
BY_THE_CLOCK = 8  # times its budget a document may take, while others have the processor
WAITING = 16
ANSWER_BYTES = 8 * 1024 * 1024


class Normaliser:
    """`normal` is safe to call from many tasks at once; `close` ends the process."""

    def __init__(
        self,
        *,
        budget: timedelta = timedelta(seconds=1),
        idle: timedelta = timedelta(seconds=60),
        depth: int = DEPTH,
        values: int = VALUES,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        self._budget = budget
        self._idle = idle
        self._depth = depth
        self._values = values
        self._memory_bytes = memory_bytes
        self._process: subprocess.Popen[bytes] | None = None
        self._turn = asyncio.Lock()
        self._waiting = 0
        self._farewell: asyncio.TimerHandle | None = None

    async def normal(self, document: dict[str, Any]) -> dict[str, Any]:
        """`document` itself if it is usual, else what it says in short names, without its proof and signature.

        Raises Malformed for what is no JSON-LD, is refused (normal_form.REFUSED), or costs too much; Unreachable when
        too many wait.
        """
        if is_usual(document):
            return document
        _check_size(document, depth=self._depth, values=self._values)
        if self._waiting >= WAITING:
            raise Unreachable("too many unusual documents come at the same time")
        self._waiting += 1
        try:
            async with self._turn:
                return await self._processed(document)
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """End the process, if there is one."""
        async with self._turn:
            self._stay()
            await asyncio.to_thread(self._end)

    @property
    def process_id(self) -> int | None:
        """Of the process, while there is one."""
        return self._process.pid if self._process is not None else None

    async def _processed(self, document: dict[str, Any]) -> dict[str, Any]:
        self._stay()
        asking = asyncio.ensure_future(asyncio.to_thread(self._ask, document))
        try:
            answer = await asyncio.shield(asking)
        except asyncio.CancelledError:
            await asyncio.wait([asking])  # the process is ours until it has answered or ended
            raise
        finally:
            loop = asyncio.get_running_loop()
            self._farewell = loop.call_later(self._idle.total_seconds(), self._leave, loop)
        if "found" not in answer:
            raise Malformed("document", str(answer.get("refused", "cannot be read")))
        found: dict[str, Any] = answer["found"]
        return found

    def _stay(self) -> None:
        if self._farewell is not None:
            self._farewell.cancel()
            self._farewell = None

    def _leave(self, loop: asyncio.AbstractEventLoop) -> None:
        if not self._turn.locked():
            loop.run_in_executor(None, self._end)

    def _ask(self, document: dict[str, Any]) -> dict[str, Any]:
        """In a thread: have the process answer, in time or not at all."""
        process = self._started()
        body = json.dumps(document).encode()
        try:
            until = time.monotonic() + self._budget.total_seconds() * BY_THE_CLOCK
            _send(_end_of(process.stdin), LENGTH.pack(len(body)) + body, until=until)
            return _receive(_end_of(process.stdout), until=until)
        except OSError as error:
            self._end()
            if isinstance(error, TimeoutError) or process.returncode == -signal.SIGXCPU:
                return {"refused": f"takes more than {self._budget.total_seconds():g} s to read as JSON-LD"}
            return {"refused": "takes too much to read as JSON-LD"}

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        seconds = max(1, round(self._budget.total_seconds()))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "federation.json_ld", str(self._memory_bytes), str(seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env={"PYTHONPATH": os.pathsep.join(os.path.realpath(place) for place in sys.path)},
            start_new_session=True,  # a Ctrl-C is for the node, which ends it in its own time
        )
        os.set_blocking(_end_of(self._process.stdin), False)
        try:
            _receive(_end_of(self._process.stdout), until=time.monotonic() + START_SECONDS)
        except OSError:
            self._end()
            raise Unreachable("the process that reads unusual documents does not start") from None
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def _check_size(document: dict[str, Any], *, depth: int, values: int) -> None:
    level: list[Any] = [document]
    count = 0
    for _ in range(depth):
        level = [item for value in level for item in (value.values() if isinstance(value, dict) else value)]
        count += len(level)
        if count > values:
            raise Malformed("document", f"has more than {values} values, too many for an unusual one")
        level = [item for item in level if isinstance(item, dict | list)]
        if not level:
            return
    raise Malformed("document", f"is deeper than {depth} levels, too deep for an unusual one")


def _end_of(pipe: IO[bytes] | None) -> int:
    if pipe is None:
        raise OSError("the process has ended")
    return pipe.fileno()


def _send(pipe: int, body: bytes, *, until: float) -> None:
    rest = memoryview(body)
    while rest:
        _wait(pipe, until, writing=True)
        rest = rest[os.write(pipe, rest) :]


def _receive(pipe: int, *, until: float) -> dict[str, Any]:
    """One answer. Raises TimeoutError, and OSError if the process has ended."""
    length = LENGTH.unpack(_bytes(pipe, LENGTH.size, until))[0]
    if length > ANSWER_BYTES:
        raise OSError("the answer is too long")
    answer: dict[str, Any] = json.loads(_bytes(pipe, length, until))
    return answer


def _bytes(pipe: int, count: int, until: float) -> bytes:
    found = b""
    while len(found) < count:
        _wait(pipe, until, writing=False)
        chunk = os.read(pipe, count - len(found))
        if not chunk:
            raise OSError("the process has ended")
        found += chunk
    return found


def _wait(pipe: int, until: float, *, writing: bool) -> None:
    left = max(0.0, until - time.monotonic())
    readable, writable, _ = select.select([] if writing else [pipe], [pipe] if writing else [], [], left)
    if not (readable or writable):
        raise TimeoutError
