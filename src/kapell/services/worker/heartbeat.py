"""What a worker holds stays its own as long as it beats; what it has lost, or is told to stop, is stopped."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from kapell.clock import Clock
from kapell.errors import StoreError
from kapell.ports.queue import Queue
from kapell.services.worker.patience import Patience
from kapell.services.worker.run import Run

LOG = logging.getLogger(__name__)
Held = Callable[[], Iterable[Run]]
"""Gives all that a worker has at present."""


async def beat(queue: Queue, worker_id: str, held: Held, now: datetime, span: timedelta) -> None:
    """Hold everything for another `span`, and drop what others have got."""
    lost = set(await queue.beat(worker_id, now, span))
    for run in held():
        if run.job.id in lost:
            LOG.warning("action=lose-job worker=%s job=%s", worker_id, run.job.id)
            run.drop()


async def keep_beating(queue: Queue, worker_id: str, held: Held, clock: Clock, span: timedelta) -> None:
    """Beat three times in each span, for ever."""
    while True:
        try:
            await beat(queue, worker_id, held, clock.now(), span)
        except StoreError as error:
            LOG.warning("action=beat worker=%s: %s", worker_id, error)
        await asyncio.sleep(span.total_seconds() / 3)


async def keep_listening(queue: Queue, worker_id: str, held: Held) -> None:
    """Cancel what is to be cancelled, for ever."""
    patience = Patience()
    while True:
        try:
            told = await queue.cancelled(worker_id)
            patience = Patience()
        except StoreError as error:
            LOG.warning("action=listen worker=%s: %s", worker_id, error)
            await patience.wait()
            continue
        for run in held():
            if run.attempt == (told.task_run_id, told.attempt):
                run.cancel()
