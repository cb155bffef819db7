"""An execution as the triggers that listen to it see it: in a state that it has come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from kapell.engine import Tree
from kapell.engine.variables import nested
from kapell.model.execution import CORRELATION, Execution, StateChange
from kapell.model.state import State
from kapell.sdk.condition import ExecutionFacts


@dataclass(frozen=True, slots=True)
class Upstream:
    """What the conditions (`facts`), the expressions (`variables`) and the started execution (`trigger`) are told."""

    execution: Execution
    change: StateChange
    facts: ExecutionFacts
    trigger: Mapping[str, object]
    variables: Mapping[str, object]


def entered(before: Execution, after: Execution) -> list[tuple[int, StateChange]]:
    """The states that a step has led to, with their places in the history; an end that did not last is none."""
    first, last = len(before.history), len(after.history) - 1
    changes = [(n, after.history[n]) for n in range(first, last + 1)]
    return [(n, change) for n, change in changes if n == last or not change.state.ended]


def upstream(tree: Tree, change: StateChange) -> Upstream:
    """The execution of a tree in one of the states of its history."""
    one, state = tree.execution, change.state
    outputs = one.outputs if one.outputs and state.ended else {}
    labels = {key: value for key, value in one.labels.items() if key != CORRELATION}
    trigger: dict[str, object] = {
        "executionId": one.id,
        "namespace": one.namespace,
        "flowId": one.flow_id,
        "flowRevision": one.revision,
        "state": state.value,
        "executionLabels": nested(labels),
        "startDate": _text(one.created),
        **({"endDate": _text(change.at)} if state.ended or state is State.PAUSED else {}),
        **_tasks(tree),
        **({"outputs": outputs} if outputs else {}),
    }
    execution = {
        "id": one.id,
        "state": state.value,
        "startDate": one.created,
        "originalId": one.original_id or one.id,
        **({"outputs": outputs} if outputs else {}),
    }
    flow = {"id": one.flow_id, "namespace": one.namespace, "revision": one.revision, "tenantId": one.tenant}
    variables = {"flow": flow, "execution": execution, "labels": nested(one.labels), "trigger": trigger}
    return Upstream(one, change, _facts(tree, state, labels, outputs), trigger, variables)


def _facts(tree: Tree, state: State, labels: Mapping[str, str], outputs: Mapping[str, object]) -> ExecutionFacts:
    one = tree.execution
    return {
        "namespace": one.namespace,
        "flowId": one.flow_id,
        "state": state.value,
        "labels": labels,
        "outputs": outputs,
        "attempts": [[attempt.state.value for attempt in run.attempts] for run in tree.runs.values()],
    }


def _tasks(tree: Tree) -> dict[str, object]:
    """The first task that failed and the last one, in the order of creation."""
    runs = sorted(tree.runs.values(), key=lambda run: run.number)
    failed = next((run.task_id for run in runs if run.state is State.FAILED), None)
    last = runs[-1].task_id if runs else None
    return {key: id for key, id in (("firstFailedTaskId", failed), ("lastTaskId", last)) if id is not None}


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
