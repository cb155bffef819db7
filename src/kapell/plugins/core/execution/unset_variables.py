"""`io.kestra.plugin.core.execution.UnsetVariables`."""

from __future__ import annotations

from collections.abc import Mapping

from kapell.sdk import Example, ExecutionChange, RunContext, TaskFailed, Templated, UpdatingTask, prop


class UnsetVariables(UpdatingTask):
    """Remove variables of the execution."""

    variables: Templated[list[str]] = prop("The names.")
    ignore_missing: Templated[bool] = prop("Whether a variable that is not there is no failure.", default=False)

    examples = (Example("Forget two", "variables: [count, total]"),)

    def change(self, ctx: RunContext) -> ExecutionChange:
        """The variables that go."""
        known = ctx.variables.get("vars")
        for name in self.variables:
            if not self.ignore_missing and not (isinstance(known, Mapping) and name in known):
                raise TaskFailed(f"Variable '{name}' does not exist.")
        return ExecutionChange(dropped_variables=tuple(self.variables))
