"""Pauses: those of a Pause task and those a person makes; and how they end."""

from __future__ import annotations

from collections.abc import Mapping

from kapell.engine.advance import advance, end, sweep
from kapell.engine.begin import PAUSED_TO, next_turn
from kapell.engine.draft import Draft
from kapell.engine.sla import watch
from kapell.errors import Refused
from kapell.model.messages import ForceRunAsked, PauseAsked, ResumeAsked, TimerKind
from kapell.model.state import State
from kapell.model.task_run import TaskRun


def pause(draft: Draft, event: PauseAsked) -> bool:
    """Hold the execution: what runs goes on to its end, nothing new starts."""
    if draft.execution.state is not State.RUNNING:
        raise Refused("The execution is not running")
    draft.hold(True)
    draft.move_execution(State.PAUSED)
    return True


def resume(draft: Draft, event: ResumeAsked) -> bool:
    """Go on: a held execution, or the first of its task runs that waits for a person."""
    if draft.execution.state is not State.PAUSED:
        raise Refused(f"Execution '{draft.execution.id}' is not paused, can't resume it")
    waiting = waiting_runs(draft)
    if draft.execution.held:
        draft.hold(False)
        if not waiting:
            draft.move_execution(State.RUNNING)
        sweep(draft)
    elif waiting:
        answer(draft, waiting[0], State.SUCCESS, {"onResume": event.values or {}} if event.values is not None else {})
    else:
        for run in draft.below(None):
            if run.state is State.PAUSED:
                next_turn(draft, run)
                break
    return True


def force_run(draft: Draft, event: ForceRunAsked) -> bool:
    """Let it go on whatever it waits for; what runs is left alone."""
    state = draft.execution.state
    if state.ended:
        raise Refused("Only non terminated executions can be forced run.")
    if state is State.PAUSED:
        return resume(draft, ResumeAsked(id=event.id, execution_id=event.execution_id, at=event.at))
    if state in (State.CREATED, State.QUEUED):
        draft.move_execution(State.RUNNING)
        watch(draft)
        advance(draft, None, None)
        return True
    return False


def pause_over(draft: Draft, run: TaskRun) -> None:
    """Nobody has resumed it in time."""
    if run.state is State.PAUSED and PAUSED_TO in run.memo:
        answer(draft, run, State(str(run.memo[PAUSED_TO])), {})


def answer(draft: Draft, run: TaskRun, state: State, outputs: Mapping[str, object]) -> None:
    """End a wait: the run goes on to `state`, through its own tasks when it has some."""
    draft.drop_timer(TimerKind.PAUSE, run)
    resumed = {"on": draft.now, "to": state.value}
    run = draft.give_outputs(run, {**outputs, "resumed": resumed})
    if draft.execution.state is State.PAUSED and not [other for other in paused_runs(draft) if other.id != run.id]:
        draft.move_execution(State.RESTARTED)
        draft.move_execution(State.RUNNING)
    if state is State.SUCCESS and draft.node(run).task.branches.get("tasks"):
        advance(draft, draft.move(run, State.RUNNING), None)
    else:
        end(draft, run, state)


def paused_runs(draft: Draft) -> list[TaskRun]:
    """The task runs that are PAUSED, in the order of creation."""
    return sorted((run for run in draft.below(None) if run.state is State.PAUSED), key=lambda run: run.number)


def waiting_runs(draft: Draft) -> list[TaskRun]:
    """Those of them that wait for a person."""
    return [run for run in paused_runs(draft) if PAUSED_TO in run.memo]
