"""`io.kestra.plugin.core.debug.Echo`."""

from __future__ import annotations

from kapell.sdk import Example, Level, RunContext, RunnableTask, Templated, Void, prop


class Echo(RunnableTask[Void]):
    """Write a message to the execution's log; the older form of Log."""

    format: Templated[str] = prop("The message.")
    level: Templated[Level] = prop("Its severity.", default=Level.INFO)

    inline = True
    deprecated = True
    aliases = ("io.kestra.core.tasks.debugs.Echo",)
    examples = (Example("Greet", 'format: "Hello {{ inputs.name }}"'),)

    def run(self, ctx: RunContext) -> Void:
        """Write it."""
        ctx.log(self.level, self.format)
        return Void()
