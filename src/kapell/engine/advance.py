"""Going on: what is ready below a flowable (or the flow) is created and begun, what has come to its end is ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec.structs import replace

from kapell.engine import working_directory
from kapell.engine.draft import Draft, plain_error
from kapell.engine.ending import end_flow
from kapell.engine.order import OrderFor
from kapell.engine.outcome import guess, softened
from kapell.engine.person import COMES_TO, is_to_wait, wait_now
from kapell.engine.tree import Tally
from kapell.errors import RenderError
from kapell.model.flow import Task
from kapell.model.log import Level
from kapell.model.messages import TimerKind
from kapell.model.state import State
from kapell.model.task_run import Attempt, Branch, Place, TaskRun
from kapell.sdk.flowable import Again
from kapell.sdk.shape import Mismatch

UNRESOLVED = "Unable to resolve state from the Flowable task: "
"""Kestra's words before the reason why a flowable can't say what it has come to, or even begin."""


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
    if parent is not None and is_to_wait(parent) and _goes_to_wait(draft, parent):
        return
    tasks = draft.tally(parent_id, Branch.MEANWHILE if is_to_wait(parent) else Branch.TASKS)
    comes_to = _comes_to(parent)
    broken = comes_to is not None or tasks.has(State.FAILED, State.KILLED, State.CANCELLED)
    if not broken and _create_ready(draft, parent, ended):
        return
    failed = comes_to is State.FAILED or (tasks.has(State.FAILED) and not tasks.has(State.KILLED))
    if failed and parent is not None:
        interrupt(draft, parent)
    if failed and _next_of(draft, parent, Branch.ERRORS):
        return
    if any(draft.tally(parent_id, branch).running for branch in (Branch.TASKS, Branch.ERRORS, Branch.MEANWHILE)):
        return
    if _next_of(draft, parent, Branch.FINALLY) or draft.tally(parent_id, Branch.FINALLY).running:
        return
    close(draft, parent, comes_to or guess(tasks))


def _comes_to(parent: TaskRun | None) -> State | None:
    """What a flowable's wait has ended with, when that decides its state."""
    return State(str(parent.memo[COMES_TO])) if parent is not None and COMES_TO in parent.memo else None


def _goes_to_wait(draft: Draft, parent: TaskRun) -> bool:
    """Create the next task that comes before a wait, or begin to wait; False when one has failed."""
    tally = draft.tally(parent.id, Branch.MEANWHILE)
    failed = tally.has(State.FAILED, State.KILLED, State.CANCELLED)
    if failed and not draft.node(parent).task.allow_failure:
        return False
    if failed or not _next_of(draft, parent, Branch.MEANWHILE):
        wait_now(draft, parent)
    return True


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
        if not draft.execution.state.ended:
            end_flow(draft, state)
            advance(draft, None, None)
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
        refuse(draft, parent, f"{UNRESOLVED}{plain_error(error)}")
        return
    if isinstance(closing, Again):
        pause_before_turn(draft, parent, closing)
        return
    if closing.warning:
        draft.log(Level.WARN, closing.warning, parent)
    if closing.leaves:
        draft.leaving.append((parent, closing.state))
    else:
        end(draft, parent, closing.state)


def pause_before_turn(draft: Draft, run: TaskRun, again: Again) -> None:
    """Let a repeating flowable wait for its next turn."""
    run = draft.move(run, State.PAUSED)
    if draft.execution.state is State.RUNNING:
        draft.move_execution(State.PAUSED)
    draft.set_timer(TimerKind.TURN, again.pause, run)


def _stopping(draft: Draft, parent: TaskRun | None) -> bool:
    return draft.execution.state is State.KILLING or (parent is not None and parent.state is State.KILLING)


def _unfinished(draft: Draft, parent_id: str | None) -> int:
    return sum(draft.tally(parent_id, branch).running for branch in Branch if branch is not Branch.AFTER)


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
