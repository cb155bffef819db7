"""`io.kestra.plugin.core.debug.Return`."""

from __future__ import annotations

from kapell.sdk import Example, Output, RunContext, RunnableTask, Templated, prop


class ReturnOutput(Output, frozen=True, kw_only=True):
    """What was rendered."""

    value: str | None = None


class Return(RunnableTask[ReturnOutput]):
    """Give back a text, to look at or to use further on."""

    format: Templated[str] | None = prop("The text; expressions in it are evaluated.", default=None)

    inline = True
    aliases = ("io.kestra.core.tasks.debugs.Return",)
    examples = (Example("Join two outputs", 'format: "{{ task.id }} > {{ taskrun.startDate }}"'),)

    def run(self, ctx: RunContext) -> ReturnOutput:
        """Give the text back, and log it at DEBUG."""
        if self.format:
            ctx.log("DEBUG", self.format)
        ctx.metric("length", len(self.format or ""))
        return ReturnOutput(value=self.format)
