"""What one rendering may cost: steps, nesting, output and time, each overstepped with its own sentence."""

from __future__ import annotations

from time import monotonic

from kapell.errors import RenderError
from kapell.expr.environment import Limits


class OverBudget(RenderError):
    """The rendering was stopped; no `??`, default() or condition catches this."""


MOST_PARTS = 5_000_000


class Walk:
    """Counts the parts of a value on the way through it: lists that hold one list twice, and so on, have no end."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MOST_PARTS

    def enter(self, size: int) -> None:
        """A list or map of so many parts."""
        self.left -= size + 1
        if self.left < 0:
            raise OverBudget(f"The value has more than {MOST_PARTS} parts")


def checked(pieces: list[str]) -> None:
    """The same for what has been written of a value so far."""
    if len(pieces) > 4 * MOST_PARTS:
        raise OverBudget(f"The value has more than {MOST_PARTS} parts")


class Budget:
    """Shared by a template and all that it renders in turn."""

    __slots__ = ("chars", "deadline", "depth", "limits", "steps")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.steps = limits.steps
        self.chars = limits.output_chars
        self.deadline = 0.0
        self.depth = 0

    def spend(self, steps: int) -> None:
        """Count steps, and look at the clock now and then."""
        before = self.steps
        self.steps = before - steps
        if self.steps < 0:
            raise OverBudget(f"The expression takes more than {self.limits.steps} steps")
        if (before ^ self.steps) >> 8 or not self.deadline:
            self.check_time()

    def check_time(self) -> None:
        """Stop when the time is over."""
        now = monotonic()
        if not self.deadline:
            self.deadline = now + self.limits.seconds
        elif now > self.deadline:
            raise OverBudget(f"The expression takes longer than {self.limits.seconds:g} s")

    def left(self) -> float:
        """Seconds that are left, at least a little."""
        self.check_time()
        return max(0.01, self.deadline - monotonic())

    def room(self, chars: int) -> None:
        """Refuse a text of this length if it would be too long."""
        if chars > self.chars:
            raise OverBudget(f"The expression makes more than {self.chars} characters")

    def grow(self, parts: int) -> None:
        """Count a list or map that was made; eight of its parts are a step."""
        self.spend(1 + (parts >> 3))

    def enter(self) -> None:
        """One level deeper, into a macro, a block or a nested template."""
        self.depth += 1
        if self.depth > self.limits.depth:
            raise OverBudget(f"The expression is nested deeper than {self.limits.depth} levels")

    def leave(self) -> None:
        """Back from there."""
        self.depth -= 1
