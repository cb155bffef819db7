"""One run of a flow: the row that changes as it goes, without its task runs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from kapell.model.state import State, move

MAIN = "main"
CORRELATION = "system.correlationId"


class StateChange(Struct, frozen=True, gc=False, array_like=True):
    """A state and the instant since which it held."""

    state: State
    at: datetime


class Kind(StrEnum):
    """What sort of execution; all but NORMAL stay out of lists and counts."""

    NORMAL = "NORMAL"
    TEST = "TEST"
    PLAYGROUND = "PLAYGROUND"
    LOOP = "LOOP"


class ExecutionTrigger(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What started it: a trigger, or a task of another execution. `variables` are `{{ trigger.x }}`."""

    id: str
    type: str
    variables: Mapping[str, object] = {}


class LoopRun(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Which iteration of which Loop an execution of kind LOOP is; `parents` nearest first.

    With `store` its outputs go into a file, and the loop is told where that is.
    """

    parent_id: str
    task_id: str
    task_run_id: str
    index: int
    value: str | None = None
    key: str | None = None
    parents: tuple[LoopRun, ...] = ()
    store: bool = False


class Execution(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A run of one revision of a flow, as it is after its last step.

    `version` counts the steps that made it (the number of its journal's rows); `next_run` numbers its task
    runs by creation; one that a person has paused is `held`. `root_id` is the first of a tree of executions: it
    names the shard of all of them. `depth` counts the callers above it, `broken` names the SLAs
    that it did not keep. `asked_outputs` are templates of its caller, rendered at its end; `batch` is
    the number of the batch, from 0, that its caller has it work on.
    """

    id: str
    root_id: str
    namespace: str
    flow_id: str
    revision: int
    state: State
    history: tuple[StateChange, ...]
    tenant: str = MAIN
    kind: Kind = Kind.NORMAL
    version: int = 0
    next_run: int = 0
    inputs: Mapping[str, object] = {}
    outputs: Mapping[str, object] | None = None
    variables: Mapping[str, object] = {}
    labels: Mapping[str, str] = {}
    trigger: ExecutionTrigger | None = None
    parent_id: str | None = None
    parent_run_id: str | None = None
    original_id: str | None = None
    loop_run: LoopRun | None = None
    schedule_date: datetime | None = None
    attempt_number: int = 1
    held: bool = False
    depth: int = 0
    broken: tuple[str, ...] = ()
    asked_outputs: Mapping[str, object] = {}
    batch: int | None = None
    error: str | None = None

    @property
    def created(self) -> datetime:
        """When it was created."""
        return self.history[0].at

    def to(self, state: State, now: datetime) -> Execution:
        """The same one, moved to `state`; raises `IllegalTransition`."""
        return replace(self, state=move(self.state, state), history=(*self.history, StateChange(state, now)))
