"""Which flows call each other in a circle, of all that there are at once (Tarjan's strongly connected components)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

Call: TypeAlias = tuple[str, str]


def circles(calls: Mapping[Call, Sequence[Call]]) -> dict[Call, int]:
    """For each flow a number that it shares with those it is in a circle with, and with no others."""
    return _Search(calls).numbers


class _Search:
    def __init__(self, calls: Mapping[Call, Sequence[Call]]) -> None:
        self.calls = calls
        self.numbers: dict[Call, int] = {}
        self.seen: dict[Call, int] = {}
        self.low: dict[Call, int] = {}
        self.open: list[Call] = []
        for start in calls:
            if start not in self.seen:
                self.from_(start)

    def from_(self, start: Call) -> None:
        self.enter(start)
        way: list[tuple[Call, Iterator[Call]]] = [(start, iter(self.calls[start]))]
        while way:
            here, further = way[-1]
            for call in further:
                if call not in self.calls or call in self.numbers:
                    continue
                if call not in self.seen:
                    self.enter(call)
                    way.append((call, iter(self.calls[call])))
                    break
                self.low[here] = min(self.low[here], self.seen[call])
            else:
                way.pop()
                self.leave(here)
                if way:
                    above = way[-1][0]
                    self.low[above] = min(self.low[above], self.low[here])

    def enter(self, call: Call) -> None:
        self.seen[call] = self.low[call] = len(self.seen)
        self.open.append(call)

    def leave(self, call: Call) -> None:
        """Close the circle of a flow that leads to none above it."""
        if self.low[call] != self.seen[call]:
            return
        while True:
            member = self.open.pop()
            self.numbers[member] = self.seen[call]
            if member == call:
                return
