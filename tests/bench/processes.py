"""What /proc says about processes: CPU time and memory."""

from __future__ import annotations

import os
import time
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def now() -> float:
    """Seconds of the clock that all processes of this machine share."""
    return time.monotonic()


def cpu_seconds(pid: int) -> float:
    """CPU time of a process and its threads so far, user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def own_seconds() -> float:
    """CPU time of this process."""
    return time.process_time()


def busy_seconds() -> float:
    """CPU time of everything on this machine so far."""
    fields = [int(one) for one in Path("/proc/stat").read_text().splitlines()[0].split()[1:]]
    user, nice, system, _idle, _waiting, irq, softirq, steal = fields[:8]
    return (user + nice + system + irq + softirq + steal) / TICKS


def memory_mebibytes(pid: int) -> tuple[float, float]:
    """Resident memory of a process: now, and at its peak."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return tuple(int(lines[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))  # type: ignore[return-value]


def unshared_mebibytes(pid: int) -> float:
    """Memory that a process has for itself (USS)."""
    lines = (line.split() for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines())
    return sum(int(line[1]) for line in lines if line[0] in ("Private_Clean:", "Private_Dirty:")) / 1024
