"""A worker: claims jobs as it has threads for them, and sees to each until its end is told."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import timedelta

from kapell.clock import Clock
from kapell.errors import StoreError
from kapell.expr import Env
from kapell.model.flow import Flow
from kapell.model.messages import Job
from kapell.ports.files import Files
from kapell.ports.logs import Logs
from kapell.ports.queue import Queue
from kapell.services.doors import Doors
from kapell.services.folders import Folders
from kapell.services.scratch import SCRATCH
from kapell.services.worker.heartbeat import keep_beating, keep_listening
from kapell.services.worker.patience import Patience
from kapell.services.worker.reports import Report, Reports
from kapell.services.worker.run import Run, Surroundings
from kapell.services.worker.speech import Speech
from kapell.services.worker.threads import Threads

LOG = logging.getLogger(__name__)
SPAN = timedelta(seconds=30)
CANCEL_GRACE = timedelta(seconds=10)
MOST_ABANDONED = 20


class Worker:
    """Runs attempts in up to `threads` threads at a time. Made and used on one event loop.

    `report` puts events where executors find them, `flows` gives the flow that a job is of. With 20 threads that did
    not end when asked to, it is `worn_out`: it claims no more, and `run` returns when it has finished the rest.
    """

    def __init__(
        self,
        queue: Queue,
        logs: Logs,
        files: Files,
        *,
        flows: Callable[[Job], Awaitable[Flow]],
        report: Report,
        env: Callable[[Job], Env],
        clock: Clock,
        worker_id: str,
        group: str = "",
        threads: int = 8,
        span: timedelta = SPAN,
        cancel_grace: timedelta = CANCEL_GRACE,
        doors: Doors | None = None,
        folders: Folders | None = None,
    ) -> None:
        self.abandoned = 0
        self._queue = queue
        self._clock = clock
        self._id = worker_id
        self._group = group
        self._size = threads
        self._span = span
        self._speech = Speech(logs)
        self._threads = Threads(worker_id)
        self._around = Surroundings(
            worker_id,
            files,
            flows,
            env,
            clock,
            self._threads,
            self._speech,
            Reports(report),
            cancel_grace,
            doors,
            folders or Folders(SCRATCH.folder / "shared"),
        )
        self._runs: dict[Run, asyncio.Task[None]] = {}
        self._room = asyncio.Event()
        self._room.set()
        self._claiming: asyncio.Task[None] | None = None
        self._stopping = False

    @property
    def worn_out(self) -> bool:
        """Whether so many threads are lost that the process should be replaced."""
        return self.abandoned >= MOST_ABANDONED

    @property
    def running(self) -> int:
        """How many attempts it has at present."""
        return len(self._runs)

    def runs(self) -> Iterable[Run]:
        """The attempts that it has at present."""
        return tuple(self._runs)

    async def run(self) -> None:
        """Work until `stop`, or until it is worn out."""
        self._claiming = asyncio.create_task(self._claim())
        around = [
            asyncio.create_task(keep_beating(self._queue, self._id, self.runs, self._clock, self._span)),
            asyncio.create_task(keep_listening(self._queue, self._id, self.runs)),
        ]
        try:
            await asyncio.wait({self._claiming, *around}, return_when=asyncio.FIRST_COMPLETED)
            while self._runs:
                await asyncio.wait(self._runs.values())
            await self._speech.close()
        finally:
            for task in (self._claiming, *around):
                task.cancel()
            for run, task in self._runs.items():
                run.drop()
                task.cancel()
            ends = await asyncio.gather(self._claiming, *around, return_exceptions=True)
            self._threads.close()
        for end in ends:
            if isinstance(end, Exception):
                raise end

    async def stop(self, grace: timedelta) -> None:
        """Claim no more; what has not ended after `grace` is stopped and handed to other workers."""
        self._stopping = True
        if self._claiming is not None:
            self._claiming.cancel()
        if self._runs:
            await asyncio.wait(self._runs.values(), timeout=grace.total_seconds())
        left = dict(self._runs)
        for run in left:
            run.drop()
        if left:
            await asyncio.wait(left.values())
            await self._queue.give_back(self._id, [run.job.id for run in left])

    async def _claim(self) -> None:
        patience = Patience()
        while not (self.worn_out or self._stopping):
            await self._room.wait()
            free = self._size - len(self._runs)
            try:
                claims = await self._queue.claim(self._id, self._group, free, self._clock.now(), self._span)
            except StoreError as error:
                LOG.warning("action=claim worker=%s: %s", self._id, error)
                await patience.wait()
                continue
            patience = Patience()
            for claim in claims:
                run = Run(claim.task, self._around)
                self._runs[run] = asyncio.create_task(self._see_to(run))
            self._set_room()

    async def _see_to(self, run: Run) -> None:
        try:
            await run.work()
            if not run.dropped:
                await self._queue.done(self._id, [run.job.id])
        except Exception:
            # Either its end is safe, and the executor takes the job away, or its lease runs out and others get it.
            LOG.exception("action=run worker=%s job=%s", self._id, run.job.id)
        finally:
            del self._runs[run]
            self._set_room()
            if run.abandoned:
                self._count_abandoned()

    def _count_abandoned(self) -> None:
        self.abandoned += 1
        if self.worn_out and self._claiming is not None:
            LOG.error("action=wear-out worker=%s abandoned=%d", self._id, self.abandoned)
            self._claiming.cancel()

    def _set_room(self) -> None:
        if len(self._runs) < self._size:
            self._room.set()
        else:
            self._room.clear()
