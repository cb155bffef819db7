"""The janitor: what nobody needs any more is removed, now and then."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import timedelta

from kapell.clock import Clock
from kapell.ports.files import Files
from kapell.services import task_cache

LOGGER = logging.getLogger(__name__)
INTERVAL = timedelta(hours=1)


class Janitor:
    """`run` makes a round at once and every hour, until stopped."""

    def __init__(self, files: Files, clock: Clock) -> None:
        self._files = files
        self._clock = clock
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Tidy up until stopped."""
        while not self._stopping.is_set():
            try:
                await self.round()
            except Exception:
                # What could not be removed now is removed later, and keeps nobody from working.
                LOGGER.exception("action=janitor-failed")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(INTERVAL.total_seconds()):
                    await self._stopping.wait()

    def stop(self) -> None:
        """Let `run` return."""
        self._stopping.set()

    async def round(self) -> None:
        """Remove the results of tasks that were kept long enough."""
        swept = await asyncio.to_thread(task_cache.sweep, self._files, self._clock.now())
        if swept:
            LOGGER.info("action=sweep cached_tasks=%d", swept)
