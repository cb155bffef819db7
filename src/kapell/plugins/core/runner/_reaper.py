"""The process that outlives a killed worker, to end what that one was running.

It hears through its standard input of every command (`Guard` tells it); the end of that input is the worker's end.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress

from kapell.plugins.core.runner import _tree

OWNER = "PROCESS_TREE_REAPER_OF"
"""The variable that holds the worker's pid."""
STARTING_SECONDS = 0.5
"""How long a command is looked for that was only about to start when the worker died."""
CHUNK_BYTES = 1 << 16


def main() -> None:
    """Listen until the worker is gone, then end what it has left."""
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, signal.SIG_IGN)
    _be_scheduled("SCHED_BATCH")
    running = listen(_chunks())
    _be_scheduled("SCHED_OTHER")
    end(running)
    os._exit(0)


def _be_scheduled(how: str) -> None:
    """Where Linux lets it: as a batch, so that a worker which writes a line need not give way to who reads it."""
    if hasattr(os, how):
        with suppress(OSError):
            os.sched_setscheduler(0, getattr(os, how), os.sched_param(0))


def _chunks() -> Iterator[bytes]:
    while chunk := os.read(0, CHUNK_BYTES):
        yield chunk


def listen(chunks: Iterator[bytes]) -> dict[str, int]:
    """The commands that run when it ends: pids by mark, 0 for one that has just been about to start."""
    running: dict[str, int] = {}
    rest = b""
    for chunk in chunks:
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            mark, pid = line.decode().split()
            if pid == "over":
                running.pop(mark, None)
            else:
                running[mark] = int(pid)
    return running


def end(running: dict[str, int]) -> None:
    """Kill the trees of these commands."""
    deadline = time.monotonic() + STARTING_SECONDS
    for mark, pid in running.items():
        _tree.kill(pid, mark)
    while 0 in running.values() and time.monotonic() < deadline:
        time.sleep(0.02)
        for mark in [mark for mark, pid in running.items() if not pid]:
            _tree.kill(0, mark)


def orphans() -> set[int]:
    """The pids of reapers whose worker is gone: they are at work."""
    reapers = [process for process in _tree.living() if OWNER.encode() in process.environment]
    return {p.pid for p in reapers if not _tree.bears(p, OWNER, str(p.parent)) and _is_numbered_as_here(p.pid)}


def _is_numbered_as_here(pid: int) -> bool:
    """Whether a process counts pids as this one does: a container, whose processes a host sees, has its own."""
    if sys.platform != "linux":
        return True
    try:
        return os.readlink(f"/proc/{pid}/ns/pid") == os.readlink("/proc/self/ns/pid")
    except OSError:
        return False
