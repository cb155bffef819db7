"""Work for workers: attempts that executors have committed, claimed with a lease, told finished by an event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from kapell.model.messages import CancelTask, RunTask


class Claim(Struct, frozen=True, kw_only=True):
    """A job that one worker holds until `until`; it must beat before that, or others get the job."""

    task: RunTask
    worker_id: str
    until: datetime


class Queue(Protocol):
    """From executors to workers.

    The job's row is written by `Executions.apply`; it dies with the commit that absorbs TaskFinished.
    """

    async def offer(self, tasks: Sequence[RunTask]) -> None:
        """Make committed jobs known to the workers; one that is offered again while it waits or is held is left out."""
        ...

    async def claim(self, worker_id: str, group: str, most: int, now: datetime, span: timedelta) -> list[Claim]:
        """Take up to `most` jobs, the oldest first, waiting until there is one."""
        ...

    async def beat(self, worker_id: str, now: datetime, span: timedelta) -> list[str]:
        """Hold all that this worker has for another `span`; return the ids of jobs that it has lost."""
        ...

    async def done(self, worker_id: str, job_ids: Sequence[str]) -> None:
        """Forget jobs whose TaskFinished has been sent."""
        ...

    async def holders(self, job_ids: Sequence[str]) -> Mapping[str, str | None]:
        """Those of the jobs that wait or are held, each with the worker that has it, None while it waits."""
        ...

    async def give_back(self, worker_id: str, job_ids: Sequence[str]) -> None:
        """Let others have jobs that were claimed and not begun."""
        ...

    async def cancel(self, tasks: Sequence[CancelTask]) -> list[CancelTask]:
        """Tell whoever runs these attempts to stop; those that still waited are taken out, and returned."""
        ...

    async def cancelled(self, worker_id: str) -> CancelTask:
        """Wait for the next cancellation that is meant for this worker."""
        ...
