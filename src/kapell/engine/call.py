"""Executions started by a task of another one: made, watched, and what their end means to the task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import blake2b
from typing import cast

from msgspec.structs import replace

from kapell.engine.advance import end
from kapell.engine.create import new_execution, resolve_inputs
from kapell.engine.draft import Draft
from kapell.engine.finish import running
from kapell.engine.inputs import Invalid, convert_value
from kapell.engine.order import OrderFor
from kapell.engine.outcome import softened
from kapell.engine.retry import retry_later
from kapell.errors import InputError
from kapell.ids import new_id
from kapell.model.execution import Execution, ExecutionTrigger, StateChange
from kapell.model.flow import Flow
from kapell.model.log import Level
from kapell.model.messages import ChildEnded, ExecutionCreated, NewExecution, RestartAsked
from kapell.model.read import Read
from kapell.model.state import State
from kapell.model.task_run import Attempt, TaskRun
from kapell.sdk.condition import read_labels
from kapell.sdk.registry import find_task
from kapell.sdk.task import Call, CallingTask, TaskFailed

CHILD = "child"
DEEPEST = 50
"""How deep executions may call one another."""


def call(draft: Draft, run: TaskRun) -> None:
    """Start what a task calls, or restart what it started and what has failed."""
    task = draft.node(run).task
    found = find_task(task.type)
    bound = found.bind(task.properties, OrderFor(draft, run).value)
    assert isinstance(bound, CallingTask)
    wanted = bound.call()
    if run.state is State.RESTARTED and wanted.retry_failed and (child := own_child(run)) is not None:
        run = draft.move(run, State.RUNNING)
        event_id = f"{run.id}-{len(run.history)}-restart"
        draft.send(RestartAsked(id=event_id, execution_id=child, at=draft.now, by_parent=True))
        draft.log(Level.INFO, f"Restarted execution {link(child, wanted.flow_id, wanted.namespace)}", run)
        return
    _start(draft, run, wanted)


def _start(draft: Draft, run: TaskRun, wanted: Call) -> None:
    flow = target(draft, wanted)
    attempt = Attempt((StateChange(State.CREATED, draft.now),))
    run = draft.put(replace(run, attempts=(*run.attempts, attempt)))
    child = child_id(run, draft.now, "call", run.attempt)
    draft.start(called(draft, run, wanted, flow, child, {}))
    memo = {**run.memo, CHILD: child, "of": run.id, "called": [wanted.flow_id, wanted.namespace]}
    run = running(draft, draft.put(replace(run, memo=memo)), draft.now, None)
    if not wanted.wait:
        run = draft.make_outputs(run, {"executionId": child, "state": State.CREATED.value})
        end(draft, run, State.SUCCESS)


def called(
    draft: Draft,
    run: TaskRun,
    wanted: Call,
    flow: Flow,
    child: str,
    more: Mapping[str, object],
    batch: int | None = None,
) -> NewExecution:
    """The execution that is wanted of a flow, with `more` variables of its trigger; raises `TaskFailed`."""
    handed_on = {key: value for key, value in inherited(draft.execution, wanted).items() if key not in flow.labels}
    labels = {**flow.labels, **handed_on, **read_labels(wanted.labels)}
    trigger = ExecutionTrigger(
        id=run.task_id,
        type=draft.node(run).task.type,
        variables={
            "executionId": draft.execution.id,
            "namespace": draft.execution.namespace,
            "flowId": draft.execution.flow_id,
            "flowRevision": draft.execution.revision,
            "taskId": run.task_id,
            "taskRunId": run.id,
            **({"taskRunValue": run.value} if run.value is not None else {}),
            **({"taskRunIteration": run.iteration} if run.iteration is not None else {}),
            **more,
        },
    )
    resolved = resolve_inputs(
        flow, id=child, now=draft.now, render=draft.renderer, inputs=wanted.inputs, labels=labels, trigger=trigger
    )
    try:
        new = new_execution(flow, resolved, id=child, now=draft.now, labels=labels, trigger=trigger)
    except InputError as error:
        raise TaskFailed(str(error)) from None
    started = replace(
        new.execution,
        root_id=draft.execution.root_id,
        parent_id=draft.execution.id,
        parent_run_id=run.id if wanted.wait else None,
        depth=draft.execution.depth + 1,
        asked_outputs=wanted.outputs,
        batch=batch,
        schedule_date=(date := _date(wanted)),
    )
    event = ExecutionCreated(
        id=new.event.id, execution_id=child, at=draft.now, unknown_inputs=resolved.unknown, begin_at=date
    )
    return NewExecution(execution=started, event=event)


def _date(wanted: Call) -> datetime | None:
    """When the execution shall begin; raises `TaskFailed` for what is no date and time."""
    if wanted.schedule_date is None:
        return None
    try:
        return datetime.fromisoformat(str(convert_value("DATETIME", wanted.schedule_date, {})))
    except Invalid as invalid:
        raise TaskFailed(f"scheduleDate: {invalid}") from None


def target(draft: Draft, wanted: Call) -> Flow:
    """The flow that is called; raises `TaskFailed` where there is none that may run."""
    if draft.execution.depth >= DEEPEST:
        raise TaskFailed(f"Executions call one another more than {DEEPEST} levels deep; does a flow call itself?")
    options = (("revision", str(wanted.revision)),) if wanted.revision is not None else ()
    found = draft.read(Read(kind="flow", name=wanted.flow_id, scope=wanted.namespace, options=options))
    if not isinstance(found, Flow):
        revision = wanted.revision or 0
        raise TaskFailed(f"Unable to find flow '{wanted.namespace}'.'{wanted.flow_id}' with revision '{revision}'")
    if found.disabled:
        raise TaskFailed("Cannot execute a flow which is disabled")
    return found


def inherited(execution: Execution, wanted: Call) -> dict[str, str]:
    """System labels are always handed on, the others when the call says so; those of the called flow win over both."""
    return {key: value for key, value in execution.labels.items() if key.startswith("system.") or wanted.inherit_labels}


def call_ended(draft: Draft, run: TaskRun, event: ChildEnded) -> bool:
    """What a called execution has come to is what its task has come to, unless the task says otherwise."""
    if run.state.ended or run.memo.get(CHILD) not in (event.child_id, event.original_id):
        return False
    if event.problem is None:
        outputs: Mapping[str, object] = {"executionId": event.child_id, "state": event.state.value}
        run = draft.make_outputs(run, {**outputs, **({"outputs": event.outputs} if event.outputs else {})})
    state = State.SUCCESS if event.state is State.CANCELLED else event.state
    transmit = bool(draft.node(run).task.properties.get("transmit_failed", True))
    if run.state is State.KILLING:
        end(draft, run, State.KILLED if state is State.FAILED else state)
        return True
    if not transmit:
        state = State.SUCCESS
    if state is State.FAILED:
        message = f"Subflow execution {link(event.child_id, *_called(run))} ends in FAILED state"
        if event.problem is not None:
            message = f"Failed to extract outputs with the error: '{event.problem}'"
        draft.log(Level.ERROR, message, run)
        if not retry_later(draft, run):
            _end(draft, run, event.state, state, error=message)
        return True
    _end(draft, run, event.state, state)
    return True


def _end(draft: Draft, run: TaskRun, child: State, state: State, *, error: str | None = None) -> None:
    """End the task's run. Kestra: what the execution has come to shows in its history, also where that is softened."""
    task = draft.node(run).task
    if child is not softened(state, task.allow_failure, task.allow_warning):
        run = draft.move(run, child)
    end(draft, run, state, error=error)


def own_child(run: TaskRun) -> str | None:
    """The execution that a run has started itself; one that it took over in a replay is another's."""
    child = run.memo.get(CHILD)
    return child if isinstance(child, str) and run.memo.get("of", run.id) == run.id else None


def _called(run: TaskRun) -> tuple[str, str]:
    """The id and the namespace of the flow that a run has called."""
    flow_id, namespace = cast(Sequence[str], run.memo.get("called", ("", "")))
    return flow_id, namespace


def link(execution_id: str, flow_id: str, namespace: str) -> str:
    """How Kestra points at an execution in a log line."""
    return f'[[link execution="{execution_id}" flowId="{flow_id}" namespace="{namespace}"]]'


def child_id(run: TaskRun, at: datetime, *parts: object) -> str:
    """The id of an execution that a task run starts: the same step gives the same one."""
    text = "\x1f".join(map(str, (run.id, *parts)))
    return new_id(at, lambda size: blake2b(text.encode(), digest_size=size).digest())
