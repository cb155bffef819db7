"""`io.kestra.plugin.core.state.Set`."""

from __future__ import annotations

from collections.abc import Mapping

from kapell.plugins.core.state._state import Stated
from kapell.ports.kv import KvEntry, KvType
from kapell.sdk import Example, Output, RunContext, RunnableTask, Templated, prop
from kapell.sdk.kv import merged


class SetOutput(Output, frozen=True, kw_only=True):
    """What is there now."""

    count: int
    key: str


class Set(Stated, RunnableTask[SetOutput]):
    """Merge values into a state that later executions will find. Deprecated: `kv.Set` does more."""

    data: Templated[Mapping[str, object]] | None = prop("The values, merged into those that are there.", default=None)

    deprecated = True
    aliases = ("io.kestra.core.tasks.states.Set",)
    examples = (Example("Remember where we are", 'data:\n  last: "{{ outputs.query.maximum }}"'),)

    def run(self, ctx: RunContext) -> SetOutput:
        """Merge and store."""
        state = merged(self.found(ctx) or {}, self.data or {})
        assert isinstance(state, Mapping)
        key = self.key(ctx)
        ctx.kv.set(KvEntry(namespace=ctx.namespace, key=key, type=KvType.JSON, value=state))
        return SetOutput(count=len(state), key=key)
