"""Workers that are simulated: they claim, beat, die, and tell over a network that delays, doubles and reorders."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from kapell.adapters.memory.queue import MemoryQueue
from kapell.model.messages import Event, Job, RunTask, TaskFinished, TaskStarted
from kapell.model.state import State
from kapell.ports.queue import Claim
from simulation.faults import Faults
from simulation.instant import Blocked, at_once

SPAN = timedelta(seconds=5)


class Worker:
    """One of them; `fails` says whether an attempt does, `inline` runs what an executor could have run itself.

    A task that is called stuck ends only when it is told to.
    """

    def __init__(
        self,
        name: str,
        queue: MemoryQueue,
        faults: Faults,
        tell: Callable[[Event], None],
        fails: Callable[[Job], bool],
        inline: Callable[[RunTask], TaskFinished | None],
    ) -> None:
        self.claims: list[Claim] = []
        self.claimed: list[str] = []
        self._inline = inline
        self._name = name
        self._queue = queue
        self._faults = faults
        self._tell = tell
        self._fails = fails
        self._lives = 1

    @property
    def id(self) -> str:
        """Its name in this life of its process."""
        return f"{self._name}-{self._lives}"

    def begin_anew(self, queue: MemoryQueue) -> None:
        """Its process is gone, and another one has taken its place."""
        self.claims.clear()
        self._queue = queue
        self._lives += 1

    def turn(self, now: datetime) -> None:
        """Die; or take jobs, stop what is to be stopped, and bring one to its end."""
        if self.claims and self._faults.happens(0.05):
            self.claims.clear()
            self._lives += 1
            return
        self._claim(now)
        lost = set(at_once(self._queue.beat(self.id, now, SPAN)))
        self.claims = [claim for claim in self.claims if claim.task.job.id not in lost]
        self._stop(now)
        able = [claim for claim in self.claims if not claim.task.job.task_id.startswith("stuck")]
        if able:
            self._finish(self._faults.chance.choice(able), now)

    def _claim(self, now: datetime) -> None:
        try:
            claims = at_once(self._queue.claim(self.id, "", self._faults.chance.randint(1, 3), now, SPAN))
        except Blocked:
            return
        for claim in claims:
            job = claim.task.job
            self.claims.append(claim)
            self.claimed.append(job.id)
            self._tell(TaskStarted(id=f"{job.id}-started", worker_id=self.id, **_about(job, now)))

    def _stop(self, now: datetime) -> None:
        told = self._queue._cancelled[self.id]
        while not told.empty():
            one = told.get_nowait()
            for claim in [*self.claims]:
                if (claim.task.job.task_run_id, claim.task.job.attempt) == (one.task_run_id, one.attempt):
                    self._end(claim, State.KILLED, None, now)

    def _finish(self, claim: Claim, now: datetime) -> None:
        job = claim.task.job
        done = self._inline(claim.task)
        state = State.FAILED if self._fails(job) else State.SUCCESS
        self._end(claim, state, outputs_of(job), now) if done is None else self._told(claim, done)

    def _end(self, claim: Claim, state: State, outputs: Mapping[str, object] | None, now: datetime) -> None:
        job = claim.task.job
        self._told(claim, TaskFinished(id=f"{job.id}-finished", state=state, outputs=outputs, **_about(job, now)))

    def _told(self, claim: Claim, event: TaskFinished) -> None:
        job = claim.task.job
        self.claims.remove(claim)
        self._tell(event)
        if not self._faults.happens(0.1):
            at_once(self._queue.done(self.id, [job.id]))


def outputs_of(job: Job) -> Mapping[str, object] | None:
    """What an attempt gives: the same each time it is made."""
    if job.work == "fill":
        return None
    if job.task_id.endswith("_split"):
        return {"splits": "kestra:///sim/splits.txt"}
    return {"value": f"{job.task_id}-{job.attempt}"}


def _about(job: Job, now: datetime) -> dict[str, object]:
    return {"execution_id": job.execution_id, "at": now, "task_run_id": job.task_run_id, "attempt": job.attempt}
