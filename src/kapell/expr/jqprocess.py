"""A process of its own for jq programs: no environment, a limit on its memory, ended when a program takes too long.

It stays for the next program, so that only the first one waits for it to start. A request and an answer are one line of
JSON each; the process ends when its standard input does.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import subprocess
import sys
from threading import Lock
from time import monotonic

from kapell.errors import RenderError
from kapell.expr.budget import OverBudget

KEPT = 2
"""How many idle processes wait for the next program."""

MEMORY_BYTES = 1 << 30
STARTING_SECONDS = 20.0
_CHUNK = 1 << 16

_CHILD = """
import json, signal, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
sys.path[:], memory = json.loads(sys.stdin.readline())
import jq
try:
    import resource
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
except (ImportError, ValueError, OSError):
    pass
programs = {}
print(json.dumps([True, []]), flush=True)
for line in sys.stdin:
    source, text, left = json.loads(line)
    try:
        program = programs.get(source)
        if program is None:
            if len(programs) > 255:
                programs.clear()
            program = programs[source] = jq.compile(source)
        found = []
        for result in program.input_text(text):
            left -= len(result) + 1
            if left < 0:
                break
            found.append(result)
        answer = [True, found] if left >= 0 else [None, []]
    except MemoryError:
        answer = [False, "it needs too much memory"]
    except Exception as error:
        answer = [False, str(error)[-200:]]
    print(json.dumps(answer), flush=True)
"""


class _Child:
    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", _CHILD],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
        )
        self.rest = b""
        try:
            self.ask([sys.path, MEMORY_BYTES], STARTING_SECONDS)
        except BaseException:
            self.end()
            raise

    def ask(self, question: object, seconds: float) -> tuple[bool | None, object]:
        """The answer; raises TimeoutError when it does not come in time, EOFError when the process ends before."""
        deadline = monotonic() + seconds
        try:
            self.send(json.dumps(question).encode() + b"\n", deadline)
            line = self.line(deadline)
        except BrokenPipeError:
            raise EOFError from None
        done, found = json.loads(line)
        return done, found

    def send(self, data: bytes, deadline: float) -> None:
        assert self.process.stdin is not None
        pipe = self.process.stdin.fileno()
        os.set_blocking(pipe, False)
        view = memoryview(data)
        while view:
            _, ready, _ = select.select([], [pipe], [], max(0.0, deadline - monotonic()))
            if not ready:
                raise TimeoutError
            view = view[os.write(pipe, view) :]

    def line(self, deadline: float) -> bytes:
        assert self.process.stdout is not None
        pipe, pieces = self.process.stdout.fileno(), [self.rest]
        while b"\n" not in pieces[-1]:
            ready, _, _ = select.select([pipe], [], [], max(0.0, deadline - monotonic()))
            if not ready:
                raise TimeoutError
            piece = os.read(pipe, _CHUNK)
            if not piece:
                raise EOFError
            pieces.append(piece)
        line, _, self.rest = b"".join(pieces).partition(b"\n")
        return line

    def end(self) -> None:
        self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self.process.wait()


class _Pool:
    """The idle processes; each runs one program at a time."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.idle: list[_Child] = []

    def take(self) -> _Child:
        with self.lock:
            child = self.idle.pop() if self.idle else None
        if child is not None and child.process.poll() is None:
            return child
        if child is not None:
            child.end()
        return _Child()

    def give_back(self, child: _Child) -> None:
        with self.lock:
            if len(self.idle) < KEPT:
                self.idle.append(child)
                return
        child.end()

    def close(self) -> None:
        with self.lock:
            idle, self.idle = self.idle, []
        for child in idle:
            child.end()


_pool = _Pool()
atexit.register(lambda: _pool.close())


def _forget() -> None:
    """A forked process must not speak to its parent's processes."""
    global _pool
    _pool = _Pool()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def run(program: str, text: str, chars: int, seconds: float) -> list[str]:
    """All results as JSON text.

    Raises ValueError for a wrong program or one that fails, `OverBudget` for one that needs too much of anything.
    """
    pool = _pool
    try:
        child = pool.take()
    except (EOFError, TimeoutError, OSError) as error:
        raise RenderError("The process for jq programs could not be started") from error
    try:
        done, found = child.ask([program, text, chars], seconds)
    except TimeoutError:
        child.end()
        raise OverBudget("The jq program takes too long") from None
    except EOFError:
        child.end()
        raise OverBudget("The jq program needs too much memory") from None
    except BaseException:
        child.end()
        raise
    pool.give_back(child)
    if done is None:
        raise OverBudget(f"The jq program makes more than {chars} characters")
    if not done:
        raise ValueError(str(found))
    if not isinstance(found, list):
        raise RenderError("The jq process gave no answer")
    return found
