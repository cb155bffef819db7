"""Leaving early: a task ends its execution here and now, in a state of its choice."""

from __future__ import annotations

from msgspec.structs import replace

from kapell.engine.advance import close, finish
from kapell.engine.draft import Draft
from kapell.engine.stop import stop_all
from kapell.model.state import State
from kapell.model.task_run import TaskRun


def leave(draft: Draft, run: TaskRun, state: State) -> None:
    """End the run, all that it stands in, and the execution in `state`; what else runs is stopped."""
    first = run.number == 0 and draft.node(run).kind == "updating"
    finish(draft, run, state)
    parent = draft.parent(run)
    while parent is not None:
        finish(draft, parent, state)
        parent = draft.parent(parent)
    stop_all(draft)
    if first:
        # Kestra: an execution that is left by its first task was never RUNNING.
        history = tuple(change for change in draft.execution.history if change.state is not State.RUNNING)
        draft.execution = replace(draft.execution, state=history[-1].state, history=history)
    close(draft, None, state)
