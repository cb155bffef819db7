"""What attempts say, on its way from their threads to the store: in batches, and never more than fits."""

from __future__ import annotations

import asyncio
import logging
import threading
from contextlib import suppress

from kapell.errors import StoreError
from kapell.model.log import LogLine, Metric
from kapell.ports.logs import Logs
from kapell.services.worker.patience import Patience

LOG = logging.getLogger(__name__)
FULL_LINES = 100
DELAY_SECONDS = 0.1
ROOM_BYTES = 4_000_000
LINE_BYTES = 300
"""What a line weighs beside its message."""


class Speech:
    """Lines and metrics of all attempts of a worker.

    They are stored when there are 100 of them, when the first has waited for 0.1 s, or when somebody flushes. A
    thread that speaks while 4 MB wait is held up until there is room.
    """

    def __init__(self, logs: Logs) -> None:
        self._logs = logs
        self._loop = asyncio.get_running_loop()
        self._said: list[LogLine | Metric] = []
        self._bytes = 0
        self._room = threading.Condition()
        self._storing = asyncio.Lock()
        self._timer: asyncio.TimerHandle | None = None
        self._flushes: set[asyncio.Task[None]] = set()
        self._closed = False

    def line(self, line: LogLine) -> None:
        """Take a line; called by the attempts' threads."""
        self._take(line, LINE_BYTES + len(line.message))

    def metric(self, metric: Metric) -> None:
        """Take a metric; called by the attempts' threads."""
        self._take(metric, LINE_BYTES)

    async def flush(self) -> None:
        """Return when all that was said before is stored."""
        async with self._storing:
            while said := self._all():
                await self._store(said)

    async def close(self) -> None:
        """Store what is left; nobody is held up any more, and what is said from now on is lost."""
        await self.flush()
        with self._room:
            self._closed = True
            self._room.notify_all()
        if self._timer is not None:
            self._timer.cancel()

    def _take(self, said: LogLine | Metric, size: int) -> None:
        with self._room:
            while self._bytes >= ROOM_BYTES and not self._closed:
                self._room.wait()
            if self._closed:
                return
            self._said.append(said)
            self._bytes += size
            waiting = len(self._said)
            full = waiting == FULL_LINES or self._bytes >= ROOM_BYTES
        if waiting == 1 or full:
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._flush_now if full else self._flush_soon)

    def _all(self) -> list[LogLine | Metric]:
        with self._room:
            said, self._said, self._bytes = self._said, [], 0
            self._room.notify_all()
        return said

    async def _store(self, said: list[LogLine | Metric]) -> None:
        lines = [item for item in said if isinstance(item, LogLine)]
        metrics = [item for item in said if isinstance(item, Metric)]
        patience = Patience()
        while True:
            try:
                return await self._logs.append(lines, metrics)
            except StoreError as error:
                LOG.warning("action=store-logs lines=%d: %s", len(lines), error)
                await patience.wait()
            except Exception:
                # Better a log with a gap than a task whose end is never told.
                return LOG.exception("action=store-logs lines=%d lost", len(lines))

    def _flush_soon(self) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(DELAY_SECONDS, self._flush_now)

    def _flush_now(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        flush = self._loop.create_task(self.flush())
        self._flushes.add(flush)
        flush.add_done_callback(self._flushes.discard)
