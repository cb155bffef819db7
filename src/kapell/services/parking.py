"""Executions that wait for a slow answer from outside, such as that of a web server: all others go on meanwhile."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial

from kapell.errors import KapellError
from kapell.model.messages import Event, KillAsked, RunTask
from kapell.model.read import Read, ReadKind

Answers = dict[Read, object]
Item = Event | RunTask
SLOW: frozenset[ReadKind] = frozenset({"http"})
"""What others must not wait for."""


class Slow(KapellError):
    """A step can't go on before a slow read is answered; what was answered so far is kept."""

    def __init__(self, read: Read, answers: Answers) -> None:
        super().__init__(f"{read.kind} {read.name} is slow to read")
        self.read = read
        self.answers = answers


@dataclass(slots=True, eq=False)
class Parked:
    """An execution's items that wait, the first of them for `answers` to be complete."""

    execution_id: str
    items: deque[Item]
    answers: Answers
    task: asyncio.Task[None] | None = None


class Parking:
    """Reads for what is parked. `ready` is called when there is something to take out."""

    def __init__(self, ready: Callable[[], None] = lambda: None) -> None:
        self.ready = ready
        self._parked: dict[str, Parked] = {}
        self._answered: list[str] = []

    def park(
        self, execution_id: str, items: deque[Item], answers: Answers, reading: Coroutine[None, None, None]
    ) -> None:
        """Keep the items until `reading`, which raises nothing, has put its answer among the answers.

        What a kill comes to, which has gone before items that are kept here, is kept behind them, and asks again.
        """
        if (before := self._parked.get(execution_id)) is not None:
            before.items.extend(items)
            reading.close()
            return
        parked = Parked(execution_id, items, answers)
        parked.task = asyncio.create_task(reading)
        parked.task.add_done_callback(partial(self._over, parked))
        self._parked[execution_id] = parked

    def holds(self, item: Item, execution_id: str) -> bool:
        """Whether the item has to wait behind others of its execution, and is kept here now; a kill never has to."""
        parked = self._parked.get(execution_id)
        if parked is None or isinstance(item, KillAsked):
            return False
        if _id(item) not in map(_id, parked.items):
            parked.items.append(item)
        return True

    def take_out(self) -> list[Parked]:
        """What may go on."""
        ids, self._answered = self._answered, []
        return [self._parked.pop(id) for id in ids if id in self._parked]

    def events(self, execution_id: str) -> list[Event]:
        """The events of an execution that are kept here."""
        parked = self._parked.get(execution_id)
        return [item for item in parked.items if not isinstance(item, RunTask)] if parked else []

    def clear(self) -> None:
        """Forget everything: another one owns it now."""
        for parked in self._parked.values():
            if parked.task is not None:
                parked.task.cancel()
        self._parked.clear()
        self._answered.clear()

    def _over(self, parked: Parked, reading: asyncio.Task[None]) -> None:
        if not reading.cancelled():
            self._answered.append(parked.execution_id)
            self.ready()


def _id(item: Item) -> str:
    return item.job.id if isinstance(item, RunTask) else item.id
