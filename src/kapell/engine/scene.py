"""What is looked at to explain an execution: its rows, by the task runs that they belong to."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from kapell.model.execution import Execution
from kapell.model.explanation import Pending
from kapell.model.flow import Flow, Task
from kapell.model.messages import Job, Timer, TimerKind
from kapell.model.task_run import TaskRun

DUE = "the executor, in its next turn: its time has come"


class Unexplained(NamedTuple):
    """An open end for which nothing was found; the sentence says where."""

    what: str


class Scene:
    """The rows of one execution; `open` are task runs that have not ended, `parents` the ids of those above them."""

    def __init__(
        self, pending: Pending, flow: Flow | None, now: datetime, holders: Mapping[str, str | None] | None
    ) -> None:
        self.pending = pending
        self.flow = flow
        self.now = now
        self.holders = holders
        self.runs = {run.id: run for run in pending.runs}
        self.open = [run for run in pending.runs if not run.state.ended]
        self.parents = {run.parent_id for run in self.open}
        self._timers = {(timer.task_run_id, timer.kind): timer for timer in pending.timers}
        self._jobs = {job.task_run_id: job for job in pending.jobs}
        self._tasks = {task.id: task for task in flow.all_tasks()} if flow else {}

    def timer(self, kind: TimerKind, run: TaskRun | None = None) -> Timer | None:
        """A timer of a task run, or of the execution."""
        return self._timers.get((run.id if run else None, kind))

    def job(self, run: TaskRun) -> Job | None:
        """The attempt of a task run that was handed out."""
        return self._jobs.get(run.id)

    def task(self, run: TaskRun) -> Task | None:
        """The task of a run, where the flow is known."""
        return self._tasks.get(run.task_id)

    def children(self, run: TaskRun) -> list[Execution]:
        """The executions that a task run has started and that are still to end."""
        return [child for child in self.pending.children if child.parent_run_id == run.id]

    def path(self, run: TaskRun) -> tuple[str, ...]:
        """The names of the task runs that lead to one, from the top."""
        names = [run.label]
        while run.parent_id is not None and (above := self.runs.get(run.parent_id)) is not None:
            run = above
            names.append(run.label)
        return tuple(reversed(names))

    def name(self, run: TaskRun) -> str:
        """A task run, as sentences name it."""
        return f"`{' / '.join(self.path(run))}`"
