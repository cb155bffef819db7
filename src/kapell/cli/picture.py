"""What is seen of a running execution: its task runs and lines, as the feed tells them. Plain values, no terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from kapell.assembly.view import Execution
from kapell.model.flow import Flow
from kapell.model.log import LogLine
from kapell.model.messages import Step
from kapell.model.state import State
from kapell.model.task_run import TaskRun


class Sight(NamedTuple):
    """What the feed told at once."""

    steps: Sequence[Step]
    lines: Sequence[LogLine]


class Picture:
    """The execution so far. `news` are the changes since they were last taken, in their order."""

    def __init__(self, id: str, flow: Flow, start: Execution) -> None:
        self.id = id
        self.flow = flow
        self.execution = start.row
        self.runs: dict[str, TaskRun] = {run.id: run for run in start.task_runs}
        self.lines: list[LogLine] = []
        self._news: list[TaskRun | LogLine] = [*start.task_runs, *start.logs]
        self._seen: dict[str, int] = {run.id: 0 for run in start.task_runs}
        self.waiting: list[TaskRun] = []
        self._wait(start.task_runs)
        self._told = {(line.task_run_id, line.attempt, line.number) for line in start.logs}

    @property
    def over(self) -> bool:
        """Whether it has ended and none of its task runs is under way."""
        return self.execution.state.ended and all(run.state.ended for run in self.runs.values())

    def take(self, sight: Sight) -> None:
        """See what the feed tells; what is of other executions is passed over."""
        for step in sight.steps:
            self._wait(step.runs)
            if step.execution.id == self.id and step.execution.version > self.execution.version:
                self.execution = step.execution
                self.runs.update((run.id, run) for run in step.runs)
                self._tell(step.logs)
                self._news.extend(step.runs)
        self._tell([line for line in sight.lines if line.execution_id == self.id])

    def answered(self, run: TaskRun) -> None:
        """That wait is over."""
        self.waiting = [other for other in self.waiting if other.id != run.id]

    def _wait(self, runs: Sequence[TaskRun]) -> None:
        """Note who waits for a person without an end, in this execution and in those that it has started."""
        for run in runs:
            self.answered(run)
            if run.state is State.PAUSED and run.memo.get("pausedForEver"):
                self.waiting.append(run)

    def news(self) -> Iterator[TaskRun | LogLine]:
        """What has changed since the last call, by time: log lines, and task runs in the state that they are in now."""
        taken, self._news = self._news, []
        lines = [item for item in taken if isinstance(item, LogLine)]
        changed = {item.id: self.runs[item.id] for item in taken if isinstance(item, TaskRun)}
        fresh = [run for run in changed.values() if len(run.history) > self._seen.get(run.id, 0)]
        self._seen.update((run.id, len(run.history)) for run in fresh)
        news: list[TaskRun | LogLine] = [*lines, *fresh]
        yield from sorted(news, key=_instant)

    def children(self, parent_id: str | None) -> list[TaskRun]:
        """The task runs below one, in the order of creation."""
        return sorted((run for run in self.runs.values() if run.parent_id == parent_id), key=lambda run: run.number)

    def _tell(self, lines: Sequence[LogLine]) -> None:
        for line in lines:
            key = (line.task_run_id, line.attempt, line.number)
            if key not in self._told:
                self._told.add(key)
                self.lines.append(line)
                self._news.append(line)


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
