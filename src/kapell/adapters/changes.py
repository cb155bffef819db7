"""A batch of Steps, folded into the rows that it leaves behind: what every store checks and writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from kapell.errors import LeaseLost, StaleVersion, StoreError
from kapell.model.execution import Execution
from kapell.model.log import LogLine, Metric
from kapell.model.messages import Event, Job, JournalRow, Step, Timer, journal_row
from kapell.model.task_run import Outputs, TaskRun
from kapell.model.window import Window, WindowKey
from kapell.ports.shards import Lease, shard_of

Key = tuple[str, str]
"""An execution's id, and the id of something that belongs to it."""


class Known(NamedTuple):
    """What a store has of an execution: the number of its last step, and its shard."""

    version: int
    shard: int


@dataclass(slots=True)
class Changes:
    """The last image of every row that changed; None is a row that goes.

    `events` are (event, shard) to be put into inboxes after the `absorbed` ones are out. What a batch both sends and
    absorbs is in neither.
    """

    created: dict[str, Execution] = field(default_factory=dict)
    changed: dict[str, Execution] = field(default_factory=dict)
    runs: dict[Key, TaskRun | None] = field(default_factory=dict)
    outputs: dict[Key, Outputs | None] = field(default_factory=dict)
    timers: dict[Key, tuple[Timer, int] | None] = field(default_factory=dict)
    jobs: dict[Key, Job | None] = field(default_factory=dict)
    journal: list[JournalRow] = field(default_factory=list)
    logs: list[LogLine] = field(default_factory=list)
    metrics: list[Metric] = field(default_factory=list)
    absorbed: list[str] = field(default_factory=list)
    events: dict[str, tuple[Event, int]] = field(default_factory=dict)
    windows: dict[WindowKey, Window] = field(default_factory=dict)


def check_lease(steps: Sequence[Step], lease: Lease, epochs: Mapping[int, int], count: int) -> None:
    """Raise `LeaseLost` unless `lease` has the present epoch of every shard that the steps touch."""
    touched = {shard_of(step.execution.root_id, count) for step in steps}
    lost = sorted(shard for shard in touched if lease.epochs.get(shard) != epochs.get(shard, 0))
    if lost:
        raise LeaseLost(tuple(lost))


def asked(steps: Sequence[Step]) -> set[str]:
    """The ids of all executions that `gather` must know."""
    ids = {step.execution.id for step in steps}
    for step in steps:
        ids.update(event.execution_id for event in step.sent)
        ids.update(child.execution.id for child in step.children)
    return ids


def asked_windows(steps: Sequence[Step]) -> set[WindowKey]:
    """The keys of all windows that `gather` must know."""
    return {window.key for step in steps for window in step.windows}


def gather(
    steps: Sequence[Step], known: Mapping[str, Known], count: int, windows: Mapping[WindowKey, str] | None = None
) -> Changes:
    """Fold the steps in their order; raises `StaleVersion` where one is not the next of its execution.

    `known` holds those of the `asked` executions that are there, `count` is the number of shards, `windows` has the
    versions of those of the `asked_windows` that are there.
    """
    changes = Changes()
    found, seen = dict(known), dict(windows or {})
    for step in steps:
        _absorb(changes, step.event.id)
        if step.changed:
            _check_version(step, found.get(step.execution.id))
            shard = shard_of(step.execution.root_id, count)
            found[step.execution.id] = Known(step.execution.version, shard)
            _rows(changes, step, shard)
            _create(changes, step, found, count)
            _send(changes, step.sent, found)
            _windows(changes, step.windows, seen)
    return changes


def _check_version(step: Step, known: Known | None) -> None:
    execution = step.execution
    if known is None or execution.version != known.version + 1:
        stored = "nothing is stored" if known is None else f"version {known.version} is stored"
        raise StaleVersion(f"version {execution.version} of execution {execution.id} is not the next version: {stored}")


def _rows(changes: Changes, step: Step, shard: int) -> None:
    execution, id = step.execution, step.execution.id
    (changes.created if id in changes.created else changes.changed)[id] = execution
    changes.journal.append(journal_row(step))
    changes.logs += step.logs
    changes.metrics += step.metrics
    for run_id in step.removed_runs:
        changes.runs[id, run_id] = changes.outputs[id, run_id] = None
    for run in step.runs:
        changes.runs[id, run.id] = run
    for run_id, outputs in step.outputs.items():
        changes.outputs[id, run_id] = outputs
    for timer_id in step.dropped_timers:
        changes.timers[id, timer_id] = None
    for timer in step.timers:
        changes.timers[id, timer.id] = (timer, shard)
    for job_id in step.done_jobs:
        changes.jobs[id, job_id] = None
    for job in step.jobs:
        changes.jobs[id, job.id] = job


def _create(changes: Changes, step: Step, found: dict[str, Known], count: int) -> None:
    for child in step.children:
        id = child.execution.id
        if id in found:
            raise StoreError(f"there is an execution {id} already")
        found[id] = Known(child.execution.version, shard_of(child.execution.root_id, count))
        changes.created[id] = child.execution
        changes.events[child.event.id] = (child.event, found[id].shard)


def _send(changes: Changes, events: Sequence[Event], found: Mapping[str, Known]) -> None:
    for event in events:
        target = found.get(event.execution_id)
        if target is not None:
            changes.events.setdefault(event.id, (event, target.shard))


def _windows(changes: Changes, windows: Sequence[Window], seen: dict[WindowKey, str]) -> None:
    """Whoever has not seen the last change of a window may have missed what came: it has to look again."""
    for window in windows:
        if window.follows != seen.get(window.key, ""):
            raise StaleVersion(f"version {window.version} of window {'/'.join(window.key)} is not the next version")
        seen[window.key] = window.version
        changes.windows[window.key] = window


def _absorb(changes: Changes, event_id: str) -> None:
    if changes.events.pop(event_id, None) is None:
        changes.absorbed.append(event_id)
