"""`io.kestra.plugin.core.condition.ExecutionOutputs`."""

from __future__ import annotations

from kapell.sdk import ConditionContext, ConditionType, Example, Expression, prop, truthy


class ExecutionOutputs(ConditionType):
    """Holds where an expression on the outputs of the execution that it is about is true."""

    expression: Expression[str] = prop("An expression on `trigger.outputs`.", filled=True)

    aliases = (
        "io.kestra.core.models.conditions.types.ExecutionOutputsCondition",
        "io.kestra.plugin.core.condition.ExecutionOutputsCondition",
    )
    examples = (Example("Where something was found", 'expression: "{{ trigger.outputs.rows > 0 }}"'),)

    def holds(self, ctx: ConditionContext) -> bool:
        """Without any outputs it does not hold; nothing, blank text, `false` and `0` are not true."""
        has_outputs = bool(ctx.of_execution().get("outputs"))
        return has_outputs and truthy(self.expression.value(ctx.render))
