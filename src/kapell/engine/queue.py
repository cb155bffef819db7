"""Beginning: at its time, when a slot is free, within what the flow promises; else it waits, or ends at once."""

from __future__ import annotations

from kapell.engine.advance import advance, begin_flow
from kapell.engine.draft import Draft
from kapell.engine.ending import tell_parent
from kapell.engine.sla import watch
from kapell.errors import Refused
from kapell.model.execution import Kind
from kapell.model.log import Level
from kapell.model.messages import ExecutionCreated, SlotGiven, TimerKind, UnqueueAsked
from kapell.model.read import Read
from kapell.model.state import State


def created(draft: Draft, event: ExecutionCreated) -> bool:
    """Start it, with a word on each input that nobody asked for."""
    if draft.execution.state is not State.CREATED:
        return False
    flow = draft.program.flow
    for id in event.unknown_inputs:
        where = f"workflow {flow.namespace}.{flow.id}"
        draft.log(Level.WARN, f"Input {id} was provided for {where} but isn't declared in the workflow inputs")
    if event.begin_at is not None and event.begin_at > draft.now:
        draft.set_timer(TimerKind.BEGIN, event.begin_at - draft.now)
        return True
    return start(draft)


def start(draft: Draft) -> bool:
    """Begin, unless as many executions of the flow run as may; False when it has begun already."""
    if draft.execution.state is not State.CREATED:
        return False
    if not _has_slot(draft):
        turn_away(draft)
        return True
    watch(draft)
    return begin_flow(draft)


def slot_given(draft: Draft, event: SlotGiven) -> bool:
    """Leave the queue; False when it has left it already."""
    if draft.execution.state is not State.QUEUED:
        return False
    leave_queue(draft)
    return True


def leave_queue(draft: Draft) -> None:
    """RUNNING, from its first task."""
    draft.move_execution(State.RUNNING)
    watch(draft)
    advance(draft, None, None)


def turn_away(draft: Draft) -> None:
    """One execution too many: it waits, or ends at once."""
    concurrency = draft.program.flow.concurrency
    behavior = concurrency.behavior if concurrency else "QUEUE"
    if behavior == "QUEUE":
        draft.log(Level.INFO, "Flow is queued due to concurrency limit exceeded")
        draft.move_execution(State.QUEUED)
        return
    if behavior == "FAIL":
        draft.log(Level.ERROR, "Execution is FAILED due to concurrency limit exceeded")
    draft.move_execution(State.FAILED if behavior == "FAIL" else State.CANCELLED)
    tell_parent(draft, None)


def unqueue(draft: Draft, event: UnqueueAsked) -> bool:
    """Take a queued execution out of its queue, without a slot."""
    state = draft.execution.state
    if state is not State.QUEUED:
        raise Refused(f"Only QUEUED execution can be unqueued, current state is '{state.value}'")
    if event.state not in (State.RUNNING, State.FAILED, State.CANCELLED):
        raise Refused(f"Invalid target state: {event.state.value}. Valid states are: [RUNNING, FAILED, CANCELLED]")
    if event.state is State.RUNNING:
        leave_queue(draft)
    else:
        draft.move_execution(event.state)
        tell_parent(draft, None)
    return True


def _has_slot(draft: Draft) -> bool:
    flow, execution = draft.program.flow, draft.execution
    if flow.concurrency is None or execution.kind is Kind.LOOP:
        return True
    taken = draft.read(Read(kind="slots", name=flow.id, scope=flow.namespace))
    return isinstance(taken, int) and taken < flow.concurrency.limit
