"""What loops over values of 1.x share: the values as texts, and the order in which their turns are created."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence

from kapell.sdk import Begun, Children, Expression, Order, Place, TaskFailed, Tasks

MOST_VALUES = 100_000
"""How many values there may be: each is a task run of the one execution, which is held in memory as a whole."""
MOST_AT_ONCE = 10_000
"""How many run at the same time where a loop sets no limit."""


def begin(order: Order, values: Expression[list[object]] | None) -> Begun:
    """Remember the values; none at all, too many, or a null among them, fails the loop."""
    # Kestra: an empty text is no property at all, and an expression may come to null.
    found: list[object] | None = None if values is None else order.render(values)
    if found is None:
        raise TaskFailed("The values are missing: they must be a list")
    if len(found) > MOST_VALUES:
        raise TaskFailed(
            f"{len(found):,} values are too many, there may be {MOST_VALUES:,}; io.kestra.plugin.core.flow.Loop takes "
            "more, its iterations are executions of their own"
        )
    nulls = sum(value is None for value in found)
    if nulls:
        raise TaskFailed(f"Found '{nulls}' null values on Each, with values={_shown(found)}")
    # Kestra: the same value twice is one turn.
    return Begun(memo={"values": list(dict.fromkeys(text(value) for value in found))})


def text(value: object) -> str:
    """A value as its turn knows it: text as it is, anything else as compact JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)


def _shown(value: object) -> str:
    """A value as Kestra prints it in this message."""
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{key}={_shown(item)}' for key, item in value.items())}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_shown, value))}]"
    return "null" if value is None else text(value)


def turns(tasks: Tasks, children: Children, limit: int, positions: Mapping[str, int]) -> Sequence[Place]:
    """The tasks of a turn run in order, at most `limit` turns at a time (0: all).

    `iteration` numbers the task runs of the whole loop: turn × number of tasks + place in the turn, with disabled ones.
    """
    values = children.memo()["values"]
    assert isinstance(values, list)
    size, count = len(tasks), len(values)

    def place(number: int) -> Place:
        id = tasks[number % size].id
        return Place(id, values[number // size], number // size * len(positions) + positions[id])

    if not size or children.created >= size * count:
        return ()
    if limit == 1:
        return () if children.running else (place(children.created),)
    if children.created == 0:
        return [place(turn * size) for turn in range(min(limit if limit > 0 else MOST_AT_ONCE, count))]
    ended = children.ended
    if ended is None or ended.iteration is None:
        return _everywhere(place, children, size, count, limit)
    turn, position = divmod(ended.iteration, len(positions))
    step = next(index for index, task in enumerate(tasks) if positions[task.id] == position)
    if step + 1 < size:
        return (place(turn * size + step + 1),)
    begun = bisect_left(range(count), True, key=lambda turn: children.state(place(turn * size)) is None)
    return (place(begun * size),) if begun < count else ()


def _everywhere(
    place: Callable[[int], Place], children: Children, size: int, count: int, limit: int
) -> Sequence[Place]:
    """What may be created in all turns, looked up one by one: after a pause or a restart."""
    found: list[Place] = []
    active = 0
    for turn in range(count):
        numbers = range(turn * size, (turn + 1) * size)
        states = [children.state(place(number)) for number in numbers]
        begun = sum(state is not None for state in states)
        last = states[begun - 1] if begun else None
        if begun == size and last is not None and last.ended:
            continue
        active += 1
        if active > (limit or MOST_AT_ONCE):
            break
        if begun == 0 or (last is not None and last.ended):
            found.append(place(turn * size + begun))
    return found
