"""`io.kestra.plugin.core.execution.Assert`."""

from __future__ import annotations

from kapell.sdk import Example, RunContext, RunnableTask, TaskFailed, Templated, Void, prop, truthy


class Assert(RunnableTask[Void]):
    """Fail unless all conditions hold."""

    conditions: list[str] = prop("Each is true unless it is empty, `false` or `0`.", filled=True)
    error_message: Templated[str] | None = prop("What the log says besides.", default=None)

    inline = True
    examples = (Example("Some rows", 'conditions:\n  - "{{ outputs.query.size > 0 }}"'),)

    def run(self, ctx: RunContext) -> Void:
        """Look at every condition, and tell of each that does not hold."""
        failed = 0
        for condition in self.conditions:
            if not truthy(ctx.render_text(condition)):
                failed += 1
                ctx.log("ERROR", f"Assertion `{condition}` failed!")
        ctx.metric("success", len(self.conditions) - failed)
        ctx.metric("failed", failed)
        if failed:
            message = f"{failed} assertion{'' if failed == 1 else 's'} failed!"
            raise TaskFailed(f"{message}\n{self.error_message}" if self.error_message else message)
        return Void()
