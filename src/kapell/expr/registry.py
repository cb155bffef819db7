"""The tables of filters, functions and tests; their modules fill them through the decorators here.

Python parameters stand for Kestra's arguments by position: the decorator gets Kestra's names, in order.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Protocol, TypeVar, cast

from msgspec import Struct

from kapell.expr.budget import CHARS_PER_STEP

Made = TypeVar("Made")


class Run(Protocol):
    """Whatever a filter, function or test is called with, by position."""

    def __call__(self, *given: object) -> object:
        """Its value."""


class Entry(Struct, frozen=True):
    """A filter, function or test: what it runs, and Kestra's names of its arguments (None: any number, unnamed).

    With `frame` it is called with the rendering's `Frame` first; filters and tests then get their input.
    `lenient`: it takes no arguments, yet whatever stands in its brackets is evaluated and let pass, as Pebble does.
    `chars`: so many characters of its input it works through in the time of one step.
    """

    name: str
    run: Run
    arguments: tuple[str, ...] | None
    frame: bool
    doc: str
    lenient: bool = False
    chars: int = CHARS_PER_STEP


FILTERS: dict[str, Entry] = {}
FUNCTIONS: dict[str, Entry] = {}
TESTS: dict[str, Entry] = {}


class Register(Protocol):
    """A decorator that gives back what it decorates."""

    def __call__(self, run: Made, /) -> Made:
        """The function itself."""


def as_filter(
    name: str,
    *arguments: str,
    frame: bool = False,
    also: str = "",
    lenient: bool = False,
    chars: int = CHARS_PER_STEP,
) -> Register:
    """Register a filter under its name and, with `also`, under the name that 1.x gave it."""
    return _registrar(FILTERS, (name, also), arguments, frame, lenient, chars)


def as_function(name: str, *arguments: str, frame: bool = False, also: str = "", varargs: bool = False) -> Register:
    """Register a function; with `varargs` it takes any number of unnamed arguments."""
    return _registrar(FUNCTIONS, (name, also), None if varargs else arguments, frame, False)


def as_test(name: str) -> Register:
    """Register a test for `is`."""
    return _registrar(TESTS, (name,), (), False, True)


def _registrar(
    table: dict[str, Entry],
    names: tuple[str, ...],
    arguments: tuple[str, ...] | None,
    frame: bool,
    lenient: bool,
    chars: int = CHARS_PER_STEP,
) -> Register:
    def register(run: Made, /) -> Made:
        doc = (run.__doc__ or "").strip()
        for name in names:
            if name:
                table[name] = Entry(name, cast(Run, run), arguments, frame, doc, lenient, chars)
        return run

    return register


@cache
def load() -> None:
    """Import all families once; each registers what it has."""
    for family in ("filters", "functions", "predicates"):
        import_module(f"kapell.expr.{family}")
