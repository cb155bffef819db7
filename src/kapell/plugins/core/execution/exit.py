"""`io.kestra.plugin.core.execution.Exit`."""

from __future__ import annotations

from typing import Literal

from kapell.sdk import Example, ExecutionChange, RunContext, State, Templated, UpdatingTask, prop


class Exit(UpdatingTask):
    """End the execution here, in a state of your choice."""

    state: Templated[Literal["SUCCESS", "WARNING", "KILLED", "FAILED", "CANCELED", "CANCELLED"]] = prop(
        "The state that the execution ends in.", default="SUCCESS"
    )

    examples = (Example("Enough for today", "state: WARNING"),)

    def change(self, ctx: RunContext) -> ExecutionChange:
        """The end."""
        return ExecutionChange(exit_state=State("CANCELLED" if self.state == "CANCELED" else self.state))
