"""Beginning: a task run that was created is skipped, handed to a worker, put to sleep, or opened."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from kapell.engine import working_directory
from kapell.engine.advance import UNRESOLVED, advance, end, refuse
from kapell.engine.draft import Draft, plain_error
from kapell.engine.order import OrderFor
from kapell.engine.person import pausing_of, remember, wait_now
from kapell.engine.program import STARTING, Node
from kapell.errors import RenderError
from kapell.model.execution import StateChange
from kapell.model.flow import Task
from kapell.model.log import Level
from kapell.model.messages import TimerKind
from kapell.model.state import State
from kapell.model.task_run import Attempt, TaskRun
from kapell.sdk.duration import format_duration, parse_duration
from kapell.sdk.flowable import FlowableTask
from kapell.sdk.registry import find_task
from kapell.sdk.shape import Mismatch
from kapell.sdk.task import SleepingTask, TaskFailed
from kapell.sdk.truth import truthy


def begin(draft: Draft, run: TaskRun) -> None:
    """Start a task run: skip it, hand it to a worker, or open its flowable."""
    node = draft.node(run)
    try:
        wanted = _wanted(draft, run, node.task)
    except RenderError as error:
        refuse(
            draft, run, f"Failed to evaluate the runIf condition for task {run.task_id}. Cause: {plain_error(error)}"
        )
        return
    try:
        if not wanted:
            end(draft, run, State.SKIPPED)
        elif node.problem:
            refuse(draft, run, node.problem)
        elif node.flowable:
            open_flowable(draft, run, node.flowable)
        elif node.kind in STARTING:
            draft.calls.append(run)
        else:
            attempt(draft, run)
    except (RenderError, Mismatch, TaskFailed, ValueError) as error:
        why = plain_error(error)
        refuse(draft, _seen_running(draft, run, node), f"{UNRESOLVED}{why}" if node.flowable else why)


def _seen_running(draft: Draft, run: TaskRun, node: Node) -> TaskRun:
    """Kestra: a flowable is seen RUNNING before it fails to be prepared."""
    run = draft.the(run.id)
    waits = run.state in (State.CREATED, State.RESTARTED)
    return _to_running(draft, run, node.flowable) if node.flowable and waits else run


def _to_running(draft: Draft, run: TaskRun, flowable: FlowableTask) -> TaskRun:
    """Kestra: a flowable that is restarted is RUNNING at once, but for those whose tasks begin anew with it."""
    if run.state is State.RESTARTED and not (flowable.repeats or flowable.restarts_whole):
        run = replace(run, state=run.history[-2].state, history=run.history[:-1])
    return draft.move(run, State.RUNNING)


def attempt(draft: Draft, run: TaskRun) -> None:
    """Begin the next attempt of a run that is no flowable."""
    node = draft.node(run)
    try:
        limit = time_limit(draft, run, node)
    except (RenderError, ValueError) as error:
        fail_at_once(draft, run, plain_error(error))
        return
    if limit is not None and limit <= timedelta():
        fail_at_once(draft, run, "timeout: must be a positive duration")
        return
    if node.kind == "sleeping":
        asleep = fall_asleep(draft, run, node)
        if asleep is None:
            return
        run = asleep
    else:
        run = draft.submit(run, node.inline)
        # Kestra: what only changes its execution is never SUBMITTED.
        run = draft.move(run, State.SUBMITTED) if node.kind == "runnable" else run
    if limit is not None and not node.inline:
        draft.set_timer(TimerKind.TIMEOUT, limit, run)


def time_limit(draft: Draft, run: TaskRun, node: Node) -> timedelta | None:
    """How long an attempt may take."""
    return None if node.task.timeout is None else parse_duration(str(draft.render(node.task.timeout, run)))


def fail_at_once(draft: Draft, run: TaskRun, why: str) -> None:
    """Fail an attempt before anybody works on it; it looks like one that a worker has failed."""
    run = draft.move(open_attempt(draft, run), State.RUNNING)
    refuse(draft, run, why)


def open_attempt(draft: Draft, run: TaskRun) -> TaskRun:
    """Another attempt of a run, SUBMITTED unless it shares a folder, which begins now."""
    opened = Attempt((StateChange(State.CREATED, draft.now), StateChange(State.RUNNING, draft.now)))
    run = draft.put(replace(run, attempts=(*run.attempts, opened)))
    return run if draft.folder_of(run) else draft.move(run, State.SUBMITTED)


def fall_asleep(draft: Draft, run: TaskRun, node: Node) -> TaskRun | None:
    """A sleeping task is a timer, and looks like one that a worker runs; None when it has failed instead."""
    try:
        bound = find_task(node.task.type).bind(node.task.properties, OrderFor(draft, run).value)
        assert isinstance(bound, SleepingTask)
        span = bound.span()
        if span <= timedelta():
            raise Mismatch("duration: must be a positive duration")
    except (RenderError, Mismatch) as error:
        fail_at_once(draft, run, plain_error(error))
        return None
    run = draft.move(open_attempt(draft, run), State.RUNNING)
    draft.log(Level.INFO, f"Waiting for {format_duration(span)}", run)
    draft.set_timer(TimerKind.SLEEP, span, run)
    return run


def wake_up(draft: Draft, run: TaskRun) -> None:
    """A sleeping task has slept enough."""
    if run.state is State.RUNNING:
        draft.drop_timer(TimerKind.TIMEOUT, run)
        end(draft, run, State.SUCCESS)


def open_flowable(draft: Draft, run: TaskRun, flowable: FlowableTask) -> None:
    """Let a flowable begin, and create what is ready in it."""
    begun = flowable.bound(OrderFor(draft, run).value).begin(OrderFor(draft, run))
    if not run.attempts:
        opened = Attempt((*run.history, StateChange(State.RUNNING, draft.now)))
        run = draft.put(replace(run, attempts=(opened,)))
    run = _to_running(draft, replace(run, memo=begun.memo), flowable)
    run = draft.make_outputs(run, begun.outputs)
    if begun.state is not None:
        if begun.reason:
            draft.log(begun.level, begun.reason, run)
        end(draft, run, begun.state)
    elif begun.pausing is not None:
        _pause(draft, remember(draft, run, begun.pausing))
    elif not working_directory.fill(draft, run, flowable):
        advance(draft, run, None)


def _pause(draft: Draft, run: TaskRun) -> None:
    """Wait for a person, at once or when the tasks that come before the wait have ended."""
    if pausing_of(draft, run).decides:
        advance(draft, run, None)
    else:
        wait_now(draft, run)


def next_turn(draft: Draft, run: TaskRun) -> None:
    """Begin a repeating flowable anew: the children of the turn before go."""
    flowable = draft.node(run).flowable
    if run.state is not State.PAUSED or flowable is None:
        return
    for child in draft.children(run.id):
        draft.remove(child)
    turn = run.turn + 1
    run = draft.put(replace(run, turn=turn, iteration=turn if run.value is None else run.iteration))
    if draft.execution.state is State.PAUSED and not _others_pause(draft, run):
        draft.move_execution(State.RUNNING)
    open_flowable(draft, run, flowable)


def _others_pause(draft: Draft, run: TaskRun) -> bool:
    return any(other.state is State.PAUSED and other.id != run.id for other in draft.below(None))


def _wanted(draft: Draft, run: TaskRun, task: Task) -> bool:
    return task.run_if is None or truthy(draft.render(task.run_if, run))
