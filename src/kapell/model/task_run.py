"""One task of one execution: a row of its own, so that a step costs the same among ten and among ten thousand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from kapell.ids import part_id
from kapell.model.execution import StateChange
from kapell.model.state import State, move

Outputs = Mapping[str, object]


class Branch(StrEnum):
    """Which list of its parent (or of the flow) a task stands in."""

    TASKS = "tasks"
    ERRORS = "errors"
    FINALLY = "finally"
    AFTER = "afterExecution"
    MEANWHILE = "meanwhile"
    """What runs because of a wait for a person; beside its flowable, or in it."""


class Place(NamedTuple):
    """Where a task run stands among its siblings; equal places are the same task run.

    `value` and `iteration` are those of a loop.
    """

    task_id: str
    value: str | None = None
    iteration: int | None = None


class Attempt(Struct, frozen=True, gc=False, array_like=True):
    """One try to run the task; its states with their instants, the last one is the state now."""

    history: tuple[StateChange, ...]
    worker_id: str | None = None
    log_file: str | None = None

    @property
    def state(self) -> State:
        """The state it is in."""
        return self.history[-1].state


class TaskRun(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A task's run, as it is after the execution's last step; its outputs lie beside it.

    `number` is its place in the order of creation. `memo` is what its flowable must remember between steps
    (never shown), `turn` how often it has begun again. `has_outputs` tells whether there is a row of outputs to read.
    """

    id: str
    execution_id: str
    task_id: str
    number: int
    state: State
    history: tuple[StateChange, ...]
    parent_id: str | None = None
    branch: Branch = Branch.TASKS
    value: str | None = None
    iteration: int | None = None
    turn: int = 0
    attempts: tuple[Attempt, ...] = ()
    has_outputs: bool = False
    memo: Mapping[str, object] = {}
    error: str | None = None

    @property
    def place(self) -> Place:
        """Where it stands among its siblings."""
        return Place(self.task_id, self.value, self.iteration)

    @property
    def label(self) -> str:
        """Its name for people: its task, with the loop's value."""
        return self.task_id if self.value is None else f"{self.task_id}[{self.value}]"

    @property
    def attempt(self) -> int:
        """The number of the attempt that runs or ran last, from 0; -1 before the first."""
        return len(self.attempts) - 1

    def to(self, state: State, now: datetime) -> TaskRun:
        """The same one, moved to `state`; raises `IllegalTransition`."""
        return replace(self, state=move(self.state, state), history=(*self.history, StateChange(state, now)))


def run_id(execution_id: str, number: int) -> str:
    """The id that an execution's task run with this number gets: the same step gives the same id.

    Numbers are never given twice: what is made anew after a restart is another task run.
    """
    return part_id(execution_id, number)
