"""`io.kestra.plugin.core.condition.FlowCondition`."""

from __future__ import annotations

from kapell.sdk import ConditionContext, ConditionType, Example, IllegalCondition, prop


class FlowCondition(ConditionType):
    """Holds within one flow; it is of use where many flows share a trigger."""

    namespace: str = prop("The namespace of the flow.")
    flow_id: str = prop("The id of the flow.")

    aliases = ("io.kestra.core.models.conditions.types.FlowCondition",)
    examples = (Example("In one flow", "namespace: company.team\nflowId: extract"),)

    def holds(self, ctx: ConditionContext) -> bool:
        """Compare both."""
        if ctx.flow is None:
            raise IllegalCondition("Invalid condition with null flow")
        return ctx.flow["namespace"] == self.namespace and ctx.flow["id"] == self.flow_id
