"""`io.kestra.plugin.core.storage.DeduplicateItems`."""

from __future__ import annotations

from kapell.plugins.core.storage._file import draft, stored
from kapell.plugins.core.storage._item import ION, items
from kapell.sdk import Example, Output, RunContext, RunnableTask, Templated, prop
from kapell.sdk.rows import row_bytes


class DeduplicateItemsOutput(Output, frozen=True, kw_only=True):
    """The new file, and how many rows there were."""

    uri: str
    num_keys: int
    processed_items_total: int
    dropped_items_total: int


class DeduplicateItems(RunnableTask[DeduplicateItemsOutput]):
    """Keep the last row of each key in a file (Ion, or lines of JSON).

    The file is read twice; only its keys are held in memory.
    """

    source: Templated[str] = prop("Address of the file.", key="from")
    expr: str = prop("Is rendered for each row, whose members are variables in it: the key.")

    aliases = ("io.kestra.core.tasks.storages.DeduplicateItems",)
    examples = (Example("One row for an address", 'from: "{{ outputs.customers.uri }}"\nexpr: "{{ email }}"'),)

    def run(self, ctx: RunContext) -> DeduplicateItemsOutput:
        """Find the last place of each key, then copy the rows that stand there."""
        last: dict[str, int] = {}
        processed = 0
        for place, item in enumerate(items(ctx, self.source)):
            last[ctx.render_text(self.expr, item)] = place
            processed += 1
        kept = set(last.values())
        with draft(ctx) as made:
            for place, item in enumerate(items(ctx, self.source)):
                if place in kept:
                    made.write(row_bytes(item))
            uri = stored(ctx, made, ION)
        return DeduplicateItemsOutput(
            uri=uri,
            num_keys=len(last),
            processed_items_total=processed,
            dropped_items_total=processed - len(kept),
        )
