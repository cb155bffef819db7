"""`io.kestra.plugin.core.kv.Set`."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from kapell.ports.kv import KvEntry, KvType
from kapell.sdk import Example, Expression, RunContext, RunnableTask, TaskFailed, Templated, Void, prop
from kapell.sdk.kv import plain_text, type_of, typed_value


class Set(RunnableTask[Void]):
    """Store a value under a key, as its next revision."""

    key: Templated[str] = prop("The key: letters, digits, `.`, `_`, `-`, a letter or digit first.")
    value: Expression[object] = prop("The value; a lone expression keeps the type of what it gives.")
    namespace: Templated[str] = prop("The namespace that holds the key.", default="{{ flow.namespace }}")
    overwrite: Templated[bool] = prop("Whether to replace what is there; if false, that fails the task.", default=True)
    ttl: Templated[timedelta] | None = prop("How long the value is valid; for ever if it is not said.", default=None)
    kv_type: Templated[Literal["STRING", "NUMBER", "BOOLEAN", "DATETIME", "DATE", "DURATION", "JSON"]] | None = prop(
        "What the value is to be read as; by default it is stored as what it is.", default=None
    )
    kv_description: Templated[str] | None = prop("What the value is for.", default=None)

    examples = (
        Example("Remember a file", 'key: orders_file\nvalue: "{{ outputs.download.uri }}"\nkvType: STRING'),
        Example("A number that is good for a day", 'key: rate\nvalue: "1.07"\nkvType: NUMBER\nttl: P1D'),
    )

    def run(self, ctx: RunContext) -> Void:
        """Store it."""
        value = self._value(ctx)
        kind = KvType(self.kv_type) if self.kv_type else type_of(value)
        entry = KvEntry(
            namespace=self.namespace,
            key=self.key,
            type=kind,
            value=typed_value(value, kind),
            expires=ctx.now + self.ttl if self.ttl is not None else None,
            description=self.kv_description,
        )
        ctx.kv.set(entry, overwrite=self.overwrite)
        return Void()

    def _value(self, ctx: RunContext) -> object:
        source = self.value.source
        # Kestra: what is written as a number, list or map is text, too, unless `kvType` says otherwise.
        value = (
            ctx.render_value(source, True) if isinstance(source, str) else plain_text(ctx.render_value(source, False))
        )
        if value is None:
            raise TaskFailed("value: must not be null")
        return value
