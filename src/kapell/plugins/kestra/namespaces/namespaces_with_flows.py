"""`io.kestra.plugin.kestra.namespaces.NamespacesWithFlows`."""

from __future__ import annotations

from collections.abc import Sequence

from kapell.plugins.kestra._server import OnServer
from kapell.sdk import Example, Output, RunContext, RunnableTask, Templated, prop


class NamespacesOutput(Output, frozen=True, kw_only=True):
    """The namespaces, sorted."""

    namespaces: Sequence[str]


class NamespacesWithFlows(OnServer, RunnableTask[NamespacesOutput]):
    """List the namespaces that have flows."""

    prefix: Templated[str] = prop("What their names begin with.", default="")

    examples = (Example("Those of a company", "prefix: company"),)

    def run(self, ctx: RunContext) -> NamespacesOutput:
        """List them."""
        self.check_server(ctx)
        found = {flow.namespace for flow in ctx.flows.all()}
        return NamespacesOutput(namespaces=sorted(name for name in found if name.startswith(self.prefix)))
