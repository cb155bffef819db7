"""`io.kestra.plugin.core.execution.SetVariables`."""

from __future__ import annotations

from collections.abc import Mapping

from kapell.sdk import Example, ExecutionChange, RunContext, TaskFailed, Templated, UpdatingTask, prop


class SetVariables(UpdatingTask):
    """Set variables of the execution: `{{ vars.x }}` from here on."""

    variables: Templated[Mapping[str, object]] = prop("Values by name.")
    overwrite: Templated[bool] = prop("Whether a variable that is there already is replaced.", default=True)

    examples = (Example("A counter", 'variables:\n  count: "{{ vars.count + 1 }}"'),)

    def change(self, ctx: RunContext) -> ExecutionChange:
        """The variables."""
        known = ctx.variables.get("vars")
        for name in self.variables:
            if not self.overwrite and isinstance(known, Mapping) and name in known:
                raise TaskFailed(f"Variable '{name}' already exists and `overwrite` is set to `false`.")
        return ExecutionChange(variables=self.variables)
