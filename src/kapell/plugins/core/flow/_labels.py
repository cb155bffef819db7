"""The labels that a task gives to executions which it starts."""

from __future__ import annotations

from collections.abc import Iterable

from kapell.sdk import Task, read_labels


def system_labels(task: Task) -> Iterable[tuple[str, str]]:
    """What is wrong with the labels as they are written: those of the system are not a flow's to give."""
    for key, value in read_labels(task.properties.get("labels")).items():
        if key.startswith("system."):
            yield "labels", f"System labels can only be set by Kestra itself, offending label: {key}={value}"
