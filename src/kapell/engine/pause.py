"""Pauses: those of a Pause task and those a person makes; and how they end."""

from __future__ import annotations

from msgspec.structs import replace

from kapell.engine.advance import advance, end, sweep
from kapell.engine.begin import next_turn
from kapell.engine.draft import Draft
from kapell.engine.order import OrderFor
from kapell.engine.person import COMES_TO, PAUSED_SECONDS, PAUSED_TO, due, is_waiting, pausing_of
from kapell.engine.sla import watch
from kapell.errors import Refused
from kapell.model.messages import Decision, ForceRunAsked, PauseAsked, ResumeAsked, TimerKind
from kapell.model.state import State
from kapell.model.task_run import Branch, TaskRun
from kapell.sdk.pausing import Answer


def pause(draft: Draft, event: PauseAsked) -> bool:
    """Hold the execution: what runs goes on to its end, nothing new starts."""
    if draft.execution.state is not State.RUNNING:
        raise Refused("The execution is not running")
    draft.hold(True)
    draft.move_execution(State.PAUSED)
    return True


def resume(draft: Draft, event: ResumeAsked) -> bool:
    """Go on: a held execution, or the first of its task runs that waits for a person."""
    state = draft.execution.state
    # What runs behind the end of an execution may wait as well.
    if state is not State.PAUSED and not (state.ended and waiting_runs(draft)):
        raise Refused(f"Execution '{draft.execution.id}' is not paused, can't resume it")
    waiting = _asked(draft, event)
    if draft.execution.held:
        draft.hold(False)
        if not waiting:
            draft.move_execution(State.RUNNING)
        sweep(draft)
    elif waiting:
        run = waiting[0]
        given = Answer(
            on=draft.now,
            to=State.SUCCESS,
            values=event.values,
            decision=event.decision,
            comment=event.comment,
            by=event.by,
            due=due(run),
        )
        refused = pausing_of(draft, run).refuses(OrderFor(draft, run), given)
        if refused:
            raise Refused(refused)
        answer(draft, run, given)
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
    if is_waiting(run):
        to = State(str(run.memo[PAUSED_TO]))
        answer(draft, run, Answer(on=draft.now, to=to, decision=Decision.EXPIRED, due=due(run)))


def answer(draft: Draft, run: TaskRun, given: Answer) -> None:
    """End a wait: the run goes on with its own tasks, or to its end by way of its `errors` and `finally`."""
    run, state = take(draft, run, given)
    if draft.execution.state is State.PAUSED and not [other for other in paused_runs(draft) if other.id != run.id]:
        draft.move_execution(State.RESTARTED)
        draft.move_execution(State.RUNNING)
    lists = draft.lists_of(run)
    if state is None:
        advance(draft, draft.move(run, State.RUNNING), None)
    elif lists.get(Branch.FINALLY) or (state is State.FAILED and lists.get(Branch.ERRORS)):
        run = draft.move(replace(run, memo={**run.memo, COMES_TO: state.value}), State.RUNNING)
        advance(draft, run, None)
    else:
        end(draft, run, state)


def take(draft: Draft, run: TaskRun, given: Answer) -> tuple[TaskRun, State | None]:
    """Record what was answered; the run that waits no more, and the state that it ends in, None to go on."""
    draft.drop_timer(TimerKind.PAUSE, run)
    answered = pausing_of(draft, run).answered(given)
    memo = {key: value for key, value in run.memo.items() if key not in (PAUSED_TO, PAUSED_SECONDS)}
    run = draft.make_outputs(draft.put(replace(run, memo={**memo, **answered.memo})), answered.outputs)
    return run, answered.state


def paused_runs(draft: Draft) -> list[TaskRun]:
    """The task runs that are PAUSED, in the order of creation."""
    return sorted((run for run in draft.below(None) if run.state is State.PAUSED), key=lambda run: run.number)


def waiting_runs(draft: Draft) -> list[TaskRun]:
    """Those of them that wait for a person."""
    return [run for run in paused_runs(draft) if is_waiting(run)]


def _asked(draft: Draft, event: ResumeAsked) -> list[TaskRun]:
    """Those that the answer may be for, the one it is for first."""
    waiting = waiting_runs(draft)
    if event.task_run_id is None:
        return waiting
    named = [run for run in waiting if run.id == event.task_run_id]
    if not named:
        raise Refused(f"Task run '{event.task_run_id}' is not paused, can't resume it")
    return named
