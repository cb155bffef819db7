"""`io.kestra.plugin.core.output.OutputValues`."""

from __future__ import annotations

from collections.abc import Mapping

from kapell.sdk import Example, Output, RunContext, RunnableTask, Templated, prop


class OutputValuesOutput(Output, frozen=True, kw_only=True):
    """The values."""

    values: Mapping[str, object] | None = None


class OutputValues(RunnableTask[OutputValuesOutput]):
    """Give back several values under names of your choice."""

    values: Templated[Mapping[str, object]] | None = prop("Values by name.", default=None)

    inline = True
    examples = (Example("Two values", 'values:\n  greeting: "Hello {{ inputs.name }}"\n  count: 2'),)

    def run(self, ctx: RunContext) -> OutputValuesOutput:
        """Give the values back."""
        return OutputValuesOutput(values=self.values)
