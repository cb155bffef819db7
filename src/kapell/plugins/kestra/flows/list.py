"""`io.kestra.plugin.kestra.flows.List`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kapell.plugins.kestra._server import OnServer
from kapell.plugins.kestra.flows._text import written
from kapell.sdk import Example, Output, RunContext, RunnableTask, Templated, prop


class ListOutput(Output, frozen=True, kw_only=True):
    """The flows: what stands in their texts, and their `revision`."""

    flows: Sequence[Mapping[str, object]]


class List(OnServer, RunnableTask[ListOutput]):
    """List the flows of a namespace, those of namespaces below it left out."""

    namespace: Templated[str] | None = prop("The namespace; that of the flow if it is not said.", default=None)

    examples = (Example("Flows of another namespace", "namespace: company.data"),)

    def run(self, ctx: RunContext) -> ListOutput:
        """List them."""
        self.check_server(ctx)
        namespace = self.namespace or ctx.namespace
        return ListOutput(flows=[written(flow) for flow in ctx.flows.all() if flow.namespace == namespace])
