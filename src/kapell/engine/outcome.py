"""States out of states: what a list of tasks comes to, and what a task's own properties make of it."""

from __future__ import annotations

from kapell.engine.tree import Tally
from kapell.model.state import State

_BY_WEIGHT = (State.KILLED, State.CANCELLED, State.FAILED, State.WARNING)


def guess(tally: Tally) -> State:
    """The heaviest state among the runs of a list; SUCCESS for none, and for those skipped."""
    return next((state for state in _BY_WEIGHT if tally.has(state)), State.SUCCESS)


def softened(state: State, allow_failure: bool, allow_warning: bool) -> State:
    """What `allowFailure` and `allowWarning` make of a state."""
    if state is State.FAILED and allow_failure:
        state = State.WARNING
    return State.SUCCESS if state is State.WARNING and allow_warning else state
