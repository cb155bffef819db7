"""`io.kestra.plugin.core.storage.FilterItems`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from kapell.errors import RenderError
from kapell.plugins.core.storage._file import draft, stored
from kapell.plugins.core.storage._item import ION, items
from kapell.sdk import Example, Output, RunContext, RunnableTask, Templated, prop, truthy
from kapell.sdk.rows import row_bytes


class FilterItemsOutput(Output, frozen=True, kw_only=True):
    """The new file, and how many rows there were."""

    uri: str
    processed_items_total: int
    dropped_items_total: int


class FilterItems(RunnableTask[FilterItemsOutput]):
    """Keep those rows of a file (Ion, or lines of JSON) for which an expression holds."""

    source: Templated[str] = prop("Address of the file.", key="from")
    filter_condition: str = prop(
        "Is rendered for each row, whose members are variables in it: nothing, `0` and `false` are false."
    )
    filter_type: Templated[Literal["INCLUDE", "EXCLUDE"]] = prop(
        "Whether to keep or to drop the rows for which it holds.", default="INCLUDE"
    )
    error_or_null_behavior: Templated[Literal["FAIL", "INCLUDE", "EXCLUDE"]] = prop(
        "What to do with a row for which it can't be evaluated: fail, keep it, or drop it.", default="FAIL"
    )

    aliases = ("io.kestra.core.tasks.storages.FilterItems",)
    examples = (
        Example("One product", 'from: "{{ outputs.orders.uri }}"\nfilterCondition: "{{ product_id == 20 }}"'),
        Example(
            "Without gaps",
            'from: "{{ outputs.orders.uri }}"\nfilterCondition: "{{ email is null }}"\nfilterType: EXCLUDE\n'
            "errorOrNullBehavior: EXCLUDE",
        ),
    )

    def run(self, ctx: RunContext) -> FilterItemsOutput:
        """Copy the rows to keep."""
        processed = dropped = 0
        with draft(ctx) as made:
            for item in items(ctx, self.source):
                processed += 1
                if self._keeps(ctx, item):
                    made.write(row_bytes(item))
                else:
                    dropped += 1
            uri = stored(ctx, made, ION)
        return FilterItemsOutput(uri=uri, processed_items_total=processed, dropped_items_total=dropped)

    def _keeps(self, ctx: RunContext, item: Mapping[str, object]) -> bool:
        try:
            holds = truthy(ctx.render_text(self.filter_condition, item))
        except RenderError:
            if self.error_or_null_behavior == "FAIL":
                raise
            return self.error_or_null_behavior == "INCLUDE"
        return holds is (self.filter_type == "INCLUDE")
