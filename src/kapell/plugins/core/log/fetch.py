"""`io.kestra.plugin.core.log.Fetch`."""

from __future__ import annotations

import io
from typing import ClassVar

from kapell.model.codec import encode
from kapell.model.log import LogLine
from kapell.sdk import Example, Level, Output, RunContext, RunnableTask, Templated, prop
from kapell.sdk.logs import line_map

MOST_LINES = 1_000_000


class FetchOutput(Output, frozen=True, kw_only=True):
    """What was found."""

    size: int
    uri: str


class Fetch(RunnableTask[FetchOutput]):
    """Write the log of an execution to a file, a JSON object a line."""

    execution_id: Templated[str] | None = prop("The execution; this one if it is not said.", default=None)
    namespace: Templated[str] | None = prop("The namespace that its flow must be of.", default=None)
    flow_id: Templated[str] | None = prop("The flow that it must be of.", default=None)
    tasks_id: Templated[list[str]] | None = prop(
        "The tasks whose lines are wanted; all if none is named.", default=None
    )
    level: Templated[Level] = prop("The least severe lines that are wanted.", default=Level.INFO)

    aliases: ClassVar[tuple[str, ...]] = ("io.kestra.core.tasks.log.Fetch",)
    examples = (Example("What went wrong so far", "level: ERROR"),)

    def run(self, ctx: RunContext) -> FetchOutput:
        """Write it."""
        lines = ctx.logs.read(self.execution_id or ctx.execution_id, Level(self.level), MOST_LINES)
        wanted = [line for line in lines if self._wanted(line)]
        # JSON is Ion, too.
        content = b"".join(encode(line_map(line)) + b"\n" for line in wanted)
        address = ctx.files.put(f"{ctx.storage_prefix}/logs.ion", io.BytesIO(content))
        return FetchOutput(size=len(wanted), uri=address)

    def _wanted(self, line: LogLine) -> bool:
        """Whether a line is of the right tasks, flow and namespace."""
        return (
            (not self.tasks_id or line.task_id in self.tasks_id)
            and (self.flow_id is None or line.flow_id == self.flow_id)
            and (self.namespace is None or line.namespace == self.namespace)
        )
