"""`io.kestra.plugin.core.state.Get`."""

from __future__ import annotations

from collections.abc import Mapping

from kapell.plugins.core.state._state import Stated
from kapell.sdk import Example, Output, RunContext, RunnableTask, TaskFailed, Templated, prop


class GetOutput(Output, frozen=True, kw_only=True):
    """What was found."""

    count: int
    data: Mapping[str, object]


class Get(Stated, RunnableTask[GetOutput]):
    """Give back a state. Deprecated: `kv.Get` does more."""

    error_on_missing: Templated[bool] = prop("Whether it fails the task when there is no such state.", default=False)

    deprecated = True
    aliases = ("io.kestra.core.tasks.states.Get",)
    examples = (Example("A state of the whole namespace", "name: cursor\nnamespace: true"),)

    def run(self, ctx: RunContext) -> GetOutput:
        """Look it up."""
        data = self.found(ctx)
        if data is None and self.error_on_missing:
            raise TaskFailed(f"State {self.key(ctx)} not found")
        return GetOutput(count=len(data or {}), data=data or {})
