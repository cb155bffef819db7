"""Waiting for a slot: executions of a flow that may not all run at the same time."""

from __future__ import annotations

from kapell.engine.advance import advance, end_flow
from kapell.engine.draft import Draft
from kapell.errors import Refused
from kapell.model.messages import UnqueueAsked
from kapell.model.state import State


def unqueue(draft: Draft, event: UnqueueAsked) -> bool:
    """Take a queued execution out of its queue, without a slot."""
    state = draft.execution.state
    if state is not State.QUEUED:
        raise Refused(f"Only QUEUED execution can be unqueued, current state is '{state.value}'")
    if event.state not in (State.RUNNING, State.FAILED, State.CANCELLED):
        raise Refused(f"Invalid state '{event.state.value}': a queued execution goes to RUNNING, FAILED or CANCELLED")
    if event.state is State.RUNNING:
        draft.move_execution(State.RUNNING)
        advance(draft, None, None)
    else:
        end_flow(draft, event.state)
    return True
