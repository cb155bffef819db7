"""`io.kestra.plugin.kestra.namespaces.List`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from kapell.plugins.kestra._server import OnServer
from kapell.plugins.kestra.namespaces.namespaces_with_flows import NamespacesOutput
from kapell.sdk import Example, RunContext, RunnableTask, Templated, prop


class List(OnServer, RunnableTask[NamespacesOutput]):
    """List namespaces: those that have flows, and those above them."""

    prefix: Templated[str] = prop("What stands in their names.", default="")
    page: Templated[int] | None = prop("Only this page, counted from 1; all if it is not said.", default=None, least=1)
    size: Templated[int] = prop("How many a page has.", default=10, least=1)
    existing_only: Templated[bool] = prop("Whether those above, which have no flow, are left out.", default=False)

    examples = (Example("The first ten", "page: 1"),)

    def run(self, ctx: RunContext) -> NamespacesOutput:
        """List them."""
        self.check_server(ctx)
        known = {flow.namespace for flow in ctx.flows.all()}
        names = known if self.existing_only else {name for namespace in known for name in _with_above(namespace)}
        found = sorted(name for name in names if self.prefix in name)
        first = (self.page - 1) * self.size if self.page else 0
        return NamespacesOutput(namespaces=found[first : first + self.size] if self.page else found)


def _with_above(namespace: str) -> Iterator[str]:
    return accumulate(namespace.split("."), lambda above, name: f"{above}.{name}")
