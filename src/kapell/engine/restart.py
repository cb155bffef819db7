"""Doing it again: a failed execution is reopened, or a person says what state something is in."""

from __future__ import annotations

from msgspec.structs import replace

from kapell.engine.advance import advance, sweep
from kapell.engine.create import refuse_system_labels
from kapell.engine.draft import Draft
from kapell.engine.ending import tell_parent
from kapell.errors import Refused
from kapell.model.messages import ExecutionReplayed, LabelsAsked, RestartAsked, StateAsked
from kapell.model.state import State
from kapell.model.task_run import Branch, TaskRun

RESTARTED_LABEL = "system.restarted"


def restart(draft: Draft, event: RestartAsked) -> bool:
    """Do again what has failed; what has succeeded stays."""
    state = draft.execution.state
    failed = [run for run in draft.below(None) if _is_root_of_failure(draft, run)]
    nothing_to_do = state is not State.FAILED or (draft.tree.runs and not failed)
    if event.by_parent and state.ended and nothing_to_do:
        # What can't be restarted stays as it is; the task that waits for it hears so.
        tell_parent(draft, draft.execution.outputs, asked=event.id)
        return True
    if state not in (State.FAILED, State.PAUSED):
        raise Refused(
            f"Execution must be terminated or paused and not killed to be restarted, current state is '{state.value}' !"
        )
    if draft.tree.runs and not failed:
        raise Refused("No task found to restart execution from!")
    reopen(draft)
    for run in failed:
        again(draft, run)
    if not draft.tree.runs:
        advance(draft, None, None)
    return True


def again(draft: Draft, run: TaskRun) -> None:
    """Let one run begin anew, below flowables that are open again."""
    open_parents(draft, run)
    if _begins_anew(draft, run):
        for child in draft.children(run.id):
            draft.remove(child)
    draft.todo.append(draft.move(run, State.RESTARTED))


def reopen(draft: Draft) -> None:
    """RESTARTED and RUNNING; what ran because of the failure, or behind everything, is removed."""
    execution = draft.execution
    draft.execution = replace(
        execution,
        attempt_number=execution.attempt_number + 1,
        labels={**execution.labels, RESTARTED_LABEL: "true"},
        outputs=None,
        held=False,
    )
    draft.move_execution(State.RESTARTED)
    draft.move_execution(State.RUNNING)
    for run in list(draft.below(None)):
        if run.branch is not Branch.TASKS and draft.run(run.id) is not None:
            draft.remove(run)


def open_parents(draft: Draft, run: TaskRun) -> None:
    """Let the flowables above a run be RUNNING again."""
    parent = draft.parent(run)
    while parent is not None:
        if parent.state.ended:
            flowable = draft.node(parent).flowable
            if flowable is not None and flowable.repeats:
                parent = draft.move(parent, State.RESTARTED)
            draft.move(replace(parent, error=None), State.RUNNING)
        parent = draft.parent(parent)


def change_state(draft: Draft, event: StateAsked) -> bool:
    """A person corrects a state: of the execution alone, or of a task run, behind which the flow goes on."""
    if event.task_run_id is None:
        return _change_execution(draft, event.state)
    state = draft.execution.state
    if not event.state.ended:
        raise Refused("You can only change the state of a task run to a terminal state.")
    if not state.ended or state is State.KILLED:
        raise Refused("You can only change the state of a task run for a terminated non killed execution.")
    run = draft.run(event.task_run_id)
    if run is None:
        raise Refused(f"Execution '{draft.execution.id}' has no task run '{event.task_run_id}'")
    reopen(draft)
    if draft.run(run.id) is None:
        raise Refused(f"Task run '{run.id}' is of an error handler, its state can't be changed")
    open_parents(draft, run)
    changed = draft.move(run, event.state)
    advance(draft, draft.parent(changed), changed)
    return True


def change_labels(draft: Draft, event: LabelsAsked) -> bool:
    """Labels for what has ended; they are merged into those it has."""
    refuse_system_labels(event.labels)
    if not draft.execution.state.ended:
        raise Refused("The execution is not terminated")
    draft.execution = replace(draft.execution, labels={**draft.execution.labels, **event.labels})
    return True


def begin_replay(draft: Draft, event: ExecutionReplayed) -> bool:
    """Take over the runs of another execution, and go on behind them."""
    if draft.execution.state is not State.RESTARTED:
        return False
    draft.move_execution(State.RUNNING)
    for run in event.runs:
        draft.put(run)
        draft.give_outputs(run, event.outputs.get(run.id))
        if run.state in (State.RESTARTED, State.CREATED):
            draft.todo.append(run)
    sweep(draft)
    return True


def _change_execution(draft: Draft, state: State) -> bool:
    if not draft.execution.state.ended:
        raise Refused("You can only change the status of a terminated execution.")
    if not state.ended:
        raise Refused("You can only change the status of an execution to a terminal state.")
    draft.move_execution(state)
    return True


def _is_root_of_failure(draft: Draft, run: TaskRun) -> bool:
    """Whether it has failed of itself, and all that it stands in has failed with it; error handlers don't count."""
    if run.branch is not Branch.TASKS or run.state is not State.FAILED or not _all_failed_above(draft, run):
        return False
    inside = [child for child in draft.children(run.id) if child.branch is Branch.TASKS]
    return _begins_anew(draft, run) or not any(child.state is State.FAILED for child in inside)


def _begins_anew(draft: Draft, run: TaskRun) -> bool:
    """Whether it is a flowable that does not go on with its children, but makes them anew."""
    flowable = draft.node(run).flowable
    return flowable is not None and flowable.restarts_whole


def _all_failed_above(draft: Draft, run: TaskRun) -> bool:
    parent = draft.parent(run)
    while parent is not None:
        if parent.branch is not Branch.TASKS or parent.state is not State.FAILED or _begins_anew(draft, parent):
            return False
        parent = draft.parent(parent)
    return True
