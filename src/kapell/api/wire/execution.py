"""An execution with its task runs, as Kestra's API shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from kapell.api.wire.state import Json, date_json, state_json
from kapell.model.execution import Execution, Kind, LoopRun
from kapell.model.task_run import Attempt, Outputs, TaskRun


def execution_json(
    execution: Execution, runs: Sequence[TaskRun], outputs: Mapping[str, Outputs], now: datetime
) -> Json:
    """`runs` in the order of creation, `outputs` by task run id."""
    found: Json = {
        "id": execution.id,
        "tenantId": execution.tenant,
        "namespace": execution.namespace,
        "flowId": execution.flow_id,
        "flowRevision": execution.revision,
        "taskRunList": [task_run_json(execution, run, outputs.get(run.id), now) for run in runs],
        "inputs": execution.inputs,
        "outputs": execution.outputs,
        "labels": [{"key": key, "value": value} for key, value in execution.labels.items()],
        "variables": execution.variables,
        "state": state_json(execution.history, now),
        "originalId": execution.original_id or execution.id,
        "deleted": False,
        "metadata": {
            "attemptNumber": execution.attempt_number,
            "originalCreatedDate": date_json(execution.created),
        },
    }
    return found | _optional(execution)


def task_run_json(execution: Execution, run: TaskRun, outputs: Outputs | None, now: datetime) -> Json:
    """One task run."""
    found: Json = {
        "id": run.id,
        "executionId": run.execution_id,
        "namespace": execution.namespace,
        "flowId": execution.flow_id,
        "taskId": run.task_id,
        "state": state_json(run.history, now),
        "attempts": [_attempt_json(attempt, now) for attempt in run.attempts],
        "outputs": outputs or {},
    }
    loop = execution.loop_run.task_run_id if execution.loop_run else None
    optional = {"parentTaskRunId": run.parent_id or loop, "value": run.value, "iteration": run.iteration}
    return found | {key: value for key, value in optional.items() if value is not None}


def _attempt_json(attempt: Attempt, now: datetime) -> Json:
    found: Json = {"state": state_json(attempt.history, now)}
    optional = {"workerId": attempt.worker_id, "logFile": attempt.log_file}
    return found | {key: value for key, value in optional.items() if value is not None}


def _optional(execution: Execution) -> Json:
    found: Json = {}
    if execution.parent_id and not execution.parent_run_id and not execution.trigger:
        found["parentId"] = execution.parent_id
    if execution.trigger:
        trigger = execution.trigger
        found["trigger"] = {"id": trigger.id, "type": trigger.type, "variables": trigger.variables}
    if execution.schedule_date:
        found["scheduleDate"] = date_json(execution.schedule_date)
    if execution.kind is not Kind.NORMAL:
        found["kind"] = execution.kind.value
    if execution.loop_run:
        found["loopRun"] = _loop_json(execution.loop_run)
    return found


def _loop_json(loop: LoopRun) -> Json:
    found: Json = {
        "parent": {"id": loop.parent_id},
        "taskId": loop.task_id,
        "taskRunId": loop.task_run_id,
        "index": loop.index,
        "parents": [_loop_json(parent) for parent in loop.parents],
    }
    return found | {k: v for k, v in (("value", loop.value), ("key", loop.key)) if v is not None}
