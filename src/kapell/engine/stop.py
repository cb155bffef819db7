"""Stopping attempts without waiting for whoever works on them: the record is made at once, the worker is told."""

from __future__ import annotations

from kapell.engine.advance import finish
from kapell.engine.draft import Draft
from kapell.model.state import State
from kapell.model.task_run import TaskRun


def stop_all(draft: Draft) -> None:
    """End every run that is under way as KILLED, innermost first."""
    for run in reversed(list(draft.below(None))):
        if not run.state.ended:
            stop(draft, run)


def stop(draft: Draft, run: TaskRun, state: State = State.KILLED) -> TaskRun:
    """End one run."""
    draft.abandon(run)
    return finish(draft, run, state)
