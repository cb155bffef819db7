"""`io.kestra.plugin.core.flow.ForEachItem`, and the three tasks that it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, Self, cast

from kapell.plugins.core.flow._labels import system_labels
from kapell.plugins.core.storage._file import draft, stored
from kapell.plugins.core.storage.split import Split
from kapell.sdk import (
    BatchingTask,
    Call,
    Children,
    Example,
    Expression,
    FlowableTask,
    OpenFile,
    Output,
    Part,
    Place,
    Render,
    RunContext,
    RunnableTask,
    Task,
    TaskFailed,
    Templated,
    in_order,
    prop,
)
from kapell.sdk.ion import ion_line
from kapell.sdk.prop import Properties, properties, unrendered

TYPE = "io.kestra.plugin.core.flow.ForEachItem"


class Batch(Part):
    """How the items are divided: one of `rows`, `bytes`, `partitions` and `regexPattern` says so."""

    rows: Templated[int] = prop("How many lines a batch has.", default=1)
    bytes: Templated[str] | None = prop("Begin a new batch once one has this size, such as `10MB`.", default=None)
    partitions: Templated[int] | None = prop("Deal the lines out to so many batches.", default=None, least=1)
    regex_pattern: Templated[str] | None = prop(
        "Lines for which the first group matches the same text come into one batch; others are left out.", default=None
    )
    separator: Templated[str] = prop("What to write after each line.", default="\n")


class Calls(Properties):
    """Which flow works on the batches, and how."""

    namespace: Expression[str] = prop("The flow's namespace.")
    flow_id: Expression[str] = prop("The flow's id.")
    revision: Expression[int] | None = prop("The flow's revision; the latest one by default.", default=None)
    inputs: Expression[Mapping[str, object]] | None = prop(
        "Inputs by name; `{{ taskrun.items }}` is the address of the batch's file, `{{ taskrun.iteration }}` "
        "its number, from 1.",
        default=None,
    )
    labels: Expression[object] | None = prop(
        "Labels for the executions: a map, or a list of maps with `key` and `value`.", default=None
    )
    schedule_date: Expression[str] | None = prop(
        "When the executions shall begin, as an ISO date and time; at once by default.", default=None
    )
    inherit_labels: bool = prop("Whether the executions get the labels of this one.", default=False)
    wait: bool = prop("Whether to wait for their end.", default=True)
    transmit_failed: bool = prop("Whether this task fails, or warns, when one of them does.", default=True)
    restart_behavior: Literal["RETRY_FAILED", "NEW_EXECUTION"] = prop(
        "What a restart does: restart the executions that have failed, or start another one for each batch.",
        default="RETRY_FAILED",
    )


class SplitsOutput(Output, frozen=True, kw_only=True):
    """The file that names the files of the batches, one a line."""

    splits: str


class ForEachItemSplit(RunnableTask[SplitsOutput]):
    """Divide the items into files, one for each batch."""

    items: Templated[str] = prop("Address of the items' file.")
    batch: Batch = prop("How to divide them.")

    examples = (Example("A hundred a batch", 'items: "{{ outputs.load.uri }}"\nbatch: {rows: 100}'),)

    def run(self, ctx: RunContext) -> SplitsOutput:
        """Read the file once and write each line to its batch."""
        if "://" not in self.items:
            raise TaskFailed(f"Unable to split the items from {self.items}, this is not an internal storage URI!")
        given = {"source": self.items} | {name: getattr(self.batch, name) for name in properties(Batch)}
        uris = Split.bind(given, unrendered).run(ctx).uris
        with draft(ctx) as made:
            made.writelines(f"{uri}\n".encode() for uri in uris)
            return SplitsOutput(splits=stored(ctx, made, ".txt"))


class ForEachItemExecutable(BatchingTask, Calls):
    """Start an execution of a flow for each batch."""

    splits: Templated[str] = prop("Address of the file that names those of the batches.")

    examples = (
        Example(
            "One for each batch",
            'splits: "{{ outputs.each_split.splits }}"\nnamespace: company.team\nflowId: load\n'
            'inputs: {rows: "{{ taskrun.items }}"}',
        ),
    )

    def batches(self, open_file: OpenFile) -> Sequence[str]:
        """The lines of the file."""
        return open_file(self.splits).splitlines()

    def call(self, render: Render) -> Call:
        """What to start for one batch."""
        return Call(
            namespace=self.namespace.value(render),
            flow_id=self.flow_id.value(render),
            revision=self.revision.value(render) if self.revision is not None else None,
            inputs=self.inputs.value(render) if self.inputs is not None else {},
            labels=self.labels.value(render) if self.labels is not None else None,
            schedule_date=self.schedule_date.value(render) if self.schedule_date is not None else None,
            wait=self.wait,
            transmit_failed=self.transmit_failed,
            inherit_labels=self.inherit_labels,
            retry_failed=self.restart_behavior == "RETRY_FAILED",
        )


class MergedOutput(Output, frozen=True, kw_only=True):
    """The outputs of the executions, in the order of the batches: a file with a line of Ion for each that has some."""

    subflow_outputs: str | None = None


class ForEachItemMergeOutputs(RunnableTask[MergedOutput]):
    """Gather the outputs of the executions in one file."""

    results_of: str = prop("The task that has started them.")

    examples = (Example("Those of another task", "resultsOf: each_items"),)

    def run(self, ctx: RunContext) -> MergedOutput:
        """Write them one by one."""
        with draft(ctx) as made:
            for outputs in cast(Sequence[Mapping[str, object]], ctx.variables["results"]):
                if outputs:
                    made.write(ion_line(dict(outputs)))
            return MergedOutput(subflow_outputs=stored(ctx, made, ".ion")) if made.tell() else MergedOutput()


class ForEachItem(FlowableTask, Calls):
    """Divide the items of a file into batches, and run another flow for each of them.

    Its task runs are `<id>_split`, whose output `splits` names the batches, `<id>_items`, whose output `iterations`
    counts the executions by state, and `<id>_merge`, whose output `subflowOutputs` is a file of their outputs.
    """

    items: Expression[str] = prop("Address of the items' file: lines, or rows of binary Ion.")
    batch: Batch = prop("How to divide them; a line each by default.", default={})

    aliases = ("io.kestra.core.tasks.flows.ForEachItem",)
    examples = (
        Example(
            "A hundred lines for each execution",
            'items: "{{ outputs.load.uri }}"\nbatch:\n  rows: 100\nnamespace: company.team\nflowId: load\n'
            'inputs:\n  rows: "{{ taskrun.items }}"',
        ),
    )

    @classmethod
    def check(cls, task: Task) -> Iterable[tuple[str, str]]:
        """No label of the system."""
        return system_labels(task)

    @classmethod
    def parts(cls, task: Task) -> tuple[Task, ...]:
        """One that divides, one that calls, one that gathers."""
        given = task.properties
        calls = {name: given[name] for name in properties(Calls) if name in given}
        split = {"items": given.get("items"), "batch": given.get("batch", {})}
        splits = f"{{{{ outputs['{task.id}_split'].splits }}}}"
        return (
            Task(f"{task.id}_split", f"{TYPE}$ForEachItemSplit", split, line=task.line),
            Task(f"{task.id}_items", f"{TYPE}$ForEachItemExecutable", {**calls, "splits": splits}, line=task.line),
            Task(
                f"{task.id}_merge",
                f"{TYPE}$ForEachItemMergeOutputs",
                {"results_of": f"{task.id}_items"},
                line=task.line,
            ),
        )

    def bound(self, render: Render) -> Self:
        """As it is: what is rendered is its parts'."""
        return self

    def ready(self, children: Children) -> Sequence[Place]:
        """The next part, once the one before has ended."""
        return in_order(cast(Sequence[Task], self.given["tasks"]), children)
