"""Following an execution, and those that it has started, by what the feed tells of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from msgspec.structs import replace

from kapell.assembly.view import Execution
from kapell.engine.person import due, is_waiting
from kapell.model.execution import Execution as Row
from kapell.model.messages import Step
from kapell.model.state import State
from kapell.model.task_run import TaskRun

ON_THEIR_WAY = frozenset({State.SUBMITTED, State.RESUBMITTED})
LOOK_SECONDS = 0.1
"""How often who waits for news looks whether there can be any."""
LOOKS = 3
"""After so many without news and without work, nothing is on its way from a worker to the executor either."""


class Following:
    """Whether it is over, and who waits for a person without an end; each step costs what it has changed.

    `id` is that of the execution that counts: one that is tried again anew is followed to its last try.
    """

    def __init__(self, id: str, start: Sequence[Execution]) -> None:
        self.id = id
        self.executions: dict[str, Row] = {one.id: one.row for one in start}
        self.waiting: list[TaskRun] = []
        self._roots = {one.row.root_id for one in start}
        self._going = {one.id for one in start if not one.state.ended}
        self._submitted: set[str] = set()
        for one in start:
            self._take(one.task_runs)

    @property
    def execution(self) -> Row:
        """The execution that counts."""
        return self.executions[self.id]

    @property
    def over(self) -> bool:
        """Whether nothing is under way any more, in it and in those that it has started."""
        return not self._going

    @property
    def only_waits(self) -> bool:
        """Whether somebody has to answer before it can end, and no task run is on its way to a worker."""
        return bool(self.waiting) and not self._submitted

    def outermost(self) -> list[str]:
        """Those that live and that nobody who lives has started: to end them is to end all."""
        live = {one.id: one for one in self.executions.values() if not one.state.ended}
        return [id for id, one in live.items() if one.parent_id not in live]

    def follow(self, steps: Sequence[Step]) -> list[Step]:
        """Take in what is told, in the order of the telling; the steps among it that belong to these executions."""
        return [step for step in steps if self._follow(step)]

    def answered(self, run: TaskRun) -> None:
        """That wait is over."""
        self.waiting = [other for other in self.waiting if other.id != run.id]

    def _follow(self, step: Step) -> bool:
        one = step.execution
        known = self.executions.get(one.id)
        if (known is None and one.root_id not in self._roots) or (known is not None and one.version <= known.version):
            return False
        self.executions[one.id] = one
        self._mark(one.id, one.state)
        for child in step.children:
            self._begin(child.execution)
        self._take(step.runs)
        for id in step.removed_runs:
            self._forget(id)
        return True

    def _begin(self, child: Row) -> None:
        if child.id not in self.executions:
            self.executions[child.id] = child
            self._mark(child.id, child.state)
        if self.execution.state is State.RETRIED and child.original_id == self.execution.original_id:
            self.id = child.id
            self._roots.add(child.root_id)

    def _take(self, runs: Sequence[TaskRun]) -> None:
        for run in runs:
            self._mark(run.id, run.state)
            self.answered(run)
            if is_waiting(run) and due(run) is None:
                self.waiting.append(run)

    def _forget(self, id: str) -> None:
        self._going.discard(id)
        self._submitted.discard(id)
        self.waiting = [other for other in self.waiting if other.id != id]

    def _mark(self, id: str, state: State) -> None:
        self._submitted.add(id) if state in ON_THEIR_WAY else self._submitted.discard(id)
        self._going.discard(id) if state.ended else self._going.add(id)


def at_birth(one: Execution) -> Execution:
    """An execution as it was when it was created: whatever has become of it since, the feed tells in full."""
    row = replace(one.row, version=0, state=one.row.history[0].state, history=one.row.history[:1], outputs=None)
    return dataclasses.replace(one, row=row, task_runs=(), outputs_by_run={}, logs=())
