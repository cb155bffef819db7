"""`io.kestra.plugin.kestra.executions.Resume`."""

from __future__ import annotations

from collections.abc import Mapping

from kapell.plugins.kestra._server import OnServer
from kapell.sdk import Example, RunContext, RunnableTask, Templated, Void, prop


class Resume(OnServer, RunnableTask[Void]):
    """Let a paused execution go on."""

    execution_id: Templated[str] | None = prop("The execution; this one if it is not said.", default=None)
    inputs: Templated[Mapping[str, object]] | None = prop("What its Pause asks for.", default=None)

    examples = (
        Example("With an answer", 'executionId: "{{ trigger.executionId }}"\ninputs:\n  comment: Approved\n  ok: true'),
    )

    def run(self, ctx: RunContext) -> Void:
        """Resume it."""
        self.check_server(ctx)
        id = self.execution_id or ctx.execution_id
        ctx.log("INFO", f"Resuming execution {id}")
        ctx.executions.resume(id, self.inputs or {})
        return Void()
