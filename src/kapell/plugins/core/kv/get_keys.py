"""`io.kestra.plugin.core.kv.GetKeys`."""

from __future__ import annotations

from collections.abc import Sequence

from kapell.sdk import Example, Output, RunContext, RunnableTask, Templated, prop


class GetKeysOutput(Output, frozen=True, kw_only=True):
    """What was found."""

    keys: Sequence[str]


class GetKeys(RunnableTask[GetKeysOutput]):
    """List the keys of a namespace, sorted."""

    prefix: Templated[str] | None = prop("How the keys begin; all of them if it is not said.", default=None)
    namespace: Templated[str] = prop("The namespace.", default="{{ flow.namespace }}")

    examples = (Example("All keys that begin with `orders_`", "prefix: orders_"),)

    def run(self, ctx: RunContext) -> GetKeysOutput:
        """List them."""
        return GetKeysOutput(keys=ctx.kv.keys(self.namespace, self.prefix or ""))
