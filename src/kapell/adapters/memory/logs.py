"""Log lines and metrics in memory."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from kapell.model.log import Level, LogLine, Metric

Attempt = tuple[str, int]


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

    def forget(self, execution_id: str) -> None:
        """Remove all of an execution."""
        for table in (self._lines, self._seen, self._metrics):
            table.pop(execution_id, None)
