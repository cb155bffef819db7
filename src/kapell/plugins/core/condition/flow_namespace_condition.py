"""`io.kestra.plugin.core.condition.FlowNamespaceCondition`."""

from __future__ import annotations

from kapell.sdk import ConditionContext, ConditionType, Example, IllegalCondition, prop


class FlowNamespaceCondition(ConditionType):
    """Holds within the flows of a namespace; it is of use where many flows share a trigger."""

    namespace: str = prop("The namespace, or its beginning.")
    prefix: bool = prop("Whether it is the beginning.", default=False)

    aliases = ("io.kestra.core.models.conditions.types.FlowNamespaceCondition",)
    examples = (Example("In a namespace and those below", "namespace: company\nprefix: true"),)

    def holds(self, ctx: ConditionContext) -> bool:
        """Compare texts. Kestra: a prefix need not end at a dot."""
        if ctx.flow is None:
            raise IllegalCondition("Invalid condition with null flow")
        namespace = ctx.flow["namespace"]
        return namespace.startswith(self.namespace) if self.prefix else namespace == self.namespace
