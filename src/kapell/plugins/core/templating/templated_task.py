"""`io.kestra.plugin.core.templating.TemplatedTask`."""

from __future__ import annotations

from collections.abc import Mapping

import yaml

from kapell.sdk import Example, Output, RunContext, RunnableTask, TaskFailed, Templated, prop
from kapell.sdk.prop import by_name
from kapell.sdk.registry import find_task


class TemplatedTask(RunnableTask[Output]):
    """Run the task whose YAML an expression gives; its outputs are those of that task."""

    spec: Templated[str] = prop(
        "The YAML of a runnable task. It is rendered once to get the task and its properties once more to run it; "
        "`{% raw %}` keeps an expression for then."
    )

    aliases = ("io.kestra.core.tasks.templating.TemplatedTask",)
    examples = (
        Example(
            "A property whose name is only known later",
            'spec: |\n  type: io.kestra.plugin.core.debug.Return\n  {{ inputs.property }}: "{{ inputs.value }}"',
        ),
    )

    def run(self, ctx: RunContext) -> Output:
        """Read it, then run it."""
        written = read(self.spec)
        kind = find_task(str(written.get("type")))
        if kind is TemplatedTask:
            raise TaskFailed("The templated task cannot be of type 'io.kestra.plugin.core.templating.TemplatedTask'")
        if not issubclass(kind, RunnableTask):
            raise TaskFailed("The templated task must be a runnable task")
        bound = kind.bind(by_name(kind, written), ctx.render_value)
        outputs: Output = bound.run(ctx)
        return outputs


def read(text: str) -> Mapping[object, object]:
    """The map that a YAML text holds; raises `TaskFailed`. No aliases: a few lines of them can be gigabytes."""
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=yaml.CSafeLoader)):
            raise TaskFailed("The templated task must not use YAML aliases")
        written: object = yaml.load(text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise TaskFailed(f"The templated task is not YAML: {error}") from None
    if not isinstance(written, Mapping):
        raise TaskFailed("The templated task must be a map of a task's properties")
    return written
