"""`io.kestra.plugin.core.runner.Process`."""

from __future__ import annotations

import os
import secrets
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import IO

from kapell.plugins.core.runner import _tree
from kapell.plugins.core.runner._guard import GUARD
from kapell.plugins.core.runner._lines import Lines
from kapell.sdk import Command, ProgramMissing, RunContext, TaskFailed, TaskRunner

GRACE_SECONDS = 5.0
"""From asking a cancelled command to end until it is killed."""

LINGER_SECONDS = 0.2
"""How long the output is read on when the command has ended and somebody it started still holds it open."""

CHUNK_BYTES = 1 << 16


class Process(TaskRunner):
    """Run the command as a process of the machine that the worker runs on."""

    def run(self, command: Command, ctx: RunContext, on_line: Callable[[str, bool], None]) -> int:
        """Run it in a session of its own; a cancelled one gets SIGTERM and, 5 s later, SIGKILL, its whole tree.

        Should the worker be killed, another process sees to it that the tree is, too.
        """
        mark = secrets.token_hex(16)
        with GUARD.keeping(mark) as tell_pid:
            process = _start(command, mark)
            tell_pid(process.pid)
            watch = _Watch(process, mark, on_line)
            ctx.on_cancel(watch.stop)
            try:
                watch.until_the_end()
            finally:
                watch.close()
        code = process.returncode
        return 128 - code if code < 0 else code


def _start(command: Command, mark: str) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            command.arguments,
            cwd=command.folder,
            env=_tree.marked(command.env, mark),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
    except FileNotFoundError:
        raise ProgramMissing(command.arguments[0]) from None
    except PermissionError:
        raise TaskFailed(f"`{command.arguments[0]}` may not be executed") from None
    except (OSError, ValueError) as error:
        raise TaskFailed(f"`{command.arguments[0]}` could not be started: {error}") from error


class _Watch:
    """Follows a process: its two streams in the thread that runs the task, its end and a wish to stop in others.

    So that whoever hears the lines may hold up the process, but not its kill.
    """

    def __init__(self, process: subprocess.Popen[bytes], mark: str, on_line: Callable[[str, bool], None]) -> None:
        self._process = process
        self._mark = mark
        self._end = threading.Event()
        self._stopper: threading.Thread | None = None
        self._stopped = False
        self._closed = False
        self._lock = threading.Lock()
        self._wake_out, self._wake_in = os.pipe()
        self._lines = {
            process.stdout: Lines(lambda line: on_line(line, False)),
            process.stderr: Lines(lambda line: on_line(line, True)),
        }
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._wake_out, selectors.EVENT_READ)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                os.set_blocking(stream.fileno(), False)
                self._selector.register(stream, selectors.EVENT_READ, stream)
        self._waiter = threading.Thread(target=self._wait, name="process-wait", daemon=True)
        self._waiter.start()

    def stop(self) -> None:
        """Ask for the end; called from other threads, also when it is all over."""
        with self._lock:
            if self._closed or self._stopper is not None:
                return
            self._stopper = threading.Thread(target=self._stop, name="process-stop", daemon=True)
            self._stopper.start()
        self._wake()

    def until_the_end(self) -> None:
        """Return when the command has ended and has said all; once asked to stop, when its whole tree is gone."""
        while not self._end.is_set() and self._stopper is None:
            self._listen(None)
        deadline = time.monotonic() + LINGER_SECONDS
        while self._stopper is None and self._is_open() and (left := deadline - time.monotonic()) > 0:
            self._listen(left)
        if self._stopper is not None:
            while not self._stopped:
                self._listen(None)
            self._drain()
        for lines in self._lines.values():
            lines.close()

    def close(self) -> None:
        """Leave nothing open; where it did not come to a regular end, leave nothing running."""
        if not self._end.is_set():
            _tree.kill(self._process.pid, self._mark)
        self._waiter.join()
        with self._lock:
            self._closed = True
        if self._stopper is not None:
            self._stopper.join()
        self._process.wait()
        os.close(self._wake_in)
        os.close(self._wake_out)
        self._selector.close()
        for stream in (self._process.stdout, self._process.stderr):
            if stream is not None:
                stream.close()

    def _stop(self) -> None:
        pid = self._process.pid
        _tree.tell(pid, self._mark, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_SECONDS
        self._end.wait(GRACE_SECONDS)
        # Whoever was just being started may have missed it.
        _tree.tell(pid, self._mark, signal.SIGTERM)
        while _tree.members(pid, self._mark) and time.monotonic() < deadline:
            time.sleep(0.02)
        _tree.kill(pid, self._mark)
        self._stopped = True
        self._wake()

    def _drain(self) -> None:
        """What the dead have left in their pipes, which hold 1 MB at most."""
        for _ in range(64):
            if not self._is_open() or not self._listen(0):
                return

    def _is_open(self) -> bool:
        """Whether one of the streams is."""
        return len(self._selector.get_map()) > 1

    def _listen(self, seconds: float | None) -> bool:
        """Take in what comes within a time; whether anything did."""
        ready = self._selector.select(seconds)
        for key, _ in ready:
            if key.data is None:
                os.read(self._wake_out, 16)
            else:
                self._read(key.data)
        return bool(ready)

    def _read(self, stream: IO[bytes]) -> None:
        try:
            data = os.read(stream.fileno(), CHUNK_BYTES)
        except BlockingIOError:
            return
        if data:
            self._lines[stream].feed(data)
        else:
            self._selector.unregister(stream)

    def _wait(self) -> None:
        if sys.platform == "linux":
            # Its pid must stay its own until its tree has been looked for; where somebody ignores SIGCHLD it can't.
            with suppress(ChildProcessError):
                os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOWAIT)
        else:
            self._process.wait()
        self._end.set()
        self._wake()

    def _wake(self) -> None:
        with self._lock:
            if not self._closed:
                os.write(self._wake_in, b".")
