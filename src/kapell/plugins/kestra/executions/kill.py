"""`io.kestra.plugin.kestra.executions.Kill`."""

from __future__ import annotations

from kapell.plugins.kestra._server import OnServer
from kapell.sdk import Example, RunContext, RunnableTask, Templated, Void, prop


class Kill(OnServer, RunnableTask[Void]):
    """End an execution now; its running tasks are stopped."""

    execution_id: Templated[str] = prop("The execution; `{{ execution.id }}` is the task's own.", filled=True)
    propagate_kill: Templated[bool] = prop("Whether the executions that it has started are ended, too.", default=True)

    examples = (Example("One that is named by an input", 'executionId: "{{ inputs.execution }}"'),)

    def run(self, ctx: RunContext) -> Void:
        """Kill it."""
        self.check_server(ctx)
        ctx.log("INFO", f"Killing execution {self.execution_id}")
        ctx.executions.kill(self.execution_id, self.propagate_kill)
        return Void()
