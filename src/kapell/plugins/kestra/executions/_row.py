"""An execution as a row of a table, in the words of Kestra's API."""

from __future__ import annotations

from datetime import datetime

from kapell.model.execution import Execution


def execution_row(execution: Execution) -> dict[str, object]:
    """What it is, without its task runs; what it has not is left out."""
    shown: dict[str, object] = {
        "id": execution.id,
        "namespace": execution.namespace,
        "flowId": execution.flow_id,
        "flowRevision": execution.revision,
        "state": _state(execution),
        "labels": [{"key": key, "value": value} for key, value in execution.labels.items()],
        "inputs": dict(execution.inputs) or None,
        "outputs": execution.outputs or None,
        "variables": dict(execution.variables) or None,
        "parentId": execution.parent_id,
        "originalId": execution.original_id or execution.id,
        "scheduleDate": None if execution.schedule_date is None else _text(execution.schedule_date),
        "metadata": {"attemptNumber": execution.attempt_number, "originalCreatedDate": _text(execution.created)},
    }
    if execution.trigger is not None:
        trigger = execution.trigger
        shown["trigger"] = {"id": trigger.id, "type": trigger.type, "variables": trigger.variables}
    return {key: value for key, value in shown.items() if value is not None}


def _state(execution: Execution) -> dict[str, object]:
    history = [{"state": str(change.state), "date": _text(change.at)} for change in execution.history]
    state: dict[str, object] = {
        "current": str(execution.state),
        "histories": history,
        "startDate": _text(execution.created),
    }
    return state | {"endDate": history[-1]["date"]} if execution.state.ended else state


def _text(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
