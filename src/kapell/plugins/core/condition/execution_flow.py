"""`io.kestra.plugin.core.condition.ExecutionFlow`."""

from __future__ import annotations

from kapell.sdk import ConditionContext, ConditionType, Example, prop


class ExecutionFlow(ConditionType):
    """Holds for executions of one flow."""

    namespace: str = prop("The namespace of the flow.")
    flow_id: str = prop("The id of the flow.")

    aliases = (
        "io.kestra.core.models.conditions.types.ExecutionFlowCondition",
        "io.kestra.plugin.core.condition.ExecutionFlowCondition",
    )
    examples = (Example("After one flow", "namespace: company.team\nflowId: extract"),)

    def holds(self, ctx: ConditionContext) -> bool:
        """Compare both."""
        execution = ctx.of_execution()
        return execution["namespace"] == self.namespace and execution["flowId"] == self.flow_id
