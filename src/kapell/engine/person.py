"""Waiting for a person: what a task run remembers of its wait, and how the wait begins."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec.structs import replace

from kapell.engine.draft import Draft
from kapell.model.messages import TimerKind
from kapell.model.state import State
from kapell.model.task_run import Branch, Place, TaskRun
from kapell.sdk.flowable import Pausing
from kapell.sdk.pausing import PausingTask

PAUSED_TO = "pausedTo"
"""Where a run that waits, or will, remembers what it comes to when nobody does anything."""
PAUSED_SECONDS = "pausedSeconds"
"""And for how long it waits."""
COMES_TO = "comesTo"
"""Where a run whose wait is over remembers its state, while its `errors` and `finally` run."""


def remember(draft: Draft, run: TaskRun, pausing: Pausing) -> TaskRun:
    """The run that knows how it is going to wait."""
    seconds = None if pausing.span is None else pausing.span.total_seconds()
    return draft.put(replace(run, memo={**run.memo, PAUSED_TO: pausing.state.value, PAUSED_SECONDS: seconds}))


def is_to_wait(run: TaskRun | None) -> bool:
    """Whether a run will wait once what comes before its wait has ended."""
    return run is not None and run.state is State.RUNNING and PAUSED_TO in run.memo


def is_waiting(run: TaskRun) -> bool:
    """Whether a run waits for a person now."""
    return run.state is State.PAUSED and PAUSED_TO in run.memo


def wait_now(draft: Draft, run: TaskRun) -> None:
    """Pause the run and with it the execution; other branches go on, and what belongs beside the wait begins."""
    flowable = pausing_of(draft, run)
    if not flowable.decides:
        for task in draft.lists_of(run).get(Branch.MEANWHILE, ()):
            # Kestra: it stands at the top, wherever its Pause stands.
            draft.create(Place(task.id, run.value, run.iteration), None, Branch.MEANWHILE)
    run = draft.move(run, State.PAUSED)
    if draft.execution.state is State.RUNNING:
        draft.move_execution(State.PAUSED)
    seconds = run.memo[PAUSED_SECONDS]
    if isinstance(seconds, int | float):
        draft.set_timer(TimerKind.PAUSE, timedelta(seconds=seconds), run)


def due(run: TaskRun) -> datetime | None:
    """When time alone ends the wait of a run that waits."""
    seconds = run.memo[PAUSED_SECONDS]
    return run.history[-1].at + timedelta(seconds=seconds) if isinstance(seconds, int | float) else None


def pausing_of(draft: Draft, run: TaskRun) -> PausingTask:
    """The flowable of a run that waits for a person, its properties not rendered."""
    flowable = draft.node(run).flowable
    assert isinstance(flowable, PausingTask)
    return flowable
