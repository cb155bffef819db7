"""An execution in memory: its task runs, counted as they change, so that `ready` costs the same for any number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from kapell.model.execution import Execution
from kapell.model.messages import Step
from kapell.model.state import State
from kapell.model.task_run import Branch, Outputs, Place, TaskRun

Group = tuple[str | None, Branch]


class Tally:
    """How many task runs of one list there are, and in which states."""

    __slots__ = ("created", "ended", "states")

    def __init__(self) -> None:
        self.created = 0
        self.ended = 0
        self.states: dict[State, int] = {}

    @property
    def running(self) -> int:
        """How many have not ended."""
        return self.created - self.ended

    def has(self, *states: State) -> bool:
        """Whether any is in one of these states."""
        return any(self.states.get(state, 0) for state in states)

    def count(self, state: State, by: int) -> None:
        """One more (or less) in that state."""
        self.created += by
        self.ended += by if state.ended else 0
        self.states[state] = self.states.get(state, 0) + by

    def copy(self) -> Tally:
        """Another one with the same counts."""
        other = Tally()
        other.created, other.ended, other.states = self.created, self.ended, dict(self.states)
        return other


class Runs(Protocol):
    """Task runs and outputs to look up: those of the tree, or those of a step in the making."""

    @property
    def outer(self) -> Runs | None:
        """What is around an iteration of a loop."""
        ...

    @property
    def execution(self) -> Execution:
        """The execution's row."""
        ...

    def run(self, run_id: str) -> TaskRun | None:
        """A task run by its id."""
        ...

    def runs_of(self, task_id: str) -> list[str]:
        """Ids of the runs of a task, in the order of creation."""
        ...

    def task_ids(self) -> list[str]:
        """The tasks that have runs, in the order of their first one."""
        ...

    def outputs_of(self, run_id: str) -> Outputs | None:
        """The outputs of a run; None when there are some that are not in memory."""
        ...


class Tree:
    """The execution as of its last step. Only `absorb` changes it.

    `outer` is the execution that an iteration of a loop sees around it. A tree that was read back is not `whole`:
    outputs may be in the store only; `asked_aside` names what was looked for there, found or not.
    """

    def __init__(self, execution: Execution, runs: Iterable[TaskRun] = (), *, whole: bool = True) -> None:
        self.execution = execution
        self.runs: dict[str, TaskRun] = {}
        self.tallies: dict[Group, Tally] = {}
        self.by_task: dict[str, list[str]] = {}
        self.children: dict[str | None, dict[str, None]] = {}
        self.places: dict[tuple[str | None, Place], str] = {}
        self.outputs: dict[str, Outputs] = {}
        self.outer: Tree | None = None
        self.whole = whole
        self.asked_aside: set[str] = set()
        for run in runs:
            self._put(run)

    def absorb(self, step: Step) -> None:
        """Become what the step says."""
        if not step.changed:
            return
        self.execution = step.execution
        for run_id in step.removed_runs:
            self._remove(run_id)
        for run in step.runs:
            self._put(run)
        self.outputs.update(step.outputs)

    def run(self, run_id: str) -> TaskRun | None:
        """A task run by its id."""
        return self.runs.get(run_id)

    def runs_of(self, task_id: str) -> list[str]:
        """Ids of the runs of a task, in the order of creation."""
        return self.by_task.get(task_id, [])

    def task_ids(self) -> list[str]:
        """The tasks that have runs, in the order of their first one."""
        return list(self.by_task)

    def outputs_of(self, run_id: str) -> Outputs | None:
        """The outputs of a run; None when there are some that are not in memory."""
        known = self.outputs.get(run_id)
        return known if known is not None or self.runs[run_id].has_outputs else {}

    def remember(self, name: str, outputs: Mapping[str, Outputs]) -> None:
        """Keep outputs that were read back, asked for by `name`."""
        self.asked_aside.add(name)
        self.outputs.update(outputs)

    def _put(self, run: TaskRun) -> None:
        tally = self.tallies.setdefault((run.parent_id, run.branch), Tally())
        before = self.runs.get(run.id)
        if before is None:
            self.by_task.setdefault(run.task_id, []).append(run.id)
            self.children.setdefault(run.parent_id, {})[run.id] = None
            self.places[run.parent_id, run.place] = run.id
        else:
            tally.count(before.state, -1)
        tally.count(run.state, 1)
        self.runs[run.id] = run

    def _remove(self, run_id: str) -> None:
        run = self.runs.pop(run_id)
        self.tallies[(run.parent_id, run.branch)].count(run.state, -1)
        self.children[run.parent_id].pop(run_id)
        self.places.pop((run.parent_id, run.place), None)
        self.by_task[run.task_id].remove(run_id)
        if not self.by_task[run.task_id]:
            del self.by_task[run.task_id]
        self.outputs.pop(run_id, None)
