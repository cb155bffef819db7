"""The end of each step: what was created is begun, until nothing is left to begin."""

from __future__ import annotations

from kapell.engine.advance import refuse
from kapell.engine.batches import batches
from kapell.engine.begin import begin
from kapell.engine.call import call
from kapell.engine.draft import Draft, plain_error
from kapell.engine.leave import leave
from kapell.engine.loop import loop
from kapell.errors import RenderError
from kapell.model.read import ReadFailed
from kapell.model.state import State
from kapell.model.task_run import TaskRun
from kapell.sdk.shape import Mismatch
from kapell.sdk.task import TaskFailed


def settle(draft: Draft) -> None:
    """Begin what was created, in that order: siblings come before grandchildren."""
    while draft.todo or draft.calls or draft.leaving:
        while draft.todo:
            run = draft.run(draft.todo.popleft().id)
            if run is not None and run.state in (State.CREATED, State.RESTARTED):
                begin(draft, run)
        if draft.leaving:
            run, state = draft.leaving.pop()
            leave(draft, draft.the(run.id), state)
        elif draft.calls:
            start_call(draft, draft.the(draft.calls.popleft().id))


def start_call(draft: Draft, run: TaskRun) -> None:
    """Start the executions that a task stands for; where that can't be, the task has failed without having begun."""
    try:
        match draft.node(run).kind:
            case "looping":
                loop(draft, run)
            case "batching":
                batches(draft, run)
            case _:
                call(draft, run)
    except (TaskFailed, RenderError, ReadFailed, Mismatch, ValueError) as error:
        loops = draft.node(run).kind == "looping"
        failing = f"Failed to process flowable task {run.id}: " if loops else ""
        refuse(draft, draft.the(run.id), f"{failing}{plain_error(error)}")
