"""The sentence about a key that is not there."""

from __future__ import annotations

from kapell.sdk import TaskFailed


def missing(key: str, namespace: str) -> TaskFailed:
    """Why a task has failed that was told to."""
    return TaskFailed(f"No value found for key '{key}' in namespace '{namespace}' and `errorOnMissing` is set to true")
