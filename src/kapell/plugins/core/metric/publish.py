"""`io.kestra.plugin.core.metric.Publish`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from kapell.sdk import Example, Part, RunContext, RunnableTask, TaskFailed, Templated, Void, prop
from kapell.sdk.duration import parse_duration


class Metric(Part):
    """One measurement."""

    type: Templated[Literal["counter", "timer", "gauge"]] = prop(
        "A `counter` is summed up, a `timer` is a duration, a `gauge` a value as it is now."
    )
    name: Templated[str] = prop("Its name.")
    value: Templated[str] = prop("A number; of a timer a duration such as `PT1.5S`, or seconds.")
    tags: Templated[Mapping[str, str]] | None = prop("What it is told apart by.", default=None)


class Publish(RunnableTask[Void]):
    """Publish metrics of your own."""

    metrics: list[Metric] = prop("The measurements.")

    inline = True
    examples = (
        Example(
            "A number of rows and a duration",
            'metrics:\n  - type: counter\n    name: rows\n    value: "{{ outputs.load.rows }}"\n'
            "  - type: timer\n    name: load\n    value: PT1.5S\n    tags:\n      table: orders",
        ),
    )

    def run(self, ctx: RunContext) -> Void:
        """Publish them, all or none."""
        values = [number(metric) for metric in self.metrics]
        for metric, value in zip(self.metrics, values, strict=True):
            ctx.metric(metric.name, value, metric.type, metric.tags)
        return Void()


def number(metric: Metric) -> float:
    """The value of a metric, of a timer in milliseconds; raises `TaskFailed`."""
    try:
        if metric.type == "timer":
            return parse_duration(metric.value).total_seconds() * 1000
        return float(metric.value)
    except ValueError:
        kind = "duration" if metric.type == "timer" else "number"
        raise TaskFailed(f"metrics: the value `{metric.value}` of `{metric.name}` is not a {kind}") from None
