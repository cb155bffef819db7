"""`io.kestra.plugin.core.condition.ExecutionLabels`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kapell.sdk import ConditionContext, ConditionType, Example, prop, read_labels


class ExecutionLabels(ConditionType):
    """Holds for executions that have all of these labels."""

    labels: Mapping[str, object] | Sequence[object] = prop(
        "Labels by key, or a list of `key` and `value`.", filled=True
    )

    aliases = (
        "io.kestra.core.models.conditions.types.ExecutionLabelsCondition",
        "io.kestra.plugin.core.condition.ExecutionLabelsCondition",
    )
    examples = (Example("Of one owner", "labels:\n  owner: john.doe"),)

    def holds(self, ctx: ConditionContext) -> bool:
        """Compare keys and values."""
        return read_labels(self.labels).items() <= ctx.of_execution().get("labels", {}).items()
