"""`io.kestra.plugin.core.flow.Dag`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from kapell.plugins.core.flow._concurrent import ConcurrentTask
from kapell.sdk import Children, Example, Part, Place, Task, prop


class DagTask(Part):
    """A task and what must have ended before it."""

    task: Task = prop("The task.")
    depends_on: list[str] | None = prop("Ids of the tasks that must have ended before.", default=None)


class Dag(ConcurrentTask):
    """Run each task as soon as those that it depends on have ended."""

    tasks: list[DagTask] = prop("The tasks with what they depend on.", filled=True)

    aliases = ("io.kestra.core.tasks.flows.Dag",)
    examples = (
        Example(
            "One after the other",
            "tasks:\n"
            "  - task: {id: one, type: io.kestra.plugin.core.log.Log, message: one}\n"
            "  - task: {id: two, type: io.kestra.plugin.core.log.Log, message: two}\n"
            "    dependsOn: [one]",
        ),
    )

    @classmethod
    def check(cls, task: Task) -> Iterable[tuple[str, str]]:
        """Every dependency must exist, and none may lead back to where it began."""
        needs = _needs(task.properties.get("tasks"))
        missing = sorted({need for wanted in needs.values() for need in wanted} - set(needs))
        if missing:
            yield "", f"Not existing task id in dependency: {', '.join(missing)}"
        elif circle := _circle(needs):
            yield "", f"Cyclic dependency detected: {', '.join(circle)}"

    @cached_property
    def _needs(self) -> Mapping[str, frozenset[str]]:
        # A disabled task never ends: what depends on it does not wait for it.
        enabled = {entry.task.id for entry in self.tasks if not entry.task.disabled}
        return {
            entry.task.id: frozenset(entry.depends_on or ()) & enabled
            for entry in self.tasks
            if not entry.task.disabled
        }

    @cached_property
    def _followers(self) -> Mapping[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for id, needs in self._needs.items():
            for need in needs:
                found.setdefault(need, []).append(id)
        return {need: tuple(ids) for need, ids in found.items()}

    def ready(self, children: Children) -> Sequence[Place]:
        """Those whose dependencies have all ended, as far as the limit allows."""
        ended = children.ended
        if self.concurrent > 0:
            free = max(0, self.concurrent - children.running)
            return [place for id in self._needs if (place := self._open(id, children))][:free]
        candidates = self._needs if ended is None else self._followers.get(ended.task_id, ())
        return [place for id in candidates if (place := self._open(id, children))]

    def follows(self, place: Place, other: Place, *, later: bool) -> bool:
        """Those that depend on it, near or far."""
        return any(
            follower == other.task_id or self.follows(Place(follower), other, later=later)
            for follower in self._followers.get(place.task_id, ())
        )

    def _open(self, id: str, children: Children) -> Place | None:
        place = Place(id)
        if children.state(place) is not None:
            return None
        states = (children.state(Place(need)) for need in self._needs[id])
        return place if all(state is not None and state.ended for state in states) else None


def _needs(entries: object) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for entry in entries if isinstance(entries, list | tuple) else ():
        task = entry.get("task") if isinstance(entry, Mapping) else None
        if isinstance(task, Task):
            found[task.id] = [str(need) for need in entry.get("dependsOn") or ()]
    return found


def _circle(needs: Mapping[str, Sequence[str]]) -> list[str]:
    """The tasks that can never start, in the order they are written; empty when all can."""
    left = dict(needs)
    while ready := [id for id, wanted in left.items() if not any(need in left for need in wanted)]:
        for id in ready:
            del left[id]
    return list(left)
