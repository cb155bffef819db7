"""Whole processes: how long they take, how much processor and memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from typing import NamedTuple

_STUB = """
import os, sys, time
nowhere = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
start = time.perf_counter()
pid = os.posix_spawnp(sys.argv[1], sys.argv[1:], os.environ, file_actions=nowhere)
_, status, used = os.wait4(pid, 0)
print(time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss, os.waitstatus_to_exitcode(status))
"""
"""A process inherits the peak of the one that starts it: so a small one does."""

_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


class Usage(NamedTuple):
    """What a process has taken from its start to its end."""

    wall_seconds: float
    cpu_seconds: float
    peak_bytes: int


def usage(command: Sequence[str]) -> Usage:
    """Run a command, unheard, to its end; raises `RuntimeError` when that is not a good one."""
    stub = [sys.executable, "-I", "-S", "-c", _STUB, *command]
    told = subprocess.run(stub, capture_output=True, text=True, check=True, timeout=120).stdout
    wall, cpu, peak, status = told.split()
    if status != "0":
        raise RuntimeError(f"{' '.join(command)} ended with {status}")
    return Usage(float(wall), float(cpu), int(peak) * _MAXRSS_BYTES)


def quickest(command: Sequence[str], times: int = 5) -> Usage:
    """The best of some runs: what else the machine does only ever adds."""
    return min(usage(command) for _ in range(times))
