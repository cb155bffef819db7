"""The engine's one door: an event in, a Step out. It does nothing itself; every event in every state has an answer."""

from __future__ import annotations

from datetime import datetime
from typing import assert_never

from kapell.engine.batches import batch_ended
from kapell.engine.begin import next_turn, wake_up
from kapell.engine.call import call_ended
from kapell.engine.draft import Draft
from kapell.engine.ending import tell_parent
from kapell.engine.finish import task_finished, task_started
from kapell.engine.kill import kill, kill_overdue
from kapell.engine.loop import iteration_ended
from kapell.engine.pause import force_run, pause, pause_over, resume
from kapell.engine.program import compiled
from kapell.engine.queue import created, slot_given, start, unqueue
from kapell.engine.restart import begin_replay, change_labels, change_state, restart
from kapell.engine.retry import retry_due, timed_out
from kapell.engine.settle import settle
from kapell.engine.sla import check_assertions, too_long
from kapell.engine.tree import Tree
from kapell.engine.variables import Render, read_first
from kapell.errors import Refused
from kapell.model.flow import Flow
from kapell.model.log import Level
from kapell.model.messages import (
    Act,
    ChildEnded,
    Event,
    ExecutionCreated,
    ExecutionReplayed,
    ForceRunAsked,
    KillAsked,
    LabelsAsked,
    PauseAsked,
    Poisoned,
    RestartAsked,
    ResumeAsked,
    SlotGiven,
    StateAsked,
    Step,
    TaskFinished,
    TaskStarted,
    TimerFired,
    TimerKind,
    UnqueueAsked,
)
from kapell.model.read import Reader
from kapell.model.state import State


def step(tree: Tree, event: Event, flow: Flow, *, now: datetime, render: Render, read: Reader = read_first) -> Step:
    """What `event` changes in the execution that `tree` holds; the tree itself stays as it is.

    The same event again gives a Step without change. `read` answers what the engine itself asks (a flow that is
    called, a file of values). Raises `NeedsRead` where an expression asks for something that
    was not read yet: answer it and call again.
    """
    draft = Draft(tree, event, compiled(flow), now, render, read)
    try:
        if not answer(draft, event):
            return Step(event=event, execution=tree.execution, changed=False)
    except Refused as refused:
        return Step(event=event, execution=tree.execution, changed=False, refused=str(refused))
    settle(draft)
    check_assertions(draft)
    return draft.step()


def answer(draft: Draft, event: Event) -> bool:
    """Apply the event; False when it finds itself done. Raises `Refused` for an act that is not legal now."""
    match event:
        case ExecutionCreated():
            return created(draft, event)
        case ExecutionReplayed():
            return begin_replay(draft, event)
        case TaskStarted():
            return task_started(draft, event)
        case TaskFinished():
            return task_finished(draft, event)
        case TimerFired():
            return timer_fired(draft, event)
        case SlotGiven():
            return slot_given(draft, event)
        case Poisoned():
            return poisoned(draft, event)
        case ChildEnded():
            return child_ended(draft, event)
        case _:
            return act(draft, event)


def child_ended(draft: Draft, event: ChildEnded) -> bool:
    """An execution that a task has started has ended; False when its task does not wait for it any more."""
    run = draft.run(event.task_run_id)
    if run is None:
        return False
    match draft.node(run).kind:
        case "looping":
            return iteration_ended(draft, run, event)
        case "batching":
            return batch_ended(draft, run, event)
        case _:
            return call_ended(draft, run, event)


def act(draft: Draft, event: Act) -> bool:
    """Do what a person asks for."""
    match event:
        case KillAsked():
            return kill(draft, event)
        case PauseAsked():
            return pause(draft, event)
        case ResumeAsked():
            return resume(draft, event)
        case ForceRunAsked():
            return force_run(draft, event)
        case RestartAsked():
            return restart(draft, event)
        case StateAsked():
            return change_state(draft, event)
        case LabelsAsked():
            return change_labels(draft, event)
        case UnqueueAsked():
            return unqueue(draft, event)
        case _:
            assert_never(event)


def timer_fired(draft: Draft, event: TimerFired) -> bool:
    """Something is due: do it, unless what it was for is over."""
    timer = event.timer
    draft.drop(timer.id)
    if timer.kind is TimerKind.BEGIN:
        start(draft)
        return True
    if timer.kind is TimerKind.SLA:
        too_long(draft, timer.name)
        return True
    run = draft.run(timer.task_run_id) if timer.task_run_id else None
    # An execution that has ended may still run its afterExecution.
    if run is not None and run.attempt == timer.attempt and not run.state.ended:
        match timer.kind:
            case TimerKind.TIMEOUT:
                timed_out(draft, run)
            case TimerKind.RETRY:
                retry_due(draft, run)
            case TimerKind.KILL_GRACE:
                kill_overdue(draft, run)
            case TimerKind.SLEEP:
                wake_up(draft, run)
            case TimerKind.TURN:
                next_turn(draft, run)
            case TimerKind.PAUSE:
                pause_over(draft, run)
            case _:
                assert_never(timer.kind)
    return True


def poisoned(draft: Draft, event: Poisoned) -> bool:
    """Poison stops one execution: what runs is told to stop, and it ends FAILED, saying why."""
    if draft.execution.state.ended:
        return False
    draft.log(Level.ERROR, event.error)
    for run in [*draft.tree.runs.values()]:
        if not run.state.ended:
            if run.state in (State.SUBMITTED, State.RUNNING) and draft.node(run).kind != "flowable":
                draft.cancel(run)
                draft.job_done(run)
            draft.move(run, State.FAILED)
    draft.move_execution(State.FAILED)
    tell_parent(draft, None)
    return True
