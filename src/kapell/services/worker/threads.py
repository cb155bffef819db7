"""Threads for blocking work: kept for the next one, and daemons, so that one that hangs keeps nobody from leaving."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import count
from queue import SimpleQueue
from typing import TypeVar

T = TypeVar("T")
Work = Callable[[], None]


class Threads:
    """As many threads as there is work at a time. `asyncio`'s own pool would wait at exit for one that never ends."""

    def __init__(self, name: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._idle: list[SimpleQueue[Work | None]] = []
        self._names = (f"{name}-{number}" for number in count(1))

    def run(self, work: Callable[[], T]) -> asyncio.Future[T]:
        """Do `work` in a thread; the future has what it returned or raised."""
        future: asyncio.Future[T] = self._loop.create_future()
        box = self._idle.pop() if self._idle else self._start()

        def do() -> None:
            try:
                result = work()
            except BaseException as error:
                self._later(partial(self._over, box, future, partial(future.set_exception, error)))
            else:
                self._later(partial(self._over, box, future, partial(future.set_result, result)))

        box.put(do)
        return future

    def close(self) -> None:
        """Let the idle ones end."""
        while self._idle:
            self._idle.pop().put(None)

    def _start(self) -> SimpleQueue[Work | None]:
        box: SimpleQueue[Work | None] = SimpleQueue()
        threading.Thread(target=_serve, args=(box,), name=next(self._names), daemon=True).start()
        return box

    def _later(self, act: Callable[[], None]) -> None:
        # A thread that was given up may outlive the loop.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(act)

    def _over(self, box: SimpleQueue[Work | None], future: asyncio.Future[T], settle: Callable[[], None]) -> None:
        self._idle.append(box)
        if not future.done():
            settle()


def _serve(box: SimpleQueue[Work | None]) -> None:
    while (work := box.get()) is not None:
        work()
