"""A line of a log as a map of plain values, for files and expressions."""

from __future__ import annotations

from kapell.model.log import LogLine


def line_map(line: LogLine) -> dict[str, object]:
    """The line in the words of Kestra's logs; what it has not is left out."""
    shown = {
        "namespace": line.namespace,
        "flowId": line.flow_id,
        "taskId": line.task_id,
        "executionId": line.execution_id,
        "taskRunId": line.task_run_id,
        "attemptNumber": line.attempt,
        "timestamp": line.at.isoformat().replace("+00:00", "Z"),
        "level": str(line.level),
        "thread": line.thread,
        "message": line.message,
    }
    return {key: value for key, value in shown.items() if value is not None}
