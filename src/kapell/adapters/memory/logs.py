"""Log lines and metrics in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import islice
from typing import TypeVar

from kapell.adapters.memory.flows import within
from kapell.model.log import Level, LogLine, Metric
from kapell.ports.logs import Chosen, Removed, Swept

Attempt = tuple[str, int]
Said = TypeVar("Said", LogLine, Metric)


def attempt_of(line: LogLine) -> Attempt | None:
    """Task run and attempt of a line; None for a line of the execution itself."""
    return None if line.task_run_id is None else (line.task_run_id, line.attempt)


def by_instant(lines: Iterable[LogLine]) -> list[LogLine]:
    """In the order of their instants; the places of one attempt are filled in the order of its numbers."""
    ordered = sorted(lines, key=lambda line: line.at)
    places: defaultdict[Attempt, list[int]] = defaultdict(list)
    for place, line in enumerate(ordered):
        attempt = attempt_of(line)
        if attempt is not None:
            places[attempt].append(place)
    result = list(ordered)
    for mine in places.values():
        numbered = sorted((ordered[place] for place in mine), key=lambda line: line.number)
        for place, line in zip(mine, numbered, strict=True):
            result[place] = line
    return result


class MemoryLogs:
    """Lines and metrics by execution, in the order they came."""

    def __init__(self) -> None:
        self._lines: defaultdict[str, list[LogLine]] = defaultdict(list)
        self._seen: defaultdict[str, set[tuple[Attempt, int]]] = defaultdict(set)
        self._metrics: defaultdict[str, list[Metric]] = defaultdict(list)

    async def append(self, lines: Sequence[LogLine], metrics: Sequence[Metric] = ()) -> None:
        """Store them; a line that is there already (task run, attempt, number) is left out."""
        self.add(lines, metrics)

    async def read(
        self, execution_id: str, *, task_run_id: str | None = None, at_least: Level = Level.TRACE, limit: int = 10_000
    ) -> list[LogLine]:
        """The lines in the order of their instants, those of one attempt in the order of their numbers."""
        wanted = (
            line
            for line in self._lines.get(execution_id, ())
            if line.level.rank >= at_least.rank and (task_run_id is None or line.task_run_id == task_run_id)
        )
        return by_instant(wanted)[:limit]

    async def metrics(self, execution_id: str) -> list[Metric]:
        """The metrics in the order they came."""
        return list(self._metrics.get(execution_id, ()))

    async def remove(
        self, execution_ids: Sequence[str], limit: int, *, lines: bool = True, metrics: bool = True
    ) -> Removed:
        """Remove up to `limit` lines and `limit` metrics of executions."""
        removed = Removed(
            lines=_remove(self._lines, execution_ids, limit, lambda _: True) if lines else 0,
            metrics=_remove(self._metrics, execution_ids, limit, lambda _: True) if metrics else 0,
        )
        self._forget_seen()
        return removed

    async def purge_lines(self, chosen: Chosen, after: str, limit: int) -> Swept:
        """Remove chosen lines of up to `limit` executions behind the id `after`, up to `limit` lines."""
        swept = _sweep(
            self._lines,
            chosen,
            after,
            limit,
            lambda line: (not chosen.levels or line.level in chosen.levels) and _fits(chosen, line),
        )
        self._forget_seen()
        return swept

    async def purge_metrics(self, chosen: Chosen, after: str, limit: int) -> Swept:
        """Remove chosen metrics of up to `limit` executions behind the id `after`, up to `limit` metrics."""
        return _sweep(self._metrics, chosen, after, limit, lambda metric: not chosen.levels and _fits(chosen, metric))

    def add(self, lines: Sequence[LogLine], metrics: Sequence[Metric] = ()) -> None:
        """What `append` does; a commit brings the lines of its steps this way."""
        for line in lines:
            attempt = attempt_of(line)
            if attempt is not None:
                seen = self._seen[line.execution_id]
                if (attempt, line.number) in seen:
                    continue
                seen.add((attempt, line.number))
            self._lines[line.execution_id].append(line)
        for metric in metrics:
            self._metrics[metric.execution_id].append(metric)

    def _forget_seen(self) -> None:
        for execution_id in self._seen.keys() - self._lines.keys():
            del self._seen[execution_id]

    def forget(self, execution_id: str) -> None:
        """Remove all of an execution."""
        for table in (self._lines, self._seen, self._metrics):
            table.pop(execution_id, None)


def _sweep(table: dict[str, list[Said]], chosen: Chosen, after: str, limit: int, fits: Callable[[Said], bool]) -> Swept:
    """One sweep through a table, as it is promised."""
    if chosen.execution_id is not None:
        count = _remove(table, [chosen.execution_id], limit, fits)
        return Swept(count, after if count == limit else None)
    ids = list(islice((id for id in sorted(table) if id > after), limit))
    count = _remove(table, ids, limit, fits)
    if count == limit:
        return Swept(count, after)
    return Swept(count, ids[-1] if len(ids) == limit else None)


def _remove(table: dict[str, list[Said]], ids: Sequence[str], limit: int, fits: Callable[[Said], bool]) -> int:
    """Remove up to `limit` of what fits; how many went."""
    count = 0
    for id in ids:
        held = table.get(id, [])
        kept: list[Said] = []
        for one in held:
            if count < limit and fits(one):
                count += 1
            else:
                kept.append(one)
        if kept:
            table[id] = kept
        else:
            table.pop(id, None)
    return count


def _fits(chosen: Chosen, said: LogLine | Metric) -> bool:
    """Whether it is of the right flow and time."""
    flow = chosen.flow_id in (None, said.flow_id)
    exact = chosen.flow_id is not None and chosen.namespace is not None
    inside = said.namespace == chosen.namespace if exact else within(said.namespace, chosen.namespace)
    late = chosen.since is None or said.at >= chosen.since
    return flow and inside and late and (chosen.until is None or said.at <= chosen.until)
