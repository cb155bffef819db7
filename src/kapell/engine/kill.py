"""Ending an execution before its time: what waits never begins, what runs is told to stop and given a grace."""

from __future__ import annotations

from datetime import timedelta

from kapell.engine.advance import advance, end
from kapell.engine.call import own_child
from kapell.engine.draft import Draft
from kapell.engine.loop import started_children
from kapell.engine.pause import take, waiting_runs
from kapell.engine.person import is_waiting
from kapell.engine.program import STARTING
from kapell.errors import Refused
from kapell.ids import derived_id
from kapell.model.messages import KillAsked, TimerKind
from kapell.model.state import State
from kapell.model.task_run import TaskRun
from kapell.sdk.pausing import Answer

GRACE = timedelta(seconds=30)
"""How long a worker may take to say that a killed attempt has ended, before it is recorded without its word."""


def kill(draft: Draft, event: KillAsked) -> bool:
    """Begin to end it; False when it is ending or has ended."""
    execution = draft.execution
    if execution.state.ended and not event.cascade:
        raise Refused("Execution is already finished, can't kill it")
    if execution.state.ended or execution.state is State.KILLING:
        return False
    if waiting_runs(draft):
        draft.move_execution(State.RESTARTED)
    draft.hold(False)
    draft.move_execution(State.KILLING)
    for run in list(draft.tree.runs.values()):
        if event.cascade:
            _kill_children(draft, run, event)
        if not run.state.ended and (event.cascade or not _waits_for_child(draft, run)):
            _stop(draft, run)
    _end_idle(draft)
    return True


def _waits_for_child(draft: Draft, run: TaskRun) -> bool:
    return draft.node(run).kind in STARTING and run.state is State.RUNNING


def _kill_children(draft: Draft, run: TaskRun, event: KillAsked) -> None:
    """Kill what a run has started, waited for or not."""
    many = draft.node(run).kind in ("looping", "batching")
    started = started_children(run) if many else [own_child(run)]
    for child in filter(None, started):
        id = derived_id(event.id, child)
        draft.send(KillAsked(id=id, execution_id=child, at=draft.now))


def kill_overdue(draft: Draft, run: TaskRun) -> None:
    """The worker did not say in time that a killed attempt has ended."""
    if run.state is State.KILLING:
        draft.job_done(run)
        end(draft, run, State.KILLED)


def _stop(draft: Draft, run: TaskRun) -> None:
    if is_waiting(run):
        end(draft, take(draft, run, Answer(on=draft.now, to=State.KILLING))[0], State.KILLED)
    elif _waits_for_child(draft, run):
        draft.move(run, State.KILLING)
    elif draft.node(run).kind == "flowable":
        draft.drop_timer(TimerKind.TURN, run)
        draft.move(run, State.KILLING)
    elif run.state in (State.SUBMITTED, State.RUNNING) and draft.node(run).kind != "sleeping":
        draft.cancel(run)
        draft.set_timer(TimerKind.KILL_GRACE, GRACE, draft.move(run, State.KILLING))
    else:
        for kind in (TimerKind.RETRY, TimerKind.SLEEP):
            draft.drop_timer(kind, run)
        draft.job_done(run)
        end(draft, run, State.KILLED)


def _end_idle(draft: Draft) -> None:
    """End flowables below which nothing runs, innermost first, and the execution when nothing is left."""
    open_runs = [run for run in draft.tree.runs.values() if not draft.the(run.id).state.ended]
    for run in sorted(open_runs, key=lambda run: -run.number):
        current = draft.the(run.id)
        if current.state is State.KILLING and draft.node(run).kind == "flowable":
            advance(draft, current, None)
    if not draft.execution.state.ended:
        advance(draft, None, None)
