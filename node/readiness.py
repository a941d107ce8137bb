"""Telling the service manager how the node is: ready, stopping, still alive, and a line for `systemctl status`.

A datagram of text to the socket that NOTIFY_SOCKET names, as sd_notify(3) documents for those who do not link its
library. Without a service manager nothing happens.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
from collections.abc import Mapping

from node.context import Node

log = logging.getLogger("commonwire")

STATUS_CHARACTERS = 200


class ServiceManager:
    """The other end of NOTIFY_SOCKET; `environment` is that of the process."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        named = environment.get("NOTIFY_SOCKET", "")
        # A name that begins with @ is in the abstract namespace, where it begins with a zero byte. Others are paths.
        self._address = "\0" + named[1:] if named.startswith("@") else named
        self.watchdog_seconds = _watchdog(environment)

    @property
    def listens(self) -> bool:
        """Whether there is one to tell."""
        return self._address.startswith(("/", "\0"))

    def ready(self, status: str) -> None:
        """The node answers requests now."""
        self._tell("READY=1", _status(status))

    def stopping(self) -> None:
        """The node was asked to stop, and finishes what it is at."""
        self._tell("STOPPING=1", "STATUS=stopping")

    def alive(self, status: str) -> None:
        """The node is not stuck; within `watchdog_seconds` it is heard from again, or it is restarted."""
        self._tell("WATCHDOG=1", _status(status))

    def report(self, status: str) -> None:
        """A line for people, and nothing else."""
        self._tell(_status(status))

    def _tell(self, *assignments: str) -> None:
        if not self.listens:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as to:
                to.setblocking(False)  # a manager that does not read must not stop the loop
                to.sendto("\n".join(assignments).encode(), self._address)
        except OSError as error:
            log.warning("the service manager cannot be told: %s", error.strerror)


async def watch(node: Node, manager: ServiceManager) -> None:
    """Tell the manager twice in its time that the node is alive, as long as its loops are; ends by cancellation.

    That this runs shows that nothing blocks the process. A database that is away is no reason to be restarted: the node
    waits for it.
    """
    if manager.watchdog_seconds is None or not manager.listens:
        return
    while True:
        if ended := node.health.ended_loops():
            manager.report(f"not well: {', '.join(ended)} ended")
        else:
            failing = await node.health.failing()
            manager.alive(f"not well: {'; '.join(failing)}" if failing else "well")
        await asyncio.sleep(manager.watchdog_seconds / 2)


def _watchdog(environment: Mapping[str, str]) -> float | None:
    """After how many seconds without a sign of life the node is restarted; None if it is not watched."""
    if environment.get("WATCHDOG_PID") not in (None, str(os.getpid())):
        return None  # it was meant for another process
    with contextlib.suppress(ValueError):
        microseconds = int(environment.get("WATCHDOG_USEC", "0"))
        return microseconds / 1_000_000 if microseconds > 0 else None
    return None


def _status(text: str) -> str:
    return f"STATUS={' '.join(text.split())[:STATUS_CHARACTERS]}"
