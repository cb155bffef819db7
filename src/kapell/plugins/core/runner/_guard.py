"""Sees to it that no command outlives the process which runs it, however that one ends."""

from __future__ import annotations

import atexit
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path

from kapell.plugins.core.runner import _reaper

LOG = logging.getLogger(__name__)
ROOT = Path(__file__).parents[4]
"""Where the package `kapell` is."""
START = "import importlib, os; importlib.import_module(os.environ['REAPER']).main()"
"""Without a word of kapell: who kills all that has the name in its command line must not kill the reaper."""
KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
PATIENCE_SECONDS = 5.0
"""How long the first command waits for what a killed worker has left, and the exit for the reaper."""


class Guard:
    """Tells one other process, the reaper, what runs here; once this process is gone, the reaper ends it.

    The reaper starts with the first command, and anew should it die. Where it can't be started, commands run without.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: dict[str, int] = {}
        self._reaper: subprocess.Popen[bytes] | None = None
        self._pipe = -1
        self._has_started = False

    @contextmanager
    def keeping(self, mark: str) -> Iterator[Callable[[int], None]]:
        """While a command with this mark is started (then tell its pid) and runs."""
        self._tell(mark, 0)
        try:
            yield partial(self._tell, mark)
        finally:
            with self._lock:
                del self._running[mark]
                self._say(f"{mark} over\n")

    def close(self) -> None:
        """Have all that still runs ended, and the reaper with it; in a forked child just let go of it."""
        with self._lock:
            self._let_go()
            if (reaper := self._reaper) is not None:
                self._reaper = None
                with suppress(subprocess.TimeoutExpired):
                    reaper.wait(PATIENCE_SECONDS)

    def forked(self) -> None:
        """In a forked child: the reaper is the parent's."""
        self._let_go()
        if self._reaper is not None:
            # Not this process's child, so that there is nothing to wait for.
            self._reaper.returncode = 0
        self._lock, self._running, self._reaper, self._has_started = threading.Lock(), {}, None, False

    def _tell(self, mark: str, pid: int) -> None:
        with self._lock:
            self._running[mark] = pid
            if self._reaper is None:
                self._start()
            else:
                self._say(f"{mark} {pid}\n")

    def _say(self, line: str) -> None:
        """One line; a reaper that is gone, or does not listen any more, gets a successor that is told all."""
        if self._reaper is None:
            return
        try:
            os.write(self._pipe, line.encode())
        except OSError:
            self._reaper.kill()
            self._reaper.wait()
            self._let_go()
            self._start()

    def _start(self) -> None:
        if not self._has_started:
            self._has_started = True
            atexit.register(self.close)
            _wait_for_orphans()
        self._reaper = None
        try:
            self._reaper, self._pipe = _spawn()
            os.write(self._pipe, "".join(f"{mark} {pid}\n" for mark, pid in self._running.items()).encode())
            os.set_blocking(self._pipe, False)
        except OSError as error:
            LOG.warning("action=start-reaper error=%s: scripts will outlive a worker that is killed", error)

    def _let_go(self) -> None:
        if self._pipe >= 0:
            os.close(self._pipe)
            self._pipe = -1


def _spawn() -> tuple[subprocess.Popen[bytes], int]:
    if not Path(sys.executable or "").name.lower().startswith(("python", "pypy")):
        # Another program that has Python built in would take the arguments for its own.
        raise OSError(f"{sys.executable!r} is no Python")
    out, into = os.pipe()
    try:
        env = {name: os.environ[name] for name in KEPT if name in os.environ}
        reaper = subprocess.Popen(
            [sys.executable, "-S", "-s", "-c", START],
            cwd="/",
            env={**env, "PYTHONPATH": str(ROOT), "REAPER": _reaper.__name__, _reaper.OWNER: str(os.getpid())},
            stdin=out,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except BaseException:
        os.close(into)
        raise
    finally:
        os.close(out)
    return reaper, into


def _wait_for_orphans() -> None:
    """An attempt that is done again must not meet the one before, whose worker was killed a moment ago."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (left := _reaper.orphans()) and time.monotonic() < deadline:
        time.sleep(0.01)
    if left:
        LOG.warning("action=wait-for-reapers pids=%s still at work", sorted(left))


GUARD = Guard()
os.register_at_fork(after_in_child=GUARD.forked)
