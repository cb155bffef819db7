"""What goes in and out of the engine: events (past), orders (imperative), and the Step that binds them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from kapell.model.execution import MAIN, Execution
from kapell.model.log import LogLine, Metric
from kapell.model.read import Read
from kapell.model.state import State
from kapell.model.task_run import Outputs, TaskRun
from kapell.model.window import Window


class Happened(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag=True):
    """What all events have. `id` is the event's own: the same id is the same event, told again."""

    id: str
    execution_id: str
    at: datetime


class ExecutionCreated(Happened, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag=True):
    """Its row exists; it has not begun. `unknown_inputs` are ids that were given and that the flow does not declare.

    Before `begin_at` it does not begin.
    """

    unknown_inputs: tuple[str, ...] = ()
    begin_at: datetime | None = None


class TaskStarted(Happened, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag=True):
    """A worker has begun an attempt."""

    task_run_id: str
    attempt: int
    worker_id: str | None = None


class TaskFinished(Happened, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag=True):
    """An attempt has ended as SUCCESS, WARNING, FAILED or KILLED.

    `started` is when it began; an inline task tells it here and sends no TaskStarted. `error` is the sentence
    of a failure. `logs` and `metrics` are lines that were not stored yet (those of inline tasks); a worker stores
    its lines before it sends this, the last one numbered `last_log`, or all of them in `log_file`.
    """

    task_run_id: str
    attempt: int
    state: State
    outputs: Outputs | None = None
    error: str | None = None
    started: datetime | None = None
    logs: tuple[LogLine, ...] = ()
    metrics: tuple[Metric, ...] = ()
    last_log: int = 0
    log_file: str | None = None
    changes: ExecutionChange | None = None


class ExecutionChange(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """What an updating task asks of its execution: labels, variables to set or drop, the state to exit with."""

    labels: Mapping[str, str] = {}
    variables: Mapping[str, object] = {}
    dropped_variables: tuple[str, ...] = ()
    exit_state: State | None = None


class TimerKind(StrEnum):
    """What is due when a timer fires."""

    TIMEOUT = "TIMEOUT"
    RETRY = "RETRY"
    KILL_GRACE = "KILL_GRACE"
    SLEEP = "SLEEP"
    TURN = "TURN"
    PAUSE = "PAUSE"
    BEGIN = "BEGIN"
    SLA = "SLA"


class Timer(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """Something due at an instant; its id is derived from what it is for: set twice, it is set once."""

    id: str
    execution_id: str
    kind: TimerKind
    due: datetime
    task_run_id: str | None = None
    attempt: int = 0
    name: str = ""


class SlotGiven(Happened, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag=True):
    """A queued execution may run now: another one of its flow has ended."""


class TimerFired(Happened, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag=True):
    """A timer of the execution is due."""

    timer: Timer


class ChildEnded(Happened, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag=True):
    """An execution that a task of this one has started has come to an end; `index` is the iteration's or batch's.

    `problem` says why its outputs could not be made.
    """

    task_run_id: str
    child_id: str
    state: State
    original_id: str | None = None
    outputs: Outputs | None = None
    index: int | None = None
    problem: str | None = None


class KillAsked(Happened, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag=True):
    """A person, a parent or an SLA wants it ended now."""

    cascade: bool = True


class PauseAsked(Happened, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag=True):
    """A person wants nothing new to start."""


class Decision(StrEnum):
    """What became of a request for approval."""

    APPROVED = "APPROVED"
    DENIED = "DENIED"
    EXPIRED = "EXPIRED"


class ResumeAsked(Happened, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag=True):
    """A paused execution is to go on; `values` are what its task asked for, None when nobody answered it.

    Without `task_run_id` it is the first task run that waits for a person. An Approval wants a `decision`.
    """

    values: Mapping[str, object] | None = None
    task_run_id: str | None = None
    decision: Decision | None = None
    comment: str | None = None
    by: str | None = None


class ForceRunAsked(Happened, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag=True):
    """It is to go on, whatever it waits for."""


class RestartAsked(Happened, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag=True):
    """What failed is to be done again; `by_parent` when a task asks for it that waits for the execution."""

    by_parent: bool = False


class StateAsked(Happened, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag=True):
    """A person says what state a task run (or, without one, the execution) is to be in."""

    state: State
    task_run_id: str | None = None


class LabelsAsked(Happened, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag=True):
    """Labels for an execution that has ended."""

    labels: Mapping[str, str]


class UnqueueAsked(Happened, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag=True):
    """A queued one is to leave its queue, to `state`."""

    state: State = State.RUNNING


class ExecutionReplayed(Happened, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag=True):
    """It was made from another one: these task runs with their outputs are taken over, and go on."""

    runs: tuple[TaskRun, ...]
    outputs: Mapping[str, Outputs] = {}


class Poisoned(Happened, frozen=True, gc=False, kw_only=True, omit_defaults=True, tag=True):
    """An event made the engine raise twice, or it could not even begin; the execution ends FAILED and says so."""

    error: str


Act = PauseAsked | ResumeAsked | ForceRunAsked | RestartAsked | StateAsked | LabelsAsked | UnqueueAsked | KillAsked
"""What people ask for; it is done or refused."""

Event = (
    ExecutionCreated
    | ExecutionReplayed
    | TaskStarted
    | TaskFinished
    | TimerFired
    | SlotGiven
    | ChildEnded
    | Poisoned
    | PauseAsked
    | ResumeAsked
    | ForceRunAsked
    | RestartAsked
    | StateAsked
    | LabelsAsked
    | UnqueueAsked
    | KillAsked
)


Work = Literal["run", "fill", "keep"]
"""What a job is: an attempt of a task, or what a flowable has done to its folder before and after its tasks."""


class Job(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """An attempt to be run by a worker. Its id is `task run id + attempt`: the tasks' idempotency key.

    `folder` names the working folder that it shares with others: the task run of their flowable. `first_line` is
    the number before that of its first log line.
    """

    id: str
    execution_id: str
    task_run_id: str
    attempt: int
    namespace: str
    flow_id: str
    revision: int
    task_id: str
    tenant: str = MAIN
    inline: bool = False
    worker_group: str = ""
    folder: str = ""
    work: Work = "run"
    first_line: int = 0


class RunTask(Struct, frozen=True, kw_only=True):
    """Run this attempt; `variables` is what its expressions see, made anew after a crash, never stored."""

    job: Job
    variables: Mapping[str, object]


class CancelTask(Struct, frozen=True, gc=False, kw_only=True):
    """Stop an attempt that runs on a worker, if it still does."""

    execution_id: str
    task_run_id: str
    attempt: int


class NewExecution(Struct, frozen=True, kw_only=True):
    """An execution that does not exist yet: its first row and the event that starts it."""

    execution: Execution
    event: ExecutionCreated | ExecutionReplayed | Poisoned
    idempotency_key: str | None = None
    request_digest: str | None = None


class Step(Struct, frozen=True, kw_only=True):
    """What one event changes, all of it: written in one transaction, and only then acted on.

    `runs` are the last images of the task runs that changed; `outputs` those that were made, by task run id.
    `jobs`, timers, children, `sent` events and the `windows` of triggers are rows; `cancels` are told to workers
    after the commit. `files` are content by path, stored before it: the event, stepped again, stores the same. A
    step that has not `changed` anything (the event was known, or is `refused` with Kestra's sentence) only absorbs
    its event.
    """

    event: Event
    execution: Execution
    changed: bool = True
    refused: str | None = None
    reads: tuple[tuple[Read, object], ...] = ()
    runs: tuple[TaskRun, ...] = ()
    removed_runs: tuple[str, ...] = ()
    outputs: Mapping[str, Outputs] = {}
    files: Mapping[str, bytes] = {}
    logs: tuple[LogLine, ...] = ()
    metrics: tuple[Metric, ...] = ()
    timers: tuple[Timer, ...] = ()
    dropped_timers: tuple[str, ...] = ()
    jobs: tuple[Job, ...] = ()
    done_jobs: tuple[str, ...] = ()
    children: tuple[NewExecution, ...] = ()
    sent: tuple[Event, ...] = ()
    windows: tuple[Window, ...] = ()
    cancels: tuple[CancelTask, ...] = ()


class JournalRow(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One step, as it is kept: folding the rows 1 … n gives the execution as it was after n.

    Of secrets `reads` holds the name and a keyed digest only.
    """

    execution_id: str
    version: int
    at: datetime
    event: Event
    execution: Execution
    reads: tuple[tuple[Read, object], ...] = ()
    runs: tuple[TaskRun, ...] = ()
    removed_runs: tuple[str, ...] = ()
    outputs: Mapping[str, Outputs] = {}


def journal_row(step: Step) -> JournalRow:
    """What is kept of a step."""
    return JournalRow(
        execution_id=step.execution.id,
        version=step.execution.version,
        at=step.event.at,
        event=step.event,
        reads=step.reads,
        execution=step.execution,
        runs=step.runs,
        removed_runs=step.removed_runs,
        outputs=step.outputs,
    )
