"""Going on: what is ready below a flowable (or the flow) is created and begun, what has come to its end is ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

from msgspec.structs import replace

from kapell.engine import working_directory
from kapell.engine.draft import Draft, plain_error
from kapell.engine.inputs import Invalid, convert_value
from kapell.engine.outcome import guess, softened
from kapell.engine.program import STARTING, Node
from kapell.engine.tree import Tally
from kapell.errors import RenderError
from kapell.ids import derived_id
from kapell.model.address import address_of, execution_folder, slug
from kapell.model.execution import LoopRun, StateChange
from kapell.model.flow import Output, Task
from kapell.model.log import Level
from kapell.model.messages import ChildEnded, TimerKind
from kapell.model.state import State
from kapell.model.task_run import Attempt, Branch, Place, TaskRun
from kapell.sdk.duration import format_duration, parse_duration
from kapell.sdk.flowable import Again, FlowableTask, Pausing
from kapell.sdk.ion import ion_line
from kapell.sdk.registry import find_task
from kapell.sdk.shape import Expression, Mismatch
from kapell.sdk.task import SleepingTask
from kapell.sdk.truth import truthy

T = TypeVar("T")
NOT_RENDERED = "Failed to render output values: "
PAUSED_FOR_EVER = "pausedForEver"
PAUSED_TO = "pausedTo"
"""Where a run that waits for a person remembers what it comes to when nobody does anything."""


class ChildrenOf:
    """A flowable's children, as it may see them (`sdk.Children`)."""

    def __init__(self, draft: Draft, parent: TaskRun | None, ended: TaskRun | None) -> None:
        self._draft = draft
        self._parent = parent
        self._ended = ended
        self._tally = draft.tally(parent.id if parent else None, Branch.TASKS)

    @property
    def created(self) -> int:
        """How many there are."""
        return self._tally.created

    @property
    def running(self) -> int:
        """How many of them have not ended."""
        return self._tally.running

    @property
    def ended(self) -> Place | None:
        """The one that has just ended."""
        return self._ended.place if self._ended and self._ended.branch is Branch.TASKS else None

    def state(self, place: Place) -> State | None:
        """The state of the child at that place."""
        run = self._draft.at(self._parent.id if self._parent else None, place)
        return run.state if run else None

    def memo(self) -> Mapping[str, object]:
        """What `begin` gave to be remembered."""
        return self._parent.memo if self._parent else {}


class OrderFor:
    """What a flowable may ask for when it begins or closes (`sdk.Order`)."""

    def __init__(self, draft: Draft, run: TaskRun) -> None:
        self._draft = draft
        self._run = run

    @property
    def turn(self) -> int:
        """How often it has begun again."""
        return self._run.turn

    @property
    def elapsed(self) -> timedelta:
        """How long ago it began for the first time."""
        return self._draft.now - self._run.history[0].at

    @property
    def timeout(self) -> timedelta | None:
        """The task's `timeout`."""
        limit = self._draft.node(self._run).task.timeout
        return None if limit is None else parse_duration(str(self._draft.render(limit, self._run)))

    def render(self, expression: Expression[T]) -> T:
        """The value of an expression in the flowable's place."""
        return expression.value(self.value)

    def value(self, value: object, typed: bool) -> object:
        """A text or structure rendered in the flowable's place."""
        return self._draft.render(value, self._run, typed)


def begin_flow(draft: Draft) -> bool:
    """Start an execution that was created; False when it runs already."""
    if draft.execution.state is not State.CREATED:
        return False
    draft.move_execution(State.RUNNING)
    advance(draft, None, None)
    return True


def sweep(draft: Draft) -> None:
    """Look at every flowable that is open, innermost first, and at the flow: what is ready, what is over?"""
    for run in reversed(list(draft.below(None))):
        current = draft.run(run.id)
        if current is not None and current.state in (State.RUNNING, State.KILLING) and draft.node(run).flowable:
            advance(draft, current, None)
    advance(draft, None, None)


def begin(draft: Draft, run: TaskRun) -> None:
    """Start a task run: skip it, hand it to a worker, or open its flowable."""
    node = draft.node(run)
    try:
        if not _wanted(draft, run, node.task):
            end(draft, run, State.SKIPPED)
        elif node.problem:
            refuse(draft, run, node.problem)
        elif node.flowable:
            open_flowable(draft, run, node.flowable)
        elif node.kind in STARTING:
            draft.calls.append(run)
        else:
            attempt(draft, run)
    except (RenderError, Mismatch, ValueError) as error:
        run = draft.the(run.id)
        # Kestra: a flowable is seen RUNNING before it fails to be prepared.
        run = draft.move(run, State.RUNNING) if node.flowable and _can_run(run) else run
        refuse(draft, run, plain_error(error))


def _can_run(run: TaskRun) -> bool:
    return run.state in (State.CREATED, State.RESTARTED)


def attempt(draft: Draft, run: TaskRun) -> None:
    """Begin the next attempt of a run that is no flowable."""
    node = draft.node(run)
    try:
        limit = time_limit(draft, run, node)
    except (RenderError, ValueError) as error:
        fail_at_once(draft, run, plain_error(error))
        return
    if limit is not None and limit <= timedelta():
        fail_at_once(draft, run, f"Timeout after {format_duration(limit)}")
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
            raise Mismatch("the duration must be positive")
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
    run = draft.move(replace(run, memo=begun.memo), State.RUNNING)
    run = draft.give_outputs(run, begun.outputs)
    if begun.state is not None:
        if begun.reason:
            draft.log(begun.level, begun.reason, run)
        end(draft, run, begun.state)
    elif begun.pausing is not None:
        wait_for_a_person(draft, run, begun.pausing)
    elif not working_directory.fill(draft, run, flowable):
        advance(draft, run, None)


def wait_for_a_person(draft: Draft, run: TaskRun, pausing: Pausing) -> None:
    """Pause the run and with it the execution; other branches go on."""
    memo = {**run.memo, PAUSED_TO: pausing.state.value, PAUSED_FOR_EVER: pausing.span is None}
    run = draft.move(replace(run, memo=memo), State.PAUSED)
    if draft.execution.state is State.RUNNING:
        draft.move_execution(State.PAUSED)
    if pausing.span is not None:
        draft.set_timer(TimerKind.PAUSE, pausing.span, run)


def refuse(draft: Draft, run: TaskRun, why: str) -> None:
    """Fail a run that could not even begin."""
    draft.log(Level.ERROR, why, run)
    end(draft, run, State.FAILED, error=why)


def end(draft: Draft, run: TaskRun, state: State, *, error: str | None = None) -> None:
    """Take a run to its end, and go on with what that makes possible."""
    ended = finish(draft, run, state, error=error)
    advance(draft, draft.parent(ended), ended)


def finish(draft: Draft, run: TaskRun, state: State, *, error: str | None = None) -> TaskRun:
    """Take a run to its end, and its attempt with it unless that has ended; its own properties may soften a failure."""
    task = draft.node(run).task
    soft = softened(state, task.allow_failure, task.allow_warning)
    if state is State.FAILED and soft is State.SUCCESS and draft.node(run).kind in ("calling", "batching"):
        run = draft.move(run, State.FAILED)  # Kestra: of a called execution the failure shows in the history
    if run.attempts and not run.attempts[-1].state.ended:
        last = run.attempts[-1]
        history = (*last.history, replace(last.history[-1], state=state, at=draft.now))
        attempt = Attempt(history, last.worker_id, last.log_file)
        run = replace(run, attempts=(*run.attempts[:-1], attempt))
    run = working_directory.stop(draft, run)
    return draft.move(replace(run, error=error), soft)


def advance(draft: Draft, parent: TaskRun | None, ended: TaskRun | None) -> None:
    """Create what is ready below `parent` now that `ended` has ended, or end `parent` when nothing is left to do."""
    parent_id = parent.id if parent else None
    tasks = draft.tally(parent_id, Branch.TASKS)
    if draft.execution.held:
        return
    if _stopping(draft, parent):
        if not _unfinished(draft, parent_id):
            close(draft, parent, State.KILLED)
        return
    if working_directory.at_work(parent):
        return
    if parent is None and draft.execution.state.ended:
        _next_of(draft, None, Branch.AFTER)
        return
    broken = tasks.has(State.FAILED, State.KILLED, State.CANCELLED)
    if not broken and _create_ready(draft, parent, ended):
        return
    failed = tasks.has(State.FAILED) and not tasks.has(State.KILLED)
    if failed and parent is not None:
        interrupt(draft, parent)
    if failed and _next_of(draft, parent, Branch.ERRORS):
        return
    if draft.tally(parent_id, Branch.TASKS).running or draft.tally(parent_id, Branch.ERRORS).running:
        return
    if _next_of(draft, parent, Branch.FINALLY) or draft.tally(parent_id, Branch.FINALLY).running:
        return
    close(draft, parent, guess(tasks))


def interrupt(draft: Draft, parent: TaskRun) -> None:
    """Stop the children that still run, where the flowable says so, now that one has failed."""
    flowable = draft.node(parent).flowable
    state = flowable.after_failure if flowable else None
    if state is None or not draft.tally(parent.id, Branch.TASKS).running:
        return
    for child in draft.children(parent.id):
        if child.branch is Branch.TASKS and not child.state.ended:
            for run in [*reversed(list(draft.below(child.id))), child]:
                if not run.state.ended:
                    draft.abandon(run)
                    finish(draft, draft.the(run.id), state)


def close(draft: Draft, parent: TaskRun | None, state: State) -> None:
    """End a flowable, or the execution."""
    if parent is None:
        end_flow(draft, state)
        return
    flowable = draft.node(parent).flowable
    if parent.state.ended or flowable is None:
        return
    if state is State.KILLED or (
        flowable.repeats and state is State.FAILED and not draft.lists_of(parent).get(Branch.ERRORS)
    ):
        end(draft, parent, state)
        return
    if working_directory.keep(draft, parent, flowable):
        return
    try:
        order = OrderFor(draft, parent)
        closing = flowable.bound(order.value).close(order, state)
    except (RenderError, Mismatch) as error:
        refuse(draft, parent, plain_error(error))
        return
    if isinstance(closing, Again):
        pause_before_turn(draft, parent, closing)
        return
    if closing.warning:
        draft.log(Level.WARN, closing.warning, parent)
    end(draft, parent, closing.state)


def pause_before_turn(draft: Draft, run: TaskRun, again: Again) -> None:
    """Let a repeating flowable wait for its next turn."""
    run = draft.move(run, State.PAUSED)
    if draft.execution.state is State.RUNNING:
        draft.move_execution(State.PAUSED)
    draft.set_timer(TimerKind.TURN, again.pause, run)


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


def end_flow(draft: Draft, state: State) -> None:
    """Bring the execution to its end: outputs, state, what is to run after it, and whoever waits for it."""
    if draft.execution.state.ended:
        return
    if draft.execution.loop_run is not None:
        end_iteration(draft, state)
        return
    outputs, problem = flow_outputs(draft) if state is not State.KILLED else ({}, None)
    draft.execution = replace(draft.execution, outputs=outputs or None)
    draft.move_execution(state)
    if problem:
        draft.log(Level.ERROR, f"{NOT_RENDERED}{problem}")
        if state is not State.FAILED:
            draft.move_execution(State.FAILED)
    tell_parent(draft, {**outputs, **_asked_outputs(draft)} or None, problem)
    advance(draft, None, None)


def _asked_outputs(draft: Draft) -> dict[str, object]:
    """What the caller wants to be taken out of this execution."""
    found: dict[str, object] = {}
    for name, value in draft.execution.asked_outputs.items():
        try:
            found[name] = draft.render(value, None, typed=isinstance(value, str))
        except RenderError as error:
            draft.log(Level.WARN, f"The caller's output '{name}' could not be made: {plain_error(error)}")
    return found


def end_iteration(draft: Draft, state: State) -> None:
    """The end of a loop's iteration: its outputs go to the loop, nothing runs after it."""
    loop = draft.execution.loop_run
    outputs: dict[str, object] | None = None
    declared = draft.program.nodes[loop.task_id].task.properties.get("outputs") if loop else None
    if declared and state in (State.SUCCESS, State.WARNING):
        wanted = [
            Output(str(one["id"]), str(one["type"]), one.get("value"), required=one.get("required") is not False)
            for one in declared  # type: ignore[attr-defined]  # the checker has seen to it
        ]
        outputs, problem = typed_outputs(draft, wanted)
        if problem:
            draft.log(Level.ERROR, f"{NOT_RENDERED}{problem}")
            state = State.FAILED
        elif loop is not None and loop.store:
            outputs = {"uri": _stored(draft, loop, outputs)}
    draft.move_execution(state)
    tell_parent(draft, outputs)


def _stored(draft: Draft, loop: LoopRun, outputs: Mapping[str, object]) -> str:
    """Where the outputs of an iteration lie: with the files of its loop, a row of Ion."""
    own = draft.execution
    folder = execution_folder(own.namespace, own.flow_id, loop.parent_id)
    path = f"{folder}/tasks/{slug(loop.task_id)}/{loop.task_run_id}/{loop.index}/outputs.ion"
    draft.write(path, ion_line(outputs))
    return address_of(path)


def tell_parent(draft: Draft, outputs: Mapping[str, object] | None, problem: str | None = None) -> None:
    """Tell the task run that waits for this execution what it has come to."""
    execution = draft.execution
    if execution.parent_run_id is None or execution.parent_id is None:
        return
    draft.send(
        ChildEnded(
            id=derived_id(execution.id, "ended", len(execution.history)),
            execution_id=execution.parent_id,
            at=draft.now,
            task_run_id=execution.parent_run_id,
            child_id=execution.id,
            state=execution.state,
            outputs=outputs,
            index=execution.loop_run.index if execution.loop_run else execution.batch,
            problem=problem,
        )
    )


def flow_outputs(draft: Draft) -> tuple[dict[str, object], str | None]:
    """The flow's own outputs, and the sentence of the first that could not be made."""
    return typed_outputs(draft, draft.program.flow.outputs)


def typed_outputs(draft: Draft, declared: Sequence[Output]) -> tuple[dict[str, object], str | None]:
    """Outputs rendered and converted to their types, and the sentence of the first that could not be made."""
    found: dict[str, object] = {}
    for output in declared:
        try:
            # Kestra: a lone expression keeps its type, inside a list or map it becomes text
            value = draft.render(output.value, None, typed=isinstance(output.value, str))
            found[output.id] = None if value is None else convert_value(output.type, value, {})
        except Invalid as invalid:
            if output.required:
                return found, f"Invalid value for output `{output.id}`. Cause: {invalid}"
        except RenderError as error:
            if output.required:
                return found, plain_error(error)
    return found, None


def _wanted(draft: Draft, run: TaskRun, task: Task) -> bool:
    return task.run_if is None or truthy(draft.render(task.run_if, run))


def _stopping(draft: Draft, parent: TaskRun | None) -> bool:
    return draft.execution.state is State.KILLING or (parent is not None and parent.state is State.KILLING)


def _unfinished(draft: Draft, parent_id: str | None) -> int:
    return sum(draft.tally(parent_id, branch).running for branch in (Branch.TASKS, Branch.ERRORS, Branch.FINALLY))


def _create_ready(draft: Draft, parent: TaskRun | None, ended: TaskRun | None) -> bool:
    """Create what a list's order allows; whether there was anything."""
    children = ChildrenOf(draft, parent, ended)
    places: Sequence[Place]
    if parent is None:
        places = _in_order(draft.lists_of(None)[Branch.TASKS], draft.tally(None, Branch.TASKS))
    else:
        flowable = draft.node(parent).flowable
        places = flowable.ready(children) if flowable else ()
    for place in places:
        draft.create(place, parent, Branch.TASKS)
    return bool(places)


def _next_of(draft: Draft, parent: TaskRun | None, branch: Branch) -> bool:
    """Create the next task of errors, finally or afterExecution; whether one of them runs or was created."""
    tally = draft.tally(parent.id if parent else None, branch)
    tasks = draft.lists_of(parent).get(branch, ())
    places = _in_order(tasks, tally)
    for place in places:
        draft.create(place, parent, branch)
    return bool(places) or tally.running > 0


def _in_order(tasks: Sequence[Task], tally: Tally) -> Sequence[Place]:
    if tally.running or tally.created >= len(tasks):
        return ()
    return (Place(tasks[tally.created].id),)
