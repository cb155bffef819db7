"""The least and the most that an input may be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import TypeVar

from kapell.engine.inputs.invalid import Invalid

T = TypeVar("T", float, date, datetime, time, timedelta)
BOUNDS = ("more than", "less than")


def within(
    value: T,
    least: object,
    most: object,
    words: tuple[str, str],
    read: Callable[[object], T],
    show: Callable[[T], str],
) -> None:
    """Both limits, where there are any, belong to what is allowed; raises Invalid."""
    if least is not None and value < (limit := read(least)):
        raise Invalid(f"it must be {words[0]} `{show(limit)}`")
    if most is not None and value > (limit := read(most)):
        raise Invalid(f"it must be {words[1]} `{show(limit)}`")
