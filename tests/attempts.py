"""Runs one attempt of a task as a worker would, in this thread, and gathers all that it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import factories
from kapell.adapters.files.local import LocalFiles
from kapell.clock import Clock, ManualClock
from kapell.expr import Env
from kapell.model.flow import Task
from kapell.model.log import Level, LogLine, Metric
from kapell.model.messages import Job, RunTask
from kapell.model.read import Reader
from kapell.ports.files import Files
from kapell.sdk.prop import by_name
from kapell.sdk.registry import find_task
from kapell.services.attempt import Result, run_attempt
from kapell.services.context import TaskContext
from kapell.services.doors import Doors

LOG = "io.kestra.plugin.core.log.Log"
RETURN = "io.kestra.plugin.core.debug.Return"
NOWHERE = Path("/dev/null/no-storage")
"""Tests that store files say where."""
FOLDER = "/company/team/hello/executions/e"
"""Where the files of the execution lie that all attempts here are of."""


class Ran(NamedTuple):
    """What an attempt came to, and what it said meanwhile."""

    result: Result
    lines: list[LogLine]
    metrics: list[Metric]

    @property
    def said(self) -> list[tuple[str, str]]:
        return [(str(line.level), line.message) for line in self.lines]


def job(task_id: str = "hello") -> Job:
    execution = factories.execution(id="e")
    return factories.job(factories.task_run(execution, task_id))


def context(
    task: Task,
    *,
    variables: Mapping[str, object] | None = None,
    files: Files | None = None,
    clock: Clock | None = None,
    reader: Reader | None = None,
    on_log: Callable[[LogLine], None] = lambda _line: None,
    on_metric: Callable[[Metric], None] = lambda _metric: None,
    doors: Doors | None = None,
) -> TaskContext:
    clock = clock or ManualClock()
    env = Env(now=clock.now, reader=reader) if reader else Env(now=clock.now)
    return TaskContext(
        RunTask(job=job(task.id), variables=variables or {}),
        task,
        env=env,
        files=files or LocalFiles(NOWHERE),
        clock=clock,
        on_log=on_log,
        on_metric=on_metric,
        doors=doors,
    )


def named(type: str, written: Mapping[str, object]) -> dict[str, object]:
    """Properties as a flow writes them, by the names that a task has them under."""
    return by_name(find_task(type), written)


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
