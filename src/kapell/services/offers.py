"""Jobs on their way to the workers, and back: what nobody has begun when it is to stop has ended with that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from kapell.model.messages import CancelTask, Job, RunTask, Step, TaskFinished
from kapell.model.state import State
from kapell.ports.queue import Queue


async def hand_out(queue: Queue, work: Sequence[RunTask], steps: Sequence[Step], now: datetime) -> list[TaskFinished]:
    """Offer the jobs that steps have made and later ones have left, and cancel others; the ends of those not begun."""
    cancels = {(one.task_run_id, one.attempt): one for step in steps for one in step.cancels}
    dropped = {id for step in steps for id in step.done_jobs} if work else set()
    wanted = [run for run in work if run.job.id not in dropped and _key(run.job) not in cancels]
    if wanted:
        await queue.offer(wanted)
    if not cancels:
        return []
    never_offered = [cancels[_key(run.job)] for run in work if _key(run.job) in cancels]
    return _ends([*never_offered, *await queue.cancel(list(cancels.values()))], now)


async def hand_out_again(
    queue: Queue, runs: Sequence[RunTask], stopping: Sequence[Job], now: datetime
) -> list[TaskFinished]:
    """The same after a crash: who works on one that is `stopping` may not have been told, or may be gone."""
    await queue.offer(runs)
    if not stopping:
        return []
    known = await queue.holders([job.id for job in stopping])
    cancels = {
        job.id: CancelTask(execution_id=job.execution_id, task_run_id=job.task_run_id, attempt=job.attempt)
        for job in stopping
    }
    withdrawn = await queue.cancel(list(cancels.values()))
    return _ends([*withdrawn, *(cancel for id, cancel in cancels.items() if id not in known)], now)


def _key(job: Job) -> tuple[str, int]:
    return job.task_run_id, job.attempt


def _ends(cancels: Iterable[CancelTask], now: datetime) -> list[TaskFinished]:
    return [never_begun(one, now) for one in cancels]


def never_begun(attempt: CancelTask | Job, now: datetime) -> TaskFinished:
    """The end of an attempt that was to stop before anybody had begun it."""
    return TaskFinished(
        id=f"{attempt.task_run_id}-{attempt.attempt}-withdrawn",
        execution_id=attempt.execution_id,
        at=now,
        task_run_id=attempt.task_run_id,
        attempt=attempt.attempt,
        state=State.KILLED,
    )
