"""`io.kestra.plugin.core.execution.Labels`."""

from __future__ import annotations

import json
from collections.abc import Mapping

from kapell.sdk import Example, ExecutionChange, Expression, RunContext, TaskFailed, UpdatingTask, prop


class Labels(UpdatingTask):
    """Add labels to the execution; those of the same key are replaced."""

    labels: Expression[object] = prop("A map, a list of key and value, or text that is such JSON.")

    aliases = ("io.kestra.core.tasks.executions.Labels",)
    examples = (Example("A status", 'labels:\n  status: "{{ outputs.check.value }}"'),)

    def change(self, ctx: RunContext) -> ExecutionChange:
        """The labels, as texts."""
        labels = _pairs(ctx.render(self.labels))
        for key, value in labels.items():
            if key.startswith("system."):
                raise TaskFailed(f"System labels can only be set by Kestra itself, offending label: {key}={value}")
        return ExecutionChange(labels=labels)


def _pairs(given: object) -> dict[str, str]:
    if isinstance(given, str):
        try:
            given = json.loads(given)
        except ValueError:
            raise TaskFailed(f"`{given}` is not the JSON of labels") from None
    if isinstance(given, Mapping):
        return {str(key): _text(value) for key, value in given.items()}
    if isinstance(given, list) and all(isinstance(item, Mapping) and "key" in item for item in given):
        return {str(item["key"]): _text(item.get("value")) for item in given}
    raise TaskFailed(f"`{given}` is neither a map nor a list of key and value")


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)
