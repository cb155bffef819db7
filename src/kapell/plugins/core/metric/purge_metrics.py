"""`io.kestra.plugin.core.metric.PurgeMetrics`."""

from __future__ import annotations

from kapell.ports.logs import Chosen
from kapell.sdk import Example, Output, RunContext, RunnableTask, TaskFailed
from kapell.sdk.purging import ByDates

BATCH = 1000


class PurgeMetricsOutput(Output, frozen=True, kw_only=True):
    """How many metrics were removed."""

    count: int


class PurgeMetrics(ByDates, RunnableTask[PurgeMetricsOutput]):
    """Remove metrics of executions for good, those of running ones and of purged ones, too."""

    aliases = ("io.kestra.core.tasks.metrics.PurgeMetrics",)
    examples = (
        Example(
            "What a namespace measured more than a month ago",
            "namespace: company.team\nendDate: \"{{ now() | dateAdd(-1, 'MONTHS') }}\"",
        ),
    )

    def run(self, ctx: RunContext) -> PurgeMetricsOutput:
        """Remove them, a batch at a time."""
        if self.flow_id and not self.namespace:
            raise TaskFailed("Property `namespace` is required when `flowId` is set.")
        chosen = Chosen(
            namespace=self.namespace or None, flow_id=self.flow_id or None, since=self.since(), until=self.until()
        )
        count = 0
        after: str | None = ""
        while after is not None and not ctx.cancelled:
            swept = ctx.logs.purge_metrics(chosen, after, BATCH)
            count, after = count + swept.count, swept.after
        ctx.log("INFO", f"purged {count} metrics")
        return PurgeMetricsOutput(count=count)
