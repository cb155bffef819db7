"""`io.kestra.plugin.kestra.executions.Delete`."""

from __future__ import annotations

from kapell.plugins.kestra._server import OnServer
from kapell.sdk import Example, RunContext, RunnableTask, TaskFailed, Templated, Void, prop
from kapell.sdk.doors import Parts


class Delete(OnServer, RunnableTask[Void]):
    """Delete an execution that has ended; those that it has started stay."""

    execution_id: Templated[str] = prop("The execution.", filled=True)
    delete_logs: Templated[bool] = prop("Whether its logs go, too.", default=True)
    delete_metrics: Templated[bool] = prop("Whether its metrics go, too.", default=True)
    delete_storage: Templated[bool] = prop("Whether its files in internal storage go, too.", default=True)

    examples = (Example("One that is named by an input", 'executionId: "{{ inputs.execution }}"'),)

    def run(self, ctx: RunContext) -> Void:
        """Delete it."""
        self.check_server(ctx)
        id = self.execution_id
        if not id.strip():
            raise TaskFailed("The execution ID is required.")
        if id == ctx.execution_id:
            raise TaskFailed(f"It's not allowed to delete the current execution {id}")
        found = ctx.executions.get(id)
        if found is None:
            raise TaskFailed(f"Execution {id} not found")
        if not found.state.ended:
            raise TaskFailed(f"Execution {id} is not in a terminate state ({found.state})")
        ctx.executions.delete(id, Parts(logs=self.delete_logs, metrics=self.delete_metrics, files=self.delete_storage))
        return Void()
