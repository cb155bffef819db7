"""`io.kestra.plugin.core.kv.Put`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kapell.plugins.core.kv._missing import missing
from kapell.ports.kv import KvEntry
from kapell.sdk import Example, Expression, RunContext, RunnableTask, TaskFailed, Templated, Void, prop
from kapell.sdk.kv import merged, type_of


class Put(RunnableTask[Void]):
    """Change a value: a map is merged into the map that is there, anything else takes its place.

    A list of `{key, value}` changes single fields of a map, dots in a key leading into it; `[{value: …}]` replaces
    the whole. Two that change the same key at the same time may undo each other.
    """

    key: Templated[str] = prop("The key.")
    value: Expression[object] = prop("The value, or what is to be changed in it.")
    namespace: Templated[str] = prop("The namespace.", default="{{ flow.namespace }}")
    error_on_missing: Templated[bool] = prop("Whether it fails the task when there is no such key.", default=False)

    examples = (
        Example("Replace a text", "key: my-key\nvalue: new"),
        Example(
            "Change two fields of a map",
            "key: my-json\nvalue:\n  - key: owner.name\n    value: ann\n  - key: size\n    value: 3",
        ),
    )

    def run(self, ctx: RunContext) -> Void:
        """Merge and store."""
        given = ctx.render_value(self.value.source, True)
        old = ctx.kv.get(self.namespace, self.key)
        if old is not None and old.namespace != self.namespace:
            old = None
        if old is None and self.error_on_missing:
            raise missing(self.key, self.namespace)
        value = changed(None if old is None else old.value, given)
        if value is None:
            raise TaskFailed("value: must not be null")
        kind = old.type if old is not None and type_of(old.value) == type_of(value) else type_of(value)
        expires, description = (None, None) if old is None else (old.expires, old.description)
        ctx.kv.set(
            KvEntry(
                namespace=self.namespace, key=self.key, type=kind, value=value, expires=expires, description=description
            )
        )
        return Void()


def changed(old: object, given: object) -> object:
    """The value that `given` makes of `old`; raises `TaskFailed`."""
    if not _is_list_of_entries(given):
        return merged(old, given)
    entries: Sequence[Mapping[str, object]] = given  # type: ignore[assignment]  # it has just been looked at
    if len(entries) == 1 and entries[0].get("key") is None:
        return entries[0]["value"]
    updates: object = {}
    for entry in entries:
        updates = merged(updates, _nested(entry.get("key"), entry["value"]))
    if old is not None and not isinstance(old, Mapping):
        raise TaskFailed("Cannot apply keyed `value` updates to a non-JSON existing KV value.")
    return merged(old, updates)


def _is_list_of_entries(given: object) -> bool:
    if not isinstance(given, list) or not given:
        return False
    return all(isinstance(item, Mapping) and "value" in item and set(item) <= {"key", "value"} for item in given)


def _nested(key: object, value: object) -> object:
    if key is None:
        raise TaskFailed("`value` entries without `key` can only be used as a single replacement item.")
    if not isinstance(key, str) or not key.strip():
        raise TaskFailed("Each keyed `value` entry must have a non-empty string `key`.")
    for name in reversed(key.split(".")):
        value = {name: value}
    return value
