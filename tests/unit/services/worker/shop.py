"""A worker with a queue and logs in memory, and tasks that do what a test tells them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import timedelta
from typing import ClassVar

import factories
from attempts import NOWHERE
from kapell.adapters.files.local import LocalFiles
from kapell.adapters.memory.logs import MemoryLogs
from kapell.adapters.memory.queue import MemoryQueue
from kapell.clock import ManualClock
from kapell.errors import NotFound
from kapell.expr import Env
from kapell.model.flow import Flow, Task
from kapell.model.log import LogLine, Metric
from kapell.model.messages import CancelTask, Event, Job, RunTask, TaskFinished
from kapell.model.task_run import TaskRun
from kapell.sdk import Output, RunContext, RunnableTask, Void, prop
from kapell.sdk.task import TaskType
from kapell.services.worker.claim import Worker

SPAN = timedelta(seconds=30)
Do = Callable[[RunContext], Output | None]


class Act(RunnableTask[Output]):
    """Does what the test put under its name."""

    name: str = prop("Which.")
    acts: ClassVar[dict[str, Do]] = {}

    def run(self, ctx: RunContext) -> Output:
        return self.acts[self.name](ctx) or Void()


def find_act(_type: str) -> type[TaskType]:
    return Act


class HeardLogs(MemoryLogs):
    """Logs that tell when something came; `append` first awaits `gate`."""

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__()
        self.batches: list[int] = []
        self.gate: Callable[[], Awaitable[None]] | None = None
        self._changed = changed

    async def append(self, lines: Sequence[LogLine], metrics: Sequence[Metric] = ()) -> None:
        if self.gate is not None:
            await self.gate()
        self.batches.append(len(lines))
        await super().append(lines, metrics)
        self._changed()


class Shop:
    """What a worker needs, all of it visible."""

    def __init__(self, *, threads: int = 4, cancel_grace: timedelta = SPAN) -> None:
        self.queue = MemoryQueue()
        self.logs = HeardLogs(self._change)
        self.clock = ManualClock()
        self.events: list[Event] = []
        self.report_errors: list[Exception] = []
        self.execution = factories.execution()
        self.tasks: list[Task] = []
        self.worker = Worker(
            self.queue,
            self.logs,
            LocalFiles(NOWHERE),
            flows=self._flow,
            report=self._report,
            env=lambda job: Env(now=self.clock.now, namespace=job.namespace),
            clock=self.clock,
            worker_id="worker",
            threads=threads,
            span=SPAN,
            cancel_grace=cancel_grace,
        )
        self._changes = asyncio.Condition()
        self._running = asyncio.create_task(self.worker.run())

    async def offer(self, do: Do, name: str = "hello", group: str = "", *, log_to_file: bool = False) -> TaskRun:
        """Offer a job whose task does `do`."""
        Act.acts[name] = do
        self.tasks.append(Task(id=name, type="com.acme.Act", properties={"name": name}, log_to_file=log_to_file))
        run = factories.task_run(self.execution, name)
        await self.queue.offer([RunTask(job=factories.job(run, group=group), variables={})])
        return run

    async def cancel(self, run: TaskRun) -> None:
        await self.queue.cancel([CancelTask(execution_id=run.execution_id, task_run_id=run.id, attempt=0)])

    async def until(self, met: Callable[[], bool]) -> None:
        """Wait until something has been reported or stored that makes `met` true."""
        async with asyncio.timeout(20), self._changes:
            await self._changes.wait_for(met)

    async def finished(self, count: int = 1) -> list[TaskFinished]:
        """Wait for so many ends."""
        await self.until(lambda: len(self.ends) >= count)
        return self.ends

    @property
    def ends(self) -> list[TaskFinished]:
        return [event for event in self.events if isinstance(event, TaskFinished)]

    async def lines(self) -> list[str]:
        return [line.message for line in await self.logs.read(self.execution.id, limit=2_000_000)]

    async def close(self) -> None:
        await self.worker.stop(timedelta(0))
        await self._running

    async def ended(self) -> None:
        """Wait until the worker has ended by itself."""
        await asyncio.wait_for(asyncio.shield(self._running), 20)

    async def _flow(self, job: Job) -> Flow:
        if not self.tasks:
            raise NotFound("There is no such flow")
        return Flow(id=job.flow_id, namespace=job.namespace, source="", tasks=tuple(self.tasks))

    async def _report(self, events: Sequence[Event]) -> None:
        if self.report_errors:
            raise self.report_errors.pop(0)
        self.events.extend(events)
        self._change()

    def _change(self) -> None:
        task = asyncio.get_running_loop().create_task(self._tell())
        task.add_done_callback(lambda _: None)

    async def _tell(self) -> None:
        async with self._changes:
            self._changes.notify_all()


def play(test: Callable[[Shop], Coroutine[object, object, None]], **given: object) -> None:
    """Run a test with a shop that is closed afterwards."""

    async def main() -> None:
        shop = Shop(**given)
        try:
            await test(shop)
        finally:
            await shop.close()

    asyncio.run(main())
