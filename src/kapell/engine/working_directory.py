"""A flowable's own work: a worker fills the folder that its tasks share, and keeps what shall last of it.

While that is done the flowable waits: its memo names the job.
"""

from __future__ import annotations

from typing import Literal

from msgspec.structs import replace

from kapell.engine.draft import Draft
from kapell.model.messages import TaskFinished
from kapell.model.task_run import TaskRun
from kapell.sdk.flowable import FlowableTask, FolderTask

JOB = "folderJob"
KEPT = "kept"
LINES = 1_000_000
"""How many log lines one piece of work may have."""


def fill(draft: Draft, run: TaskRun, flowable: FlowableTask) -> bool:
    """Have the folder filled before the first task begins; whether there is anything to wait for."""
    if not isinstance(flowable, FolderTask) or not flowable.fills:
        return False
    _order(draft, run, "fill")
    return True


def keep(draft: Draft, run: TaskRun, flowable: FlowableTask) -> bool:
    """Have stored what shall last before the flowable ends; whether there is anything to wait for."""
    if not isinstance(flowable, FolderTask) or not flowable.keeps or KEPT in run.memo:
        return False
    _order(draft, run, "keep")
    return True


def at_work(run: TaskRun | None) -> bool:
    """Whether a worker is about the flowable's folder."""
    return run is not None and JOB in run.memo


def done(draft: Draft, run: TaskRun, event: TaskFinished) -> TaskRun | None:
    """Take in what a worker tells of the folder; None when it is known, or nobody waits for it any more."""
    job = run.memo.get(JOB)
    # A flowable has one attempt for all its work: it is the event's name that tells which work this is.
    if run.state.ended or job is None or event.id != f"{job}-finished":
        return None
    draft.keep(event.logs, event.metrics)
    draft.drop_job(str(job))
    kept = {KEPT: True} if "-keep-" in str(job) else {}
    run = draft.put(replace(run, memo={**_without_job(run), **kept}))
    return draft.give_outputs(run, event.outputs)


def stop(draft: Draft, run: TaskRun) -> TaskRun:
    """Have a worker leave the folder alone; nothing where none is about it."""
    if not at_work(run):
        return run
    draft.cancel(run)
    draft.drop_job(str(run.memo[JOB]))
    return draft.put(replace(run, memo=_without_job(run)))


def _order(draft: Draft, run: TaskRun, work: Literal["fill", "keep"]) -> None:
    # A flowable that was restarted has a longer history: its work is another one then.
    number = 2 * len(run.history) + (work == "keep")
    id = f"{run.id}-{work}-{number}"
    draft.put(replace(run, memo={**run.memo, JOB: id}))
    draft.offer(replace(draft.job_of(run), id=id, folder=run.id, work=work, first_line=number * LINES))


def _without_job(run: TaskRun) -> dict[str, object]:
    return {key: value for key, value in run.memo.items() if key != JOB}
