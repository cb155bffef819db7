"""`io.kestra.plugin.core.condition.ExecutionStatus`."""

from __future__ import annotations

from collections.abc import Sequence

from kapell.sdk import ConditionContext, ConditionType, Example, Expression, State, prop


class ExecutionStatus(ConditionType):
    """Holds for executions in certain states."""

    in_: Expression[Sequence[State]] | None = prop("The states; any where none is named.", default=None)
    not_in: Expression[Sequence[State]] | None = prop("States that are none of them.", default=None)

    aliases = (
        "io.kestra.core.models.conditions.types.ExecutionStatusCondition",
        "io.kestra.plugin.core.condition.ExecutionStatusCondition",
    )
    examples = (Example("After a failure", "in: [FAILED, WARNING]"),)

    def holds(self, ctx: ConditionContext) -> bool:
        """Compare with the state that the execution is in."""
        state = ctx.of_execution()["state"]
        wanted = self.in_ is None or state in self.in_.value(ctx.render)
        return wanted and (self.not_in is None or state not in self.not_in.value(ctx.render))
