"""`io.kestra.plugin.core.kv.Get`."""

from __future__ import annotations

from datetime import datetime

from kapell.plugins.core.kv._missing import missing
from kapell.ports.kv import KvEntry, KvType
from kapell.sdk import Example, Output, RunContext, RunnableTask, Templated, prop
from kapell.sdk.duration import parse_duration


class GetOutput(Output, frozen=True, kw_only=True):
    """What was found."""

    value: object = None


class Get(RunnableTask[GetOutput]):
    """Look up a key in a namespace, and where it is not there in those above."""

    key: Templated[str] = prop("The key.")
    namespace: Templated[str] = prop("The namespace to begin with.", default="{{ flow.namespace }}")
    error_on_missing: Templated[bool] = prop("Whether it fails the task when there is no such key.", default=False)

    examples = (Example("Fail when nobody has set it", "key: my_variable\nnamespace: company\nerrorOnMissing: true"),)

    def run(self, ctx: RunContext) -> GetOutput:
        """Look it up."""
        entry = ctx.kv.get(self.namespace, self.key)
        if entry is None and self.error_on_missing:
            raise missing(self.key, self.namespace)
        return GetOutput(value=None if entry is None else shown(entry))


def shown(entry: KvEntry) -> object:
    """A value as outputs have it: durations in seconds, instants with microseconds."""
    # Kestra: an output of these types prints otherwise than `kv()` does.
    if entry.type is KvType.DURATION:
        return parse_duration(str(entry.value)).total_seconds()
    if entry.type is KvType.DATETIME:
        return datetime.fromisoformat(str(entry.value)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return entry.value
