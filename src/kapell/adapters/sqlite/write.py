"""The write side of executions, as it runs in the writer's thread: rows in, and what the inbox's mirror must learn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from kapell.adapters.changes import Changes, Key, Known, asked, asked_windows, check_lease, gather
from kapell.adapters.sqlite.logs import write_lines
from kapell.adapters.sqlite.query import Row, Session, Value, micros
from kapell.errors import Refused, StoreError
from kapell.model.codec import decode, encode
from kapell.model.execution import Execution
from kapell.model.messages import Event, NewExecution, Step
from kapell.model.window import WindowKey
from kapell.ports.executions import Received
from kapell.ports.shards import Lease, shard_of


@dataclass(slots=True)
class Written:
    """What a commit has done: ids in the order asked for, events by position, executions not begun and those begun."""

    ids: list[str] = field(default_factory=list)
    events: list[tuple[int, Event, int]] = field(default_factory=list)
    absorbed: Sequence[str] = ()
    fresh: Iterable[Execution] = ()
    begun: Iterable[str] = ()


class Writing:
    """Writes executions. Positions are given out here, since nobody else writes the file."""

    def __init__(self, shards: int, position: int) -> None:
        self._shards = shards
        self._position = position

    def create(self, session: Session, requests: Sequence[Sequence[NewExecution]]) -> list[Written]:
        """Insert rows and events of those whose idempotency key is new."""
        written = [self._admit(session, new) for new in requests]
        self._insert(session, [one for each in written for one in each.fresh])
        self._put_all(session, written)
        return written

    def send(self, session: Session, requests: Sequence[Sequence[Event]]) -> list[Written]:
        """Put events into inboxes, except those of executions that are gone."""
        found = _find(session, {event.execution_id for events in requests for event in events})
        there = [[event for event in events if event.execution_id in found] for events in requests]
        targets = [[(event, found[event.execution_id].shard) for event in events] for events in there]
        written = [Written(events=self._place(each)) for each in targets]
        self._put_all(session, written)
        return written

    def apply(self, session: Session, steps: Sequence[Step], lease: Lease) -> Written:
        """Write what the steps changed, each row once."""
        check_lease(steps, lease, _epochs(session), self._shards)
        windows = _window_versions(session, asked_windows(steps))
        changes = gather(steps, _find(session, asked(steps)), self._shards, windows)
        self._insert(session, changes.created.values())
        _update(session, changes.changed.values())
        _write_runs(session, changes)
        _write_owned(session, changes)
        _write_windows(session, changes)
        session.write("insert_journal", [(row.execution_id, row.version, encode(row)) for row in changes.journal])
        write_lines(session, changes.logs, changes.metrics)
        session.write("absorb", [(event_id,) for event_id in changes.absorbed])
        written = Written(
            events=self._place(changes.events.values()),
            absorbed=changes.absorbed,
            fresh=[one for one in changes.created.values() if one.version == 0],
            begun=changes.changed,
        )
        self._put_all(session, [written])
        return written

    def _admit(self, session: Session, new: Sequence[NewExecution]) -> Written:
        written = Written()
        fresh: list[NewExecution] = []
        for one in new:
            known = _known(session, one)
            written.ids.append(known or one.execution.id)
            if known is None:
                fresh.append(one)
        written.fresh = [one.execution for one in fresh]
        written.events = self._place((one.event, self._shard(one.execution)) for one in fresh)
        return written

    def _insert(self, session: Session, executions: Iterable[Execution]) -> None:
        session.write("insert_executions", [_row(one, self._shard(one)) for one in executions])

    def _place(self, events: Iterable[tuple[Event, int]]) -> list[tuple[int, Event, int]]:
        """Give events the next positions."""
        placed = [(self._position + 1 + n, event, shard) for n, (event, shard) in enumerate(events)]
        self._position += len(placed)
        return placed

    def _put_all(self, session: Session, written: Iterable[Written]) -> None:
        """Insert events; the file and its mirror both leave out those whose id is there."""
        rows: list[Row] = [
            (position, event.id, event.execution_id, shard, encode(Received(position, event)))
            for each in written
            for position, event, shard in each.events
        ]
        session.write("insert_inbox", rows)

    def _shard(self, execution: Execution) -> int:
        return shard_of(execution.root_id, self._shards)


def _epochs(session: Session) -> dict[int, int]:
    return decode(_text(session.value("epochs")), dict[int, int])


def _find(session: Session, ids: Iterable[str]) -> dict[str, Known]:
    found = decode(_text(session.value("known", _text(encode(list(ids))))), dict[str, tuple[int, int]])
    return {id: Known(version, shard) for id, (version, shard) in found.items()}


def _known(session: Session, one: NewExecution) -> str | None:
    """The execution that has its idempotency key already; a new key is written."""
    key, tenant = one.idempotency_key, one.execution.tenant
    if key is None:
        return None
    for digest, execution_id in session.rows("idempotency", tenant, key):
        if digest != one.request_digest:
            raise Refused(f"idempotency key {key} was used for another request")
        return str(execution_id)
    session.write("insert_idempotency", [(tenant, key, one.request_digest, one.execution.id)])
    return None


def _row(one: Execution, shard: int) -> Row:
    return (
        one.id,
        one.tenant,
        one.root_id,
        shard,
        one.namespace,
        one.flow_id,
        str(one.state),
        str(one.kind),
        one.parent_id,
        one.version,
        micros(one.created),
        one.state.ended,
        _ended_at(one),
        encode(one),
    )


def _ended_at(one: Execution) -> int | None:
    return micros(one.history[-1].at) if one.state.ended else None


def _update(session: Session, executions: Iterable[Execution]) -> None:
    rows: list[Row] = [
        (one.id, str(one.state), one.version, one.state.ended, _ended_at(one), encode(one)) for one in executions
    ]
    session.write("update_executions", rows)


def _write_runs(session: Session, changes: Changes) -> None:
    """Removed ones first: a number is free again when its task run is gone."""
    session.write("remove_task_runs", [key for key, run in changes.runs.items() if run is None])
    session.write("remove_outputs", [(run_id,) for (_, run_id), made in changes.outputs.items() if made is None])
    runs = [run for run in changes.runs.values() if run is not None]
    before = session.connection.total_changes()
    rows: list[Row] = [(run.execution_id, run.number, run.id, str(run.state), encode(run)) for run in runs]
    session.write("put_task_runs", rows)
    if session.connection.total_changes() - before != len(runs):
        raise StoreError("two task runs of an execution have the same number")
    outputs = [(run_id, encode(made)) for (_, run_id), made in changes.outputs.items() if made is not None]
    session.write("put_outputs", outputs)


def _write_owned(session: Session, changes: Changes) -> None:
    timers = [pair for pair in changes.timers.values() if pair is not None]
    session.write("remove_timers", _gone(changes.timers))
    session.write(
        "put_timers",
        [(timer.execution_id, timer.id, shard, micros(timer.due), encode(timer)) for timer, shard in timers],
    )
    jobs = [job for job in changes.jobs.values() if job is not None]
    session.write("remove_jobs", _gone(changes.jobs))
    session.write("put_jobs", [(job.execution_id, job.id, encode(job)) for job in jobs])


def _window_versions(session: Session, keys: Iterable[WindowKey]) -> dict[WindowKey, str]:
    found = ((key, session.value("window_version", *key)) for key in keys)
    return {key: version for key, version in found if isinstance(version, str)}


def _write_windows(session: Session, changes: Changes) -> None:
    rows: list[Row] = [(*key, window.version, encode(window)) for key, window in changes.windows.items()]
    session.write("put_windows", rows)


def _gone(rows: Mapping[Key, object]) -> list[Row]:
    return [key for key, value in rows.items() if value is None]


def _text(value: Value) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
