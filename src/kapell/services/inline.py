"""Inline tasks: quick ones without I/O that the executor runs itself, between one event and the next."""

from __future__ import annotations

from dataclasses import replace

from kapell.clock import Clock
from kapell.expr import Env
from kapell.model.flow import Task
from kapell.model.log import LogLine, Metric
from kapell.model.messages import RunTask, TaskFinished
from kapell.model.read import NeedsRead
from kapell.ports.files import Files
from kapell.services.attempt import run_attempt
from kapell.services.context import TaskContext


def run_inline(run: RunTask, task: Task, *, env: Env, files: Files, clock: Clock) -> TaskFinished | None:
    """Run an attempt here and now; None when it wants to read something and has to go to a worker."""
    logs: list[LogLine] = []
    metrics: list[Metric] = []
    started = clock.now()
    # What only a worker may ask may be asked here, too: no answer is at hand, and that sends the task to a worker.
    env = replace(env, in_worker=True)
    ctx = TaskContext(run, task, env=env, files=files, clock=clock, on_log=logs.append, on_metric=metrics.append)
    try:
        result = run_attempt(task, ctx)
    except NeedsRead:
        return None
    return TaskFinished(
        id=f"{run.job.id}-finished",
        execution_id=run.job.execution_id,
        at=clock.now(),
        task_run_id=run.job.task_run_id,
        attempt=run.job.attempt,
        state=result.state,
        outputs=result.outputs,
        error=result.error,
        started=started,
        logs=tuple(logs),
        metrics=tuple(metrics),
        changes=result.changes,
    )
