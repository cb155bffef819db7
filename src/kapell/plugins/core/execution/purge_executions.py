"""`io.kestra.plugin.core.execution.PurgeExecutions`."""

from __future__ import annotations

from msgspec.structs import replace

from kapell.ports.executions import Search
from kapell.sdk import Example, Output, RunContext, RunnableTask, State, Templated, prop
from kapell.sdk.doors import Parts
from kapell.sdk.purging import ByDates

MOST = 1000
NOTHING = {"executions": 0, "logs": 0, "metrics": 0, "files": 0}


class PurgeExecutionsOutput(Output, frozen=True, kw_only=True):
    """How much was removed."""

    executions_count: int
    logs_count: int
    storages_count: int
    metrics_count: int


class PurgeExecutions(ByDates, RunnableTask[PurgeExecutionsOutput]):
    """Remove executions that have ended, or only their logs, metrics or files, for good.

    By `startDate` an execution was created, by `endDate` it had ended. One stays as long as tasks of it run
    (`afterExecution`), or the execution that called it, or one that it has started or that repeats it. Those of its
    Loops go along.
    """

    states: Templated[list[State]] | None = prop(
        "Only executions in these states. One that has not ended is never removed.", default=None
    )
    purge_execution: Templated[bool] = prop("Whether the executions themselves go.", default=True)
    purge_log: Templated[bool] = prop("Whether their logs go; PurgeLogs can remove what stays.", default=True)
    purge_metric: Templated[bool] = prop("Whether their metrics go; PurgeMetrics can remove what stays.", default=True)
    purge_storage: Templated[bool] = prop(
        "Whether their files in internal storage go; nothing finds them any more when their execution has gone.",
        default=True,
    )
    batch_size: Templated[int] = prop(
        "How many executions are removed in one transaction; up to 1000.", default=100, least=1
    )

    aliases = (
        "io.kestra.core.tasks.executions.PurgeExecutions",
        "io.kestra.core.tasks.storages.Purge",
        "io.kestra.plugin.core.storage.Purge",
    )
    examples = (
        Example("What ended more than a month ago", "endDate: \"{{ now() | dateAdd(-1, 'MONTHS') }}\""),
        Example(
            "Files of a flow's successful executions",
            "namespace: company.team\nflowId: daily\nendDate: \"{{ now() | dateAdd(-7, 'DAYS') }}\"\nstates:\n"
            "  - SUCCESS\npurgeExecution: false\npurgeLog: false\npurgeMetric: false",
        ),
    )

    def run(self, ctx: RunContext) -> PurgeExecutionsOutput:
        """Remove them, a batch at a time."""
        total, search = dict(NOTHING), self._search(ctx)
        parts = Parts(
            executions=self.purge_execution, logs=self.purge_log, metrics=self.purge_metric, files=self.purge_storage
        )
        while search is not None and not ctx.cancelled:
            gone = ctx.executions.purge(search, parts)
            total = {name: count + getattr(gone, name) for name, count in total.items()}
            search = None if gone.before is None else replace(search, before=gone.before)
        ctx.log("INFO", f"purged {total['executions']} executions")
        return PurgeExecutionsOutput(
            executions_count=total["executions"],
            logs_count=total["logs"],
            storages_count=total["files"],
            metrics_count=total["metrics"],
        )

    def _search(self, ctx: RunContext) -> Search | None:
        """What to remove; None where no state is left."""
        ended = tuple(State(state) for state in self.states or () if State(state).ended)
        live = [str(state) for state in self.states or () if not State(state).ended]
        if live:
            ctx.log("WARN", f"Executions that have not ended stay: {', '.join(live)} can't be purged")
        if self.states is not None and not ended:
            return None
        return Search(
            namespace=self.namespace or None,
            flow_id=self.flow_id or None,
            states=ended,
            created_from=self.since(),
            ended_by=self.until(),
            limit=min(self.batch_size, MOST),
        )
