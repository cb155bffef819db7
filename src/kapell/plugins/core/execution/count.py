"""`io.kestra.plugin.core.execution.Count`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec.structs import replace

from kapell.ports.executions import Search
from kapell.sdk import Example, Output, Part, RunContext, RunnableTask, State, TaskFailed, Templated, prop, read_moment


class CountOutput(Output, frozen=True, kw_only=True):
    """The counts that were kept, each with `namespace`, `flowId` and `count`, and their sum."""

    results: Sequence[Mapping[str, object]]
    total: int


class FlowChoice(Part):
    """A flow."""

    namespace: Templated[str] = prop("Its namespace.")
    flow_id: Templated[str] = prop("Its id.")


class Count(RunnableTask[CountOutput]):
    """Count the executions of flows or namespaces, and keep the counts for which an expression holds."""

    flows: list[FlowChoice] | None = prop("The flows, each with a count of its own.", default=None)
    namespaces: Templated[list[str]] | None = prop(
        "The namespaces, each with one count for all of its flows, those of namespaces below left out.", default=None
    )
    states: Templated[list[State]] | None = prop("Only executions that are in one of these states.", default=None)
    start_date: Templated[str] = prop("Only those created from this instant on, as an ISO date.")
    end_date: Templated[str] | None = prop("Only those created up to this instant; now by default.", default=None)
    expression: str = prop("Is rendered for each count, which is `count` in it; those where it is `true` are kept.")

    deprecated = True
    aliases = ("io.kestra.core.tasks.executions.Count", "io.kestra.core.tasks.executions.Counts")
    examples = (
        Example(
            "Flows that have not run for a day",
            "flows:\n  - namespace: company.team\n    flowId: daily\n"
            'startDate: "{{ now() | dateAdd(-1, \'DAYS\') }}"\nexpression: "{{ count == 0 }}"',
        ),
        Example(
            "Whether much has failed today",
            "namespaces:\n  - company.team\nstates:\n  - FAILED\n"
            'startDate: "{{ now() | dateAdd(-1, \'DAYS\') }}"\nexpression: "{{ count > 10 }}"',
        ),
    )

    def run(self, ctx: RunContext) -> CountOutput:
        """Count them."""
        if self.flows is None and self.namespaces is None:
            raise TaskFailed("You must provide a list of flows or namespaces.")
        kept = [row for row in self._rows(ctx) if self._holds(ctx, row)]
        ctx.log("DEBUG", f"{len(kept)} flows matching the expression")
        return CountOutput(results=kept, total=sum(int(str(row["count"])) for row in kept))

    def _rows(self, ctx: RunContext) -> Iterator[Mapping[str, object]]:
        search = Search(
            states=tuple(State(state) for state in self.states or ()),
            created_from=read_moment(self.start_date),
            created_to=read_moment(self.end_date) if self.end_date else None,
        )
        for flow in self.flows or ():
            found = ctx.executions.count(replace(search, namespace=flow.namespace, flow_id=flow.flow_id))
            yield {"namespace": flow.namespace, "flowId": flow.flow_id, "count": sum(row.count for row in found)}
        for namespace in self.namespaces or ():
            found = ctx.executions.count(replace(search, namespace=namespace))
            yield {"namespace": namespace, "count": sum(row.count for row in found if row.namespace == namespace)}

    def _holds(self, ctx: RunContext, row: Mapping[str, object]) -> bool:
        return ctx.render_text(self.expression, {"count": row["count"]}).strip() == "true"
