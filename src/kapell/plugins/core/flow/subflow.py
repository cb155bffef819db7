"""`io.kestra.plugin.core.flow.Subflow`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from kapell.plugins.core.flow._labels import system_labels
from kapell.sdk import Call, CallingTask, Example, Task, Templated, prop


class Subflow(CallingTask):
    """Run another flow, and go on when it has ended."""

    namespace: Templated[str] = prop("The flow's namespace.")
    flow_id: Templated[str] = prop("The flow's id.")
    revision: Templated[int] | None = prop("The flow's revision; the latest one by default.", default=None)
    inputs: Templated[Mapping[str, object]] | None = prop("Inputs by name.", default=None)
    labels: Templated[object] = prop(
        "Labels for the execution: a map, or a list of maps with `key` and `value`.", default=None
    )
    schedule_date: Templated[str] | None = prop(
        "When the execution shall begin, as an ISO date and time; at once by default.", default=None
    )
    wait: bool = prop("Whether to wait for its end.", default=True)
    transmit_failed: bool = prop("Whether this task fails, or warns, when the execution does.", default=True)
    inherit_labels: bool = prop("Whether the execution gets the labels of this one.", default=False)
    restart_behavior: Literal["RETRY_FAILED", "NEW_EXECUTION"] = prop(
        "What a restart does with an execution that has failed: restart it, or start another one.",
        default="RETRY_FAILED",
    )

    outputs: dict[str, object] = prop(
        "Values that are taken out of the other execution when it has ended; outputs of the flow itself are better.",
        default={},
    )

    aliases = ("io.kestra.core.tasks.flows.Subflow", "io.kestra.core.tasks.flows.Flow")
    examples = (Example("Greet somebody", "namespace: company.team\nflowId: greet\ninputs:\n  name: Ada\nwait: true"),)

    @classmethod
    def check(cls, task: Task) -> Iterable[tuple[str, str]]:
        """Revisions count from 1, and the labels of the system are not a flow's to give."""
        revision = task.properties.get("revision")
        if isinstance(revision, int) and revision < 1:
            yield "revision", "must be greater than or equal to 1"
        yield from system_labels(task)

    def call(self) -> Call:
        """What to start."""
        return Call(
            namespace=self.namespace,
            flow_id=self.flow_id,
            revision=self.revision,
            inputs=self.inputs or {},
            labels=self.labels,
            schedule_date=self.schedule_date,
            wait=self.wait,
            transmit_failed=self.transmit_failed,
            inherit_labels=self.inherit_labels,
            outputs=self.outputs,
            retry_failed=self.restart_behavior == "RETRY_FAILED",
        )
