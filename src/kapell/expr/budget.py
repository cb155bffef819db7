"""What one rendering may cost: steps, nesting, output and time, each overstepped with its own sentence."""

from __future__ import annotations

import threading
from time import monotonic

from kapell.errors import RenderError
from kapell.expr.environment import Limits


class OverBudget(RenderError):
    """The rendering was stopped; no `??`, default() or condition catches this."""


MOST_PARTS = 5_000_000
PARTS_PER_LOOK = 20_000
SMALL = 256
LONG = 10_000
TEXTS = 8
"""All texts that one rendering makes may be so many times as long as its output."""

ITEMS_PER_STEP = 50
CHARS_PER_STEP = 1000
"""What most filters do with a text in about ten microseconds, the cost of a step."""


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
        watch(size + 1)


def checked(pieces: list[str]) -> None:
    """The same for what has been written of a value so far."""
    if len(pieces) > 4 * MOST_PARTS:
        raise OverBudget(f"The value has more than {MOST_PARTS} parts")
    watch(100)


def watch(parts: int) -> None:
    """Called on a long way through a value: looks at the clock of this thread's rendering now and then."""
    budget = CURRENT.budget
    if budget is not None:
        budget.walked += parts
        if budget.walked > PARTS_PER_LOOK:
            budget.walked = 0
            budget.check_time()


class Budget:
    """Shared by a template and all that it renders in turn."""

    __slots__ = ("chars", "deadline", "depth", "limits", "made", "steps", "walked")

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.steps = limits.steps
        self.chars = limits.output_chars
        self.deadline = 0.0
        self.depth = 0
        self.made = 0
        self.walked = 0

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

    def weigh(self, value: object, per_step: int) -> None:
        """Count a big value that is to be worked on: so many of its characters or items are a step."""
        size = len(value) if isinstance(value, (str, list, dict)) else 0
        if size > SMALL:
            self.spend(size // (per_step if isinstance(value, str) else ITEMS_PER_STEP) + 1)

    def keep(self, value: object) -> None:
        """Count a long text that was made: many of them, kept in a list, would fill the memory."""
        if isinstance(value, str) and len(value) > LONG:
            self.made += len(value)
            if self.made > TEXTS * self.chars:
                raise OverBudget(f"The expression makes texts of more than {TEXTS * self.chars} characters")
            self.check_time()

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


class _Current(threading.local):
    budget: Budget | None = None


CURRENT = _Current()
"""The budget of the rendering that this thread is in."""
