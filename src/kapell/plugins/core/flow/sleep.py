"""`io.kestra.plugin.core.flow.Sleep`."""

from __future__ import annotations

from datetime import timedelta

from kapell.sdk import Example, SleepingTask, Templated, prop


class Sleep(SleepingTask):
    """Wait a while before the flow goes on."""

    duration: Templated[timedelta] = prop("How long, as ISO 8601 or a number of seconds.")

    examples = (Example("Five seconds", "duration: PT5S"),)

    def span(self) -> timedelta:
        """How long."""
        return self.duration
