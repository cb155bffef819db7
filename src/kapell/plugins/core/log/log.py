"""`io.kestra.plugin.core.log.Log`."""

from __future__ import annotations

from kapell.sdk import Example, Level, RunContext, RunnableTask, Templated, Void, prop


class Log(RunnableTask[Void]):
    """Write one or more messages to the execution's log."""

    message: Templated[str | list[str]] = prop("One message, or several, each a line of its own.")
    level: Templated[Level] = prop("Severity of every message.", default=Level.INFO)

    inline = True
    aliases = ("io.kestra.core.tasks.log.Log",)
    examples = (
        Example("Greet", 'message: "Hello {{ inputs.name }}"'),
        Example("Several lines", "message:\n  - one\n  - two\nlevel: WARN"),
    )

    def run(self, ctx: RunContext) -> Void:
        """Write the lines."""
        for message in [self.message] if isinstance(self.message, str) else self.message:
            ctx.log(self.level, message)
        return Void()
