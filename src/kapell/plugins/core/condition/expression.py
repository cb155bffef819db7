"""`io.kestra.plugin.core.condition.Expression`."""

from __future__ import annotations

from kapell.sdk import ConditionContext, ConditionType, Example, prop, truthy
from kapell.sdk import Expression as Dynamic


class Expression(ConditionType):
    """Holds where an expression is true."""

    expression: Dynamic[str] = prop("The expression.", filled=True)

    aliases = (
        "io.kestra.core.models.conditions.types.ExpressionCondition",
        "io.kestra.core.models.conditions.types.VariableCondition",
        "io.kestra.plugin.core.condition.VariableCondition",
        "io.kestra.plugin.core.condition.ExpressionCondition",
    )
    examples = (Example("For one customer", "expression: \"{{ trigger.body.customer == 'acme' }}\""),)

    def holds(self, ctx: ConditionContext) -> bool:
        """Nothing, blank text, `false` and `0` are not true."""
        return truthy(self.expression.value(ctx.render))
