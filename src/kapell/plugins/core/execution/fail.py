"""`io.kestra.plugin.core.execution.Fail`."""

from __future__ import annotations

from kapell.sdk import Example, Expression, RunContext, RunnableTask, TaskFailed, Templated, Void, prop, truthy


class Fail(RunnableTask[Void]):
    """Fail, always or under a condition."""

    condition: Expression[str] | None = prop("Fail only when this is neither empty, `false` nor `0`.", default=None)
    error_message: Templated[str] = prop("What the log says.", default="Task failure")

    inline = True
    aliases = ("io.kestra.core.tasks.executions.Fail",)
    examples = (
        Example("Fail with a reason", 'errorMessage: "no rows for {{ inputs.day }}"'),
        Example("Fail when a list is empty", 'condition: "{{ outputs.list.files is empty }}"'),
    )

    def run(self, ctx: RunContext) -> Void:
        """Fail."""
        if self.condition is None:
            raise TaskFailed(self.error_message)
        if truthy(ctx.render(self.condition)):
            # Kestra: two lines, which `errorLogs()` has both.
            ctx.log("ERROR", self.error_message)
            raise TaskFailed("Fail on a condition", reason=self.error_message)
        return Void()
