"""What is seen of a running execution: its task runs and lines, as the feed tells them. Plain values, no terminal."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from kapell.assembly.view import Execution
from kapell.engine.person import due, is_waiting
from kapell.model.execution import Execution as Row
from kapell.model.log import LogLine
from kapell.model.messages import Step
from kapell.model.state import State
from kapell.model.task_run import TaskRun


class Sight(NamedTuple):
    """What the feed told at once."""

    steps: Sequence[Step]
    lines: Sequence[LogLine]


class Picture:
    """The execution so far, with those that it has started. `news` are the changes since they were last taken."""

    def __init__(self, id: str, start: Sequence[Execution]) -> None:
        self.id = id
        self._roots = {one.row.root_id for one in start}
        self.executions: dict[str, Row] = {one.id: one.row for one in start}
        self.runs: dict[str, TaskRun] = {}
        self.waiting: list[TaskRun] = []
        self._children: defaultdict[str | None, dict[str, None]] = defaultdict(dict)
        self._going: set[str] = {one.id for one in start if not one.state.ended}
        self._own = 0
        self._news: list[TaskRun | LogLine] = []
        self._seen: dict[str, int] = {}
        self._told: dict[str, set[tuple[str | None, int | None, int]]] = defaultdict(set)
        for one in start:
            self._take_runs(one.task_runs)
            self._tell(one.logs)
            self._seen.update((run.id, 0) for run in one.task_runs)

    @property
    def execution(self) -> Row:
        """The execution itself."""
        return self.executions[self.id]

    @property
    def count(self) -> int:
        """How many task runs the execution itself has."""
        return self._own

    @property
    def over(self) -> bool:
        """Whether nothing is under way any more, in it and in those that it has started."""
        return not self._going

    def take(self, sight: Sight) -> None:
        """See what the feed tells; what is of other executions is passed over."""
        for step in sight.steps:
            one = step.execution
            known = self.executions.get(one.id)
            fresh = one.version > known.version if known is not None else one.root_id in self._roots
            if not fresh:
                continue
            self.executions[one.id] = one
            self._mark(one.id, one.state)
            for child in step.children:
                self._begin(child.execution)
            self._take_runs(step.runs)
            self._forget(step.removed_runs)
            self._tell(step.logs)
        self._tell([line for line in sight.lines if line.execution_id in self.executions])

    def answered(self, run: TaskRun) -> None:
        """That wait is over."""
        self.waiting = [other for other in self.waiting if other.id != run.id]

    def news(self) -> Iterator[TaskRun | LogLine]:
        """What has changed since the last call, by time: log lines, and task runs in the state that they are in now."""
        taken, self._news = self._news, []
        lines = [item for item in taken if isinstance(item, LogLine)]
        changed = {item.id: self.runs[item.id] for item in taken if isinstance(item, TaskRun) and item.id in self.runs}
        fresh = [run for run in changed.values() if len(run.history) > self._seen.get(run.id, 0)]
        self._seen.update((run.id, len(run.history)) for run in fresh)
        news: list[TaskRun | LogLine] = [*lines, *fresh]
        yield from sorted(news, key=_instant)

    def children(self, parent_id: str | None) -> list[TaskRun]:
        """The task runs below one, those of executions that it has started too, in the order of creation."""
        return [self.runs[id] for id in self._children.get(parent_id, ())]

    def parent_of(self, run: TaskRun) -> str | None:
        """The task run that one stands below: that which has started its execution, where it is the outermost there."""
        if run.parent_id is not None or run.execution_id == self.id:
            return run.parent_id
        started = self.executions[run.execution_id]
        return started.loop_run.task_run_id if started.loop_run else started.parent_run_id

    def label(self, run: TaskRun) -> str:
        """A task run's name; in an iteration of a Loop with its value."""
        loop = self.executions[run.execution_id].loop_run
        if loop is None or run.parent_id is not None:
            return run.label
        return f"{run.label}[{loop.index if loop.value is None else loop.value}]"

    def _begin(self, child: Row) -> None:
        """Take in an execution that has been made; one that tries again what this one could not is followed on."""
        if child.id not in self.executions:
            self.executions[child.id] = child
            self._mark(child.id, child.state)
        if self.execution.state is State.RETRIED and child.original_id == self.execution.original_id:
            self.id, self._own = child.id, 0
            self._roots.add(child.root_id)

    def _take_runs(self, runs: Sequence[TaskRun]) -> None:
        for run in runs:
            if run.id not in self.runs:
                self._children[self.parent_of(run)][run.id] = None
                self._own += run.execution_id == self.id
            self.runs[run.id] = run
            self._mark(run.id, run.state)
            self.answered(run)
            if is_waiting(run) and due(run) is None:
                self.waiting.append(run)
        self._news.extend(runs)

    def _forget(self, ids: Sequence[str]) -> None:
        for run in [self.runs.pop(id) for id in ids if id in self.runs]:
            self._children[self.parent_of(run)].pop(run.id, None)
            self._own -= run.execution_id == self.id
            self._going.discard(run.id)
            self.answered(run)

    def _mark(self, id: str, state: State) -> None:
        self._going.discard(id) if state.ended else self._going.add(id)

    def _tell(self, lines: Sequence[LogLine]) -> None:
        for line in lines:
            key = (line.task_run_id, line.attempt, line.number)
            if key not in self._told[line.execution_id]:
                self._told[line.execution_id].add(key)
                self._news.append(line)


def at_birth(one: Execution) -> Execution:
    """An execution as it was when it was created: whatever has become of it since, the feed tells in full."""
    row = replace(one.row, version=0, state=one.row.history[0].state, history=one.row.history[:1], outputs=None)
    return dataclasses.replace(one, row=row, task_runs=(), outputs_by_run={}, logs=())


def _instant(item: TaskRun | LogLine) -> tuple[datetime, int]:
    """A line comes before the end of the task run that wrote it in the same instant."""
    return (item.at, 0) if isinstance(item, LogLine) else (item.history[-1].at, 1)


def duration_of(run: TaskRun, now: datetime) -> timedelta:
    """How long it has been under way, or was."""
    return (run.history[-1].at if run.state.ended else now) - run.history[0].at


def duration_text(span: timedelta) -> str:
    """A span as people read it: `12 ms`, `1.5 s`, `2 min 03 s`."""
    seconds = span.total_seconds()
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{int(seconds // 60)} min {int(seconds % 60):02d} s"
