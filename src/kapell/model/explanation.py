"""Why an execution is where it is: what is read of it in one moment, and the answer for people."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from kapell.model.execution import Execution
from kapell.model.messages import Event, Job, Timer
from kapell.model.state import State
from kapell.model.task_run import TaskRun


class Pending(Struct, frozen=True, kw_only=True):
    """An execution and all that its next event may come from, as of one moment.

    `runs` are those that have not ended or have come to no good end, in the order of creation; `timers` come by when
    they are due, `events` by their place in the inbox. `children` are executions that it has started and that have
    not ended or have an event waiting.
    """

    execution: Execution
    runs: tuple[TaskRun, ...] = ()
    jobs: tuple[Job, ...] = ()
    timers: tuple[Timer, ...] = ()
    events: tuple[Event, ...] = ()
    children: tuple[Execution, ...] = ()


class Line(Struct, frozen=True, kw_only=True):
    """The executions of a flow that has a limit: those that run, and those that wait, the longest waiting first."""

    limit: int
    running: tuple[str, ...] = ()
    queued: tuple[str, ...] = ()

    @property
    def free(self) -> int:
        """How many of those that wait could run."""
        return max(0, self.limit - len(self.running))


class WaitKind(StrEnum):
    """What sort of thing is waited for."""

    WORKER = "WORKER"
    INLINE = "INLINE"
    RETRY = "RETRY"
    SLEEP = "SLEEP"
    TURN = "TURN"
    PERSON = "PERSON"
    HELD = "HELD"
    CHILD = "CHILD"
    ITERATIONS = "ITERATIONS"
    QUEUE = "QUEUE"
    BEGIN = "BEGIN"
    KILL_GRACE = "KILL_GRACE"
    EVENT = "EVENT"


class Deed(StrEnum):
    """What a person may do about a wait."""

    RESUME = "resume"
    REVIEW = "review"
    FORCE_RUN = "force-run"
    UNQUEUE = "unqueue"
    KILL = "kill"


class Wait(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing that is waited for; `what` and `frees` are sentences without their full stops.

    `path` leads to the task run from the top, and is empty where the execution itself waits. `until` is when time alone
    ends the wait. `holders` are workers, or the executions that are waited for or stand before this one.
    """

    kind: WaitKind
    what: str
    since: datetime
    frees: str
    path: tuple[str, ...] = ()
    task_run_id: str | None = None
    until: datetime | None = None
    holders: tuple[str, ...] = ()
    deeds: tuple[Deed, ...] = ()


class Explanation(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What an execution waits for, or how it has ended; `headline` says it in one sentence.

    `unexplained` are the open ends for which nothing was found that could bring an event; `notes` are what else there
    is to know. `since` is when the execution came to its state.
    """

    execution_id: str
    namespace: str
    flow_id: str
    version: int
    state: State
    since: datetime
    headline: str
    waits: tuple[Wait, ...] = ()
    unexplained: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def stuck(self) -> bool:
        """Whether it will never end unless somebody does something that nobody was asked to do."""
        return bool(self.unexplained) or (not self.state.ended and not self.waits)
