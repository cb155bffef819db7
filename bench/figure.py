"""What a bench has measured: figures, each with its budget and beside what the machine itself takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil

SCALES = {"s": 1.0, "ms": 1e-3, "µs": 1e-6}


@dataclass(frozen=True, slots=True)
class Calibration:
    """Seconds that this machine takes, in the same run, for a fixed loop of Python and for one write to its disk."""

    loop: float
    fsync: float


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value. `budget` is the most that it may be, or with `at_least` the least; None where there is none.

    `seconds` is the time that it stands for, where that is not the value itself.
    """

    name: str
    value: float
    unit: str
    budget: float | None = None
    at_least: bool = False
    seconds: float | None = None

    @property
    def met(self) -> bool:
        """Whether the budget is kept."""
        if self.budget is None:
            return True
        return self.value >= self.budget if self.at_least else self.value <= self.budget

    @property
    def verdict(self) -> str:
        """The same in a word."""
        if self.budget is None:
            return "-"
        return "kept" if self.met else "MISSED"

    def time(self) -> float | None:
        """The seconds that are compared with the calibration."""
        if self.seconds is not None:
            return self.seconds
        return self.value * SCALES[self.unit] if self.unit in SCALES else None

    def row(self, calibration: Calibration) -> list[str]:
        """Name, figure, budget, verdict, and how many times what the loop and the disk take."""
        budget = "-" if self.budget is None else f"{'≥' if self.at_least else '≤'} {shown(self.budget)} {self.unit}"
        time = self.time()
        ratios = ["-", "-"] if time is None else [shown(time / calibration.loop), shown(time / calibration.fsync)]
        return [self.name, f"{shown(self.value)} {self.unit}", budget, self.verdict, *ratios]


def shown(value: float) -> str:
    """Three digits that count."""
    if value >= 100 or value == 0:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def quantile(values: Sequence[float], part: float) -> float:
    """The value that so large a part of them does not exceed."""
    return sorted(values)[max(0, ceil(part * len(values)) - 1)]
