"""`io.kestra.plugin.core.flow.PurgeFlows`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from kapell.ports.flows import StoredFlow
from kapell.sdk import Example, Output, Part, RunContext, RunnableTask, TaskFailed, Templated, prop, read_moment
from kapell.sdk.glob import wildcard
from kapell.sdk.purging import ByNamespaces


class PurgeFlowsOutput(Output, frozen=True, kw_only=True):
    """How many revisions were removed."""

    size: int


class Behavior(Part):
    """Which revisions go; the newest never does. With neither of the two only the newest stays."""

    type: Literal["version"] = prop("The only one there is.", default="version")
    keep_amount: Templated[int] | None = prop("How many of each flow stay, the newest first.", default=None, least=1)
    before: Templated[str] | None = prop(
        "Those that were saved up to this instant, an ISO date; not together with `keepAmount`.", default=None
    )


class PurgeFlows(ByNamespaces, RunnableTask[PurgeFlowsOutput]):
    """Remove old revisions of flows for good.

    Those that executions run by which have not ended stay, and so does the newest one that is no draft.
    """

    flow_pattern: Templated[str] | None = prop("Which flows: `*` and `?` stand for anything.", default=None)
    behavior: Behavior | None = prop("Which revisions go: by default all but the newest.", default=None)

    examples = (
        Example("All but the newest two of a namespace", "namespaces:\n  - company\nbehavior:\n  keepAmount: 2"),
        Example(
            "Revisions of some flows that are a year old",
            'flowPattern: "*_report"\nbehavior:\n  before: "{{ now() | dateAdd(-1, \'YEARS\') }}"',
        ),
    )

    def run(self, ctx: RunContext) -> PurgeFlowsOutput:
        """Remove them."""
        if self.behavior is not None and self.behavior.before and self.behavior.keep_amount is not None:
            raise TaskFailed("Cannot set both 'before' and 'keepAmount' properties")
        flows, fits = ctx.flows.all(), wildcard(self.flow_pattern or "*")
        chosen = self.chosen(flow.namespace for flow in flows)
        ctx.log("INFO", f"purging old flow revisions from {len(chosen)} namespaces: {chosen}")
        size = 0
        for flow in flows:
            if flow.namespace in chosen and fits(flow.id):
                old = list(self._old(ctx.flows.revisions(flow.namespace, flow.id)))
                size += ctx.flows.purge(flow.namespace, flow.id, old) if old else 0
        ctx.log("INFO", f"purged {size} flow revisions")
        return PurgeFlowsOutput(size=size)

    def _old(self, revisions: Sequence[StoredFlow]) -> Iterator[int]:
        """The numbers of those that need not stay, of a flow's revisions from the newest on."""
        keep = (self.behavior.keep_amount if self.behavior else None) or 1
        before = read_moment(self.behavior.before) if self.behavior and self.behavior.before else None
        for flow in revisions[keep:]:
            if before is None or (flow.updated is not None and flow.updated <= before):
                yield flow.revision
