"""`io.kestra.plugin.core.log.Log`."""

from __future__ import annotations

from kapell.sdk import (
    Example,
    Expression,
    Level,
    RunContext,
    RunnableTask,
    TaskFailed,
    Templated,
    Void,
    java_class,
    prop,
)


class Log(RunnableTask[Void]):
    """Write one or more messages to the execution's log."""

    message: Expression[str | list[str]] = prop("One message, or several, each a line of its own.")
    level: Templated[Level] = prop("Severity of every message.", default=Level.INFO)

    inline = True
    aliases = ("io.kestra.core.tasks.log.Log",)
    examples = (
        Example("Greet", 'message: "Hello {{ inputs.name }}"'),
        Example("Several lines", "message:\n  - one\n  - two\nlevel: WARN"),
    )

    def run(self, ctx: RunContext) -> Void:
        """Write the lines."""
        written = self.message.source
        if not isinstance(written, str | list | tuple):
            # Kestra: other than for texts elsewhere, numbers and maps are no messages.
            raise TaskFailed(f"Invalid message type 'class {java_class(written)}'")
        messages = ctx.render(self.message)
        for message in [messages] if isinstance(messages, str) else messages:
            ctx.log(self.level, message)
        return Void()
