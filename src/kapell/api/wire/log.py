"""A log line, as Kestra's API shows it."""

from __future__ import annotations

from kapell.api.wire.state import Json, date_json
from kapell.model.log import LogLine


def log_json(line: LogLine) -> Json:
    """One line; the attempt counts from 0."""
    found: Json = {
        "namespace": line.namespace,
        "flowId": line.flow_id,
        "executionId": line.execution_id,
        "timestamp": date_json(line.at),
        "level": line.level.value,
        "thread": line.thread,
        "message": line.message,
        "attemptNumber": line.attempt,
    }
    optional = {"taskId": line.task_id, "taskRunId": line.task_run_id}
    return found | {key: value for key, value in optional.items() if value is not None}
