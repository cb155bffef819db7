"""What is seen of a running execution: its task runs and lines, as the feed tells them. Plain values, no terminal."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from kapell.assembly.following import Following
from kapell.assembly.view import Execution
from kapell.model.log import LogLine
from kapell.model.messages import Step
from kapell.model.task_run import TaskRun


class Sight(NamedTuple):
    """What the feed told at once."""

    steps: Sequence[Step]
    lines: Sequence[LogLine]


class Heard:
    """Which numbers, from 1 on, have been told: all up to one, and some behind it; a million take the room of one."""

    def __init__(self) -> None:
        self._all_to = 0
        self._behind: set[int] = set()

    def is_new(self, number: int) -> bool:
        """Whether it has not been told before; now it has."""
        if 0 < number <= self._all_to or number in self._behind:
            return False
        self._behind.add(number)
        while self._all_to + 1 in self._behind:
            self._all_to += 1
            self._behind.remove(self._all_to)
        return True


class Picture(Following):
    """What is seen of an execution. `news` are the changes since they were last taken."""

    def __init__(self, id: str, start: Sequence[Execution]) -> None:
        self.runs: dict[str, TaskRun] = {}
        self._children: defaultdict[str | None, dict[str, None]] = defaultdict(dict)
        self._news: list[TaskRun | LogLine] = []
        self._seen: dict[str, int] = {}
        self._told: defaultdict[tuple[str, str | None, int], Heard] = defaultdict(Heard)
        super().__init__(id, start)
        for one in start:
            self._tell(one.logs)
            self._seen.update((run.id, 0) for run in one.task_runs)

    @property
    def count(self) -> int:
        """How many task runs the execution itself has."""
        return sum(run.execution_id == self.id for run in self.runs.values())

    def take(self, sight: Sight) -> None:
        """See what the feed tells; what is of other executions is passed over."""
        for step in self.follow(sight.steps):
            self._tell(step.logs)
        self._tell([line for line in sight.lines if line.execution_id in self.executions])

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
        started = self.executions[run.execution_id]
        if run.parent_id is not None or started.id == self.id:
            return run.parent_id
        return started.loop_run.task_run_id if started.loop_run else started.parent_run_id

    def label(self, run: TaskRun) -> str:
        """A task run's name; in an iteration of a Loop with its value."""
        loop = self.executions[run.execution_id].loop_run
        if loop is None or run.parent_id is not None:
            return run.label
        return f"{run.label}[{loop.index if loop.value is None else loop.value}]"

    def _take(self, runs: Sequence[TaskRun]) -> None:
        super()._take(runs)
        for run in runs:
            if run.id not in self.runs:
                self._children[self.parent_of(run)][run.id] = None
            self.runs[run.id] = run
        self._news.extend(runs)

    def _forget(self, id: str) -> None:
        super()._forget(id)
        if (run := self.runs.pop(id, None)) is not None:
            self._children[self.parent_of(run)].pop(id, None)

    def _tell(self, lines: Sequence[LogLine]) -> None:
        for line in lines:
            if self._told[line.execution_id, line.task_run_id, line.attempt].is_new(line.number):
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
