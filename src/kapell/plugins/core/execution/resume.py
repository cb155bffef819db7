"""`io.kestra.plugin.core.execution.Resume`."""

from __future__ import annotations

from collections.abc import Mapping

from kapell.sdk import Example, RunContext, RunnableTask, TaskFailed, Templated, Void, prop


class Resume(RunnableTask[Void]):
    """Let a paused execution go on."""

    execution_id: Templated[str] | None = prop("The execution; this one if it is not said.", default=None)
    namespace: Templated[str] | None = prop(
        "The namespace of its flow, to be sure; only together with `flowId` and `executionId`.", default=None
    )
    flow_id: Templated[str] | None = prop("Its flow, to be sure.", default=None)
    inputs: Templated[Mapping[str, object]] | None = prop("What its Pause asks for.", default=None)

    deprecated = True
    aliases = ("io.kestra.core.tasks.executions.Resume",)
    examples = (
        Example("The execution that is named in a message", 'executionId: "{{ trigger.executionId }}"'),
        Example(
            "With an answer",
            'executionId: "{{ inputs.execution }}"\nnamespace: company.team\nflowId: approval\ninputs:\n'
            "  approved: true",
        ),
    )

    def run(self, ctx: RunContext) -> Void:
        """Resume it."""
        id = self.execution_id or ctx.execution_id
        self._check(ctx, id)
        ctx.executions.resume(id, self.inputs or {})
        return Void()

    def _check(self, ctx: RunContext, id: str) -> None:
        """Whether it is there, and of the flow that is said."""
        said = (self.namespace, self.flow_id)
        if any(said) and not self.execution_id:
            raise TaskFailed("`namespace` and `flowId` should only be set when `executionId` is set.")
        if any(said) and not all(said):
            raise TaskFailed("Both `namespace` and `flowId` must be set when `executionId` is set.")
        found = ctx.executions.get(id)
        if found is None:
            raise TaskFailed(f"No execution found for execution id {id}")
        if any(said) and said != (found.namespace, found.flow_id):
            raise TaskFailed(
                f"Execution {id} is of flow {found.namespace}.{found.flow_id}, not of {'.'.join(map(str, said))}"
            )
