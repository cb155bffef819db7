"""Executions and log lines as the Python API hands them out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from kapell.model.execution import Execution as Row
from kapell.model.log import LogLine
from kapell.model.state import State
from kapell.model.task_run import Outputs, TaskRun


@dataclass(frozen=True, slots=True)
class Execution:
    """An execution as it was when asked for; it does not change afterwards. `outputs_by_run` by task run id."""

    row: Row
    task_runs: Sequence[TaskRun]
    outputs_by_run: Mapping[str, Outputs]
    logs: Sequence[LogLine]
    seen: datetime

    @property
    def id(self) -> str:
        """Its id."""
        return self.row.id

    @property
    def state(self) -> State:
        """The state it is in."""
        return self.row.state

    @property
    def inputs(self) -> Mapping[str, object]:
        """The inputs as `{{ inputs }}` has them."""
        return self.row.inputs

    @property
    def outputs(self) -> Mapping[str, object]:
        """The flow's own outputs; empty until it has ended."""
        return self.row.outputs or {}

    @property
    def labels(self) -> Mapping[str, str]:
        """Labels by key."""
        return self.row.labels

    def task_outputs(self, task_id: str) -> Outputs:
        """The outputs of the last run of a task; empty where there are none."""
        runs = [run for run in self.task_runs if run.task_id == task_id]
        return self.outputs_by_run.get(runs[-1].id, {}) if runs else {}

    def to_dict(self) -> dict[str, object]:
        """The JSON of Kestra's API: `taskRunList`, `state.histories`, `labels` as a list of key and value …"""
        from kapell.api.wire.execution import execution_json

        shown = execution_json(self.row, self.task_runs, self.outputs_by_run, self.seen)
        return {key: _plain(value) for key, value in shown.items()}


def _plain(value: object) -> object:
    """The value as JSON has it: dates as texts in the form of ISO 8601."""
    found: object = msgspec.to_builtins(value, str_keys=True, enc_hook=_unknown)
    return found


def _unknown(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else str(value)


@dataclass(frozen=True, slots=True)
class Log:
    """A log line."""

    line: LogLine

    @property
    def message(self) -> str:
        """What was said."""
        return self.line.message

    @property
    def level(self) -> str:
        """How severe it is."""
        return self.line.level.value

    def to_dict(self) -> dict[str, object]:
        """The JSON of Kestra's API: `level`, `taskId`, `taskRunId`, `message` …"""
        from kapell.api.wire.log import log_json

        return log_json(self.line)
