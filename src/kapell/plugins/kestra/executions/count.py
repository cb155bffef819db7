"""`io.kestra.plugin.kestra.executions.Count`."""

from __future__ import annotations

from kapell.plugins.kestra._server import OnServer
from kapell.ports.executions import Search
from kapell.sdk import Example, Output, RunContext, RunnableTask, State, Templated, prop, read_moment


class CountOutput(Output, frozen=True, kw_only=True):
    """How many there are; 0 where the expression does not hold."""

    count: int


class Count(OnServer, RunnableTask[CountOutput]):
    """Count executions."""

    namespaces: Templated[list[str]] | None = prop(
        "The namespaces, those below them left out; all if none is named.", default=None
    )
    flow_id: Templated[str] | None = prop("The flow.", default=None)
    states: Templated[list[State]] | None = prop("Only executions that are in one of these states.", default=None)
    start_date: Templated[str] | None = prop("Only those created from this instant on, as an ISO date.", default=None)
    end_date: Templated[str] | None = prop("Only those that had ended by this instant, as an ISO date.", default=None)
    expression: str | None = prop(
        "Is rendered with the number as `count`; where it is not `true`, the number given back is 0.", default=None
    )

    examples = (
        Example(
            "What has failed this week",
            "namespaces:\n  - company.team\nstates:\n  - FAILED\nstartDate: \"{{ now() | dateAdd(-7, 'DAYS') }}\"",
        ),
    )

    def run(self, ctx: RunContext) -> CountOutput:
        """Count them."""
        self.check_server(ctx)
        count = sum(row.count for row in ctx.executions.count(self._search()) if self._wants(row.namespace))
        ctx.log("INFO", f"Found {count} matching executions")
        if self.expression is None or ctx.render_text(self.expression, {"count": count}).strip().lower() == "true":
            return CountOutput(count=count)
        return CountOutput(count=0)

    def _search(self) -> Search:
        [only] = self.namespaces if self.namespaces and len(self.namespaces) == 1 else [None]
        return Search(
            namespace=only,
            flow_id=self.flow_id or None,
            states=tuple(State(state) for state in self.states or ()),
            created_from=read_moment(self.start_date) if self.start_date else None,
            ended_by=read_moment(self.end_date) if self.end_date else None,
        )

    def _wants(self, namespace: str) -> bool:
        return not self.namespaces or namespace in self.namespaces
