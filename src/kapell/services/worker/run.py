"""One claimed job, from TaskStarted to TaskFinished."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from kapell.clock import Clock
from kapell.errors import KapellError, NotFound, StoreError
from kapell.expr import Env
from kapell.model.flow import Flow, Task
from kapell.model.log import Level
from kapell.model.messages import Job, RunTask, TaskFinished, TaskStarted
from kapell.model.state import State
from kapell.ports.files import Files
from kapell.services.attempt import Result, run_attempt
from kapell.services.context import TaskContext
from kapell.services.doors import Doors
from kapell.services.folders import Folders
from kapell.services.log_file import LogFile
from kapell.services.worker.patience import Patience
from kapell.services.worker.reports import Reports
from kapell.services.worker.speech import Speech
from kapell.services.worker.threads import Threads

LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all runs of a worker share."""

    worker_id: str
    files: Files
    flows: Callable[[Job], Awaitable[Flow]]
    env: Callable[[Job], Env]
    clock: Clock
    threads: Threads
    speech: Speech
    reports: Reports
    grace: timedelta
    doors: Doors | None
    folders: Folders


class Run:
    """An attempt that this worker holds. `abandoned` tells that its thread did not end when it was asked to."""

    def __init__(self, run_task: RunTask, around: Surroundings) -> None:
        self.job = run_task.job
        self.abandoned = False
        self.dropped = False
        self._run_task = run_task
        self._around = around
        self._ctx: TaskContext | None = None
        self._log_file: LogFile | None = None
        self._asked = False
        self._turn = asyncio.Event()

    @property
    def attempt(self) -> tuple[str, int]:
        """What a cancellation names it by."""
        return self.job.task_run_id, self.job.attempt

    def cancel(self) -> None:
        """Ask it to stop; that it did is reported."""
        self._asked = True
        self._turn.set()
        if self._ctx is not None:
            # What a plugin does to stop may take its time, which the loop has not.
            self._around.threads.run(self._ctx.cancel)

    def drop(self) -> None:
        """Ask it to stop and hear no more of it: the job is another worker's now."""
        self.dropped = True
        if self._ctx is not None:
            self._ctx.silence()
        self.cancel()

    async def work(self) -> None:
        """Do it; when this returns, TaskFinished is safe, unless it was dropped."""
        around, job = self._around, self.job
        started = around.reports.tell(
            TaskStarted(
                id=f"{job.id}-started",
                execution_id=job.execution_id,
                at=around.clock.now(),
                task_run_id=job.task_run_id,
                attempt=job.attempt,
                worker_id=around.worker_id,
            )
        )
        try:
            result = await self._result()
            if self.dropped:
                await started
                return
            await around.speech.flush()
            log_file = await self._stored_log()
        finally:
            if self._log_file is not None:
                self._log_file.close()
        try:
            await asyncio.gather(started, around.reports.tell(self._finished(result, log_file)))
        except Exception as error:
            # What can't be stored, such as an odd output, fails the task rather than being tried for ever.
            LOG.exception("action=report worker=%s job=%s", around.worker_id, job.id)
            failed = Result(State.FAILED, error=f"the result could not be stored: {error}")
            await around.reports.tell(self._finished(failed, log_file))

    async def _stored_log(self) -> str | None:
        """The address of the file of its lines, if it has one; what can't be stored is lost, as lines may be."""
        if (file := self._log_file) is None:
            return None
        try:
            return await asyncio.to_thread(file.store, self._around.files, self.job)
        except (OSError, KapellError):
            LOG.exception("action=store-log-file worker=%s job=%s lost", self._around.worker_id, self.job.id)
            return None

    def _finished(self, result: Result, log_file: str | None) -> TaskFinished:
        job = self.job
        return TaskFinished(
            id=f"{job.id}-finished",
            execution_id=job.execution_id,
            at=self._around.clock.now(),
            task_run_id=job.task_run_id,
            attempt=job.attempt,
            state=result.state,
            outputs=result.outputs,
            error=result.error,
            last_log=self._ctx.last_log if self._ctx is not None else 0,
            log_file=log_file,
            changes=result.changes,
        )

    async def _result(self) -> Result:
        try:
            task = find_task(await self._flow(), self.job)
        except Exception as error:
            sentence = str(error) if isinstance(error, KapellError) else f"{type(error).__name__}: {error}"
            self._context(Task(id=self.job.task_id, type="")).log(Level.ERROR, sentence)
            return Result(State.FAILED, error=sentence)
        ctx = self._context(task)
        return await self._ended(self._around.threads.run(lambda: run_attempt(task, ctx, self._around.files)))

    async def _flow(self) -> Flow:
        patience = Patience()
        while True:
            try:
                return await self._around.flows(self.job)
            except StoreError as error:
                LOG.warning("action=read-flow job=%s: %s", self.job.id, error)
                await patience.wait()

    def _context(self, task: Task) -> TaskContext:
        around = self._around
        self._log_file = LogFile() if task.log_to_file else None
        self._ctx = ctx = TaskContext(
            self._run_task,
            task,
            env=around.env(self.job),
            files=around.files,
            clock=around.clock,
            on_log=around.speech.line if self._log_file is None else self._log_file.line,
            on_metric=around.speech.metric,
            doors=around.doors,
            shared=around.folders.path(self.job.execution_id, self.job.folder) if self.job.folder else None,
        )
        if self._asked:
            ctx.cancel()
        return ctx

    async def _ended(self, work: asyncio.Future[Result]) -> Result:
        """Its result; or, when it was asked to stop and does not within the grace, KILLED without it."""
        work.add_done_callback(lambda _: self._turn.set())
        await self._turn.wait()
        if not work.done():
            await asyncio.wait({work}, timeout=self._around.grace.total_seconds())
        if work.done():
            return _outcome(work)
        self.abandoned = True
        if self._ctx is not None:
            self._ctx.silence()
        LOG.error("action=abandon-thread worker=%s job=%s", self._around.worker_id, self.job.id)
        return Result(State.KILLED)


def _outcome(work: asyncio.Future[Result]) -> Result:
    error = work.exception()
    return work.result() if error is None else Result(State.FAILED, error=f"{type(error).__name__}: {error}")


def find_task(flow: Flow, job: Job) -> Task:
    """The task that a job is about; raises `NotFound`."""
    task = _by_id(flow).get(job.task_id)
    if task is None:
        raise NotFound(f"{job.namespace}.{job.flow_id} has no task {job.task_id} in revision {job.revision}")
    return task


@lru_cache(64)
def _by_id(flow: Flow) -> dict[str, Task]:
    """All of its tasks, gathered once: a flow of a thousand tasks is looked into a thousand times."""
    return {task.id: task for task in flow.all_tasks()}
