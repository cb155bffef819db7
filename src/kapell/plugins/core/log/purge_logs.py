"""`io.kestra.plugin.core.log.PurgeLogs`."""

from __future__ import annotations

from kapell.ports.logs import Chosen
from kapell.sdk import Example, Level, Output, RunContext, RunnableTask, Templated, prop
from kapell.sdk.purging import ByDates

MOST = 1000


class PurgeLogsOutput(Output, frozen=True, kw_only=True):
    """How many lines were removed."""

    count: int
    execution_logs_count: int
    non_execution_logs_count: int


class PurgeLogs(ByDates, RunnableTask[PurgeLogsOutput]):
    """Remove lines from the logs of executions for good, those of running ones and of purged ones, too."""

    execution_id: Templated[str] | None = prop("The execution whose lines are removed.", default=None)
    log_levels: Templated[list[Level]] | None = prop("The levels of the lines; all if none is said.", default=None)
    purge_execution_logs: Templated[bool] = prop("Whether lines of executions are removed.", default=True)
    purge_non_execution_logs: Templated[bool] = prop(
        "Whether lines that are of no execution are removed; there are none, so it changes nothing.", default=True
    )
    batch_size: Templated[int] | None = prop(
        "How many lines are removed in one transaction; up to 1000, which is the default.", default=None, least=1
    )

    aliases = ("io.kestra.core.tasks.log.PurgeLogs",)
    examples = (
        Example("What is older than a month", "endDate: \"{{ now() | dateAdd(-1, 'MONTHS') }}\""),
        Example(
            "All but errors",
            "endDate: \"{{ now() | dateAdd(-1, 'MONTHS') }}\"\nlogLevels:\n  - TRACE\n  - DEBUG\n  - INFO\n  - WARN",
        ),
    )

    def run(self, ctx: RunContext) -> PurgeLogsOutput:
        """Remove them, a batch at a time."""
        chosen = Chosen(
            namespace=self.namespace or None,
            flow_id=self.flow_id or None,
            execution_id=self.execution_id or None,
            levels=tuple(Level(level) for level in self.log_levels or ()),
            since=self.since(),
            until=self.until(),
        )
        limit = min(self.batch_size or MOST, MOST)
        count, after = 0, "" if self.purge_execution_logs else None
        while after is not None and not ctx.cancelled:
            swept = ctx.logs.purge_lines(chosen, after, limit)
            count, after = count + swept.count, swept.after
        ctx.log("INFO", f"purged {count} lines")
        return PurgeLogsOutput(count=count, execution_logs_count=count, non_execution_logs_count=0)
