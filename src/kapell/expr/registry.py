"""The tables of filters, functions and tests; their modules fill them through the decorators here.

Python parameters stand for Kestra's arguments by position: the decorator gets Kestra's names, in order.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Made = TypeVar("Made", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Entry:
    """A filter, function or test: what it runs, and Kestra's names of its arguments (None: any number, unnamed).

    With `frame` it is called with the rendering's `Frame` first; filters and tests then get their input.
    """

    name: str
    run: Callable[..., object]
    arguments: tuple[str, ...] | None
    frame: bool

    @property
    def doc(self) -> str:
        """Its documentation: what it does, then one example."""
        return (self.run.__doc__ or "").strip()


FILTERS: dict[str, Entry] = {}
FUNCTIONS: dict[str, Entry] = {}
TESTS: dict[str, Entry] = {}


def filter(name: str, *arguments: str, frame: bool = False, also: str = "") -> Callable[[Made], Made]:  # noqa: A001
    """Register a filter under its name and, with `also`, under the name that 1.x gave it."""
    return _registrar(FILTERS, name, arguments, frame, also)


def function(name: str, *arguments: str, frame: bool = False, also: str = "", varargs: bool = False) -> Callable[[Made], Made]:
    """Register a function; with `varargs` it takes any number of unnamed arguments."""
    return _registrar(FUNCTIONS, name, None if varargs else arguments, frame, also)


def test(name: str, *arguments: str) -> Callable[[Made], Made]:
    """Register a test for `is`."""
    return _registrar(TESTS, name, arguments, False, "")


def _registrar(
    table: dict[str, Entry], name: str, arguments: tuple[str, ...] | None, frame: bool, also: str
) -> Callable[[Made], Made]:
    def register(run: Made) -> Made:
        for alias in filter_empty(name, also):
            table[alias] = Entry(alias, run, arguments, frame)
        return run

    return register


def filter_empty(*names: str) -> list[str]:
    """The names that are there."""
    return [name for name in names if name]


def load() -> None:
    """Import all families once."""
    if not TESTS:
        import kapell.expr.filters
        import kapell.expr.functions
        import kapell.expr.predicates  # noqa: F401
