"""`io.kestra.plugin.kestra.flows.Export`."""

from __future__ import annotations

from kapell.plugins.kestra._server import OnServer
from kapell.plugins.kestra.flows._text import ExportOutput, exported, written
from kapell.ports.flows import StoredFlow
from kapell.sdk import Example, RunContext, RunnableTask, TaskFailed, Templated, prop, read_labels


class Export(OnServer, RunnableTask[ExportOutput]):
    """Pack the texts of flows into a ZIP file."""

    namespace: Templated[str] | None = prop("The namespace, and those below it; all if it is not said.", default=None)
    labels: Templated[list[str]] | None = prop("Labels that the flows must have, each as `key:value`.", default=None)

    examples = (Example("Everything of a namespace", "namespace: company.team"),)

    def run(self, ctx: RunContext) -> ExportOutput:
        """Pack them."""
        self.check_server(ctx)
        wanted = [label.partition(":") for label in self.labels or ()]
        if not all(colon for _, colon, _ in wanted):
            raise TaskFailed(f"Labels are written as `key:value`: {', '.join(self.labels or ())}")
        labels = {key: value for key, _, value in wanted}
        return exported(ctx, (flow for flow in ctx.flows.all() if self._wants(flow, labels)))

    def _wants(self, flow: StoredFlow, labels: dict[str, str]) -> bool:
        inside = not self.namespace or f"{flow.namespace}.".startswith(f"{self.namespace}.")
        return inside and (not labels or labels.items() <= read_labels(written(flow).get("labels")).items())
