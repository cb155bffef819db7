"""Runs one attempt of a task as a worker would, in this thread, and gathers all that it says."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import BinaryIO, NamedTuple

import factories
from kapell.clock import Clock, ManualClock
from kapell.errors import NotFound
from kapell.expr import Env
from kapell.model.flow import Task
from kapell.model.log import Level, LogLine, Metric
from kapell.model.messages import Job, RunTask
from kapell.model.read import Reader
from kapell.services.attempt import Result, run_attempt
from kapell.services.context import TaskContext

LOG = "io.kestra.plugin.core.log.Log"
RETURN = "io.kestra.plugin.core.debug.Return"


class HeldFiles:
    """Internal storage in a dict."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    def put(self, path: str, content: BinaryIO) -> str:
        self.contents[f"kestra://{path}"] = content.read()
        return f"kestra://{path}"

    def open(self, address: str) -> BinaryIO:
        if address not in self.contents:
            raise NotFound(f"There is no file {address}")
        return io.BytesIO(self.contents[address])

    def size(self, address: str) -> int:
        return len(self.contents[address])

    def exists(self, address: str) -> bool:
        return address in self.contents

    def walk(self, prefix: str) -> Iterator[str]:
        return iter(sorted(address for address in self.contents if address.startswith(f"kestra://{prefix}/")))

    def delete(self, addresses: Sequence[str]) -> int:
        return sum(self.contents.pop(address, None) is not None for address in addresses)


class Ran(NamedTuple):
    """What an attempt came to, and what it said meanwhile."""

    result: Result
    lines: list[LogLine]
    metrics: list[Metric]

    @property
    def said(self) -> list[tuple[str, str]]:
        return [(str(line.level), line.message) for line in self.lines]


def job(task_id: str = "hello") -> Job:
    execution = factories.execution()
    return factories.job(factories.task_run(execution, task_id))


def context(
    task: Task,
    *,
    variables: Mapping[str, object] | None = None,
    files: HeldFiles | None = None,
    clock: Clock | None = None,
    reader: Reader | None = None,
    on_log: Callable[[LogLine], None] = lambda _line: None,
    on_metric: Callable[[Metric], None] = lambda _metric: None,
) -> TaskContext:
    clock = clock or ManualClock()
    env = Env(now=clock.now, reader=reader) if reader else Env(now=clock.now)
    return TaskContext(
        RunTask(job=job(task.id), variables=variables or {}),
        task,
        env=env,
        files=files or HeldFiles(),
        clock=clock,
        on_log=on_log,
        on_metric=on_metric,
    )


def attempt(
    type: str,
    properties: Mapping[str, object] | None = None,
    *,
    log_level: Level | None = None,
    prepare: Callable[[TaskContext], None] = lambda _ctx: None,
    heard: Callable[[TaskContext, LogLine], None] = lambda _ctx, _line: None,
    **given: object,
) -> Ran:
    """Run it; `prepare` is done to its context before, `heard` with each line as it comes."""
    task = Task(id="hello", type=type, properties=properties or {}, log_level=log_level)
    lines: list[LogLine] = []
    metrics: list[Metric] = []

    def hear(line: LogLine) -> None:
        lines.append(line)
        heard(ctx, line)

    ctx = context(task, on_log=hear, on_metric=metrics.append, **given)
    prepare(ctx)
    return Ran(run_attempt(task, ctx), lines, metrics)
