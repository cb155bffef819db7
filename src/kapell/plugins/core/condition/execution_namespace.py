"""`io.kestra.plugin.core.condition.ExecutionNamespace`."""

from __future__ import annotations

from typing import Literal

from kapell.sdk import ConditionContext, ConditionType, Example, prop


class ExecutionNamespace(ConditionType):
    """Holds for executions of flows in a namespace."""

    namespace: str = prop("The namespace, or a part of it.")
    comparison: Literal["EQUALS", "PREFIX", "SUFFIX"] | None = prop(
        "Whether it is the whole namespace, its beginning or its end; EQUALS unless `prefix` says otherwise.",
        default=None,
    )
    prefix: bool = prop("Whether `comparison` is PREFIX where it is not given.", default=False)

    aliases = (
        "io.kestra.core.models.conditions.types.ExecutionNamespaceCondition",
        "io.kestra.plugin.core.condition.ExecutionNamespaceCondition",
    )
    examples = (Example("All of a company", "namespace: company\ncomparison: PREFIX"),)

    def holds(self, ctx: ConditionContext) -> bool:
        """Compare texts. Kestra: a prefix need not end at a dot."""
        namespace = ctx.of_execution()["namespace"]
        match self.comparison or ("PREFIX" if self.prefix else "EQUALS"):
            case "PREFIX":
                return namespace.startswith(self.namespace)
            case "SUFFIX":
                return namespace.endswith(self.namespace)
        return namespace == self.namespace
