"""What the state tasks share: which key of the namespace's key-value store is meant, and what lies there."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from kapell.model.address import slug
from kapell.sdk import RunContext, Templated, prop
from kapell.sdk.prop import Properties

STATE = "tasks-states"


class Stated(Properties):
    """Works on one state."""

    name: Templated[str] = prop("The state's name.", default="default")
    namespace: Templated[bool] = prop(
        "Whether all flows of the namespace share it; if false, it is the flow's.", default=False
    )
    taskrun_value: Templated[bool] = prop("Whether each value of an iteration has a state of its own.", default=True)

    def key(self, ctx: RunContext) -> str:
        """Where it lies in the key-value store."""
        # Kestra: the state store's own names, so that they can be found there.
        parts = [] if self.namespace else [slug(ctx.flow_id)]
        parts += ["states", STATE, self.name]
        task_run = ctx.variables.get("taskrun")
        value = task_run.get("value") if isinstance(task_run, Mapping) and self.taskrun_value else None
        if value is not None:
            parts.append(hashlib.blake2b(str(value).encode(), digest_size=8).hexdigest())
        return "_".join(parts)

    def found(self, ctx: RunContext) -> Mapping[str, object] | None:
        """The state as it is; None where there is none."""
        entry = ctx.kv.get(ctx.namespace, self.key(ctx))
        own = entry is not None and entry.namespace == ctx.namespace
        return entry.value if own and entry is not None and isinstance(entry.value, Mapping) else None
