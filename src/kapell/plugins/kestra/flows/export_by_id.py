"""`io.kestra.plugin.kestra.flows.ExportById`."""

from __future__ import annotations

from kapell.plugins.kestra._server import OnServer
from kapell.plugins.kestra.flows._text import ExportOutput, exported
from kapell.sdk import Example, Part, RunContext, RunnableTask, TaskFailed, Templated, prop


class FlowChoice(Part):
    """A flow."""

    namespace: Templated[str] = prop("Its namespace.")
    id: Templated[str] = prop("Its id.")


class ExportById(OnServer, RunnableTask[ExportOutput]):
    """Pack the texts of some flows into a ZIP file."""

    flows: list[FlowChoice] = prop("The flows.")

    examples = (Example("Two flows", "flows:\n  - {namespace: prod.data, id: one}\n  - {namespace: dev, id: two}"),)

    def run(self, ctx: RunContext) -> ExportOutput:
        """Pack them."""
        self.check_server(ctx)
        known = {(flow.namespace, flow.id): flow for flow in ctx.flows.all()}
        missing = [f"{one.namespace}.{one.id}" for one in self.flows if (one.namespace, one.id) not in known]
        if missing:
            raise TaskFailed(f"There is no flow {', '.join(missing)}")
        return exported(ctx, (known[one.namespace, one.id] for one in self.flows))
