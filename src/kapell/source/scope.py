"""Which tasks a task can see: those that have run before it, wherever they stand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple, TypeAlias

from kapell.model.flow import Flow, Task

_CORE = "io.kestra.plugin.core.flow."
_SEQUENCES = ("Sequential", "If", "Switch", "AllowFailure", "WorkingDirectory")
_ONE_BY_ONE = frozenset({"", *(_CORE + name for name in _SEQUENCES)})
_BY_VALUE = frozenset(_CORE + name for name in ("ForEach", "EachSequential", "EachParallel"))
_AGAIN = _BY_VALUE | {_CORE + "LoopUntil", _CORE + "Loop", _CORE + "ForEachItem"}
_LATER = {"errors": 1, "finally": 2, "afterExecution": 3}
LOOP = _CORE + "Loop"


class Step(NamedTuple):
    """One level on the way to a task: the list it stands in, and where in that."""

    owner: str
    owner_type: str
    branch: str
    position: int


Trail: TypeAlias = tuple[Step, ...]


class Scope:
    """The trails of all tasks of a flow."""

    def __init__(self, flow: Flow) -> None:
        self.trails: dict[str, Trail] = {}
        for branch, tasks in flow.lists().items():
            for id, trail in _trails("", "", branch.value, tasks, ()):
                self.trails.setdefault(id, trail)

    def hidden(self, id: str, seen_from: str | None) -> str | None:
        """Why the outputs of task `id` can't be there for `seen_from` (None: for the flow's end), if so."""
        trail = self.trails[id]
        here = self.trails.get(seen_from, ()) if seen_from else ()
        around = {step.owner for step in here} | {seen_from}
        for step in trail:
            if step.owner_type == LOOP and step.owner not in around:
                return f"it runs inside the Loop `{step.owner}`, whose iterations keep their outputs to themselves"
        return "it runs later" if seen_from and _runs_later(trail, here) else None

    def by_value(self, id: str) -> bool:
        """Whether its outputs lie under the values of a loop."""
        return any(step.owner_type in _BY_VALUE for step in self.trails[id])

    def loops_around(self, id: str, seen_from: str | None) -> list[str]:
        """The loops, outer ones first, under whose values the outputs of `id` lie for `seen_from`."""
        here = {step.owner for step in self.trails.get(seen_from or "", ())}
        return [step.owner for step in self.trails[id] if step.owner_type in _BY_VALUE and step.owner not in here]


def _trails(
    owner: str, owner_type: str, branch: str, tasks: tuple[Task, ...], above: Trail
) -> Iterator[tuple[str, Trail]]:
    for index, task in enumerate(tasks):
        trail = (*above, Step(owner, owner_type, branch, index))
        yield task.id, trail
        for inner, inside in task.branches.items():
            yield from _trails(task.id, task.type, inner, inside, trail)


def _runs_later(trail: Trail, here: Trail) -> bool:
    for theirs, ours in zip(trail, here, strict=False):
        if theirs.owner_type in _AGAIN and theirs.owner == ours.owner:
            return False
        if theirs == ours:
            continue
        if theirs.branch != ours.branch:
            return _LATER.get(theirs.branch, 0) > _LATER.get(ours.branch, 0)
        return theirs.position > ours.position and theirs.owner_type in _ONE_BY_ONE
    return False
