"""Short sources for tests, and types of task that exist in these tests alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from kapell.errors import UnknownType
from kapell.model.flow import Task
from kapell.model.input import Input
from kapell.model.problem import Problem
from kapell.sdk import (
    Cases,
    Children,
    Example,
    Expression,
    FlowableTask,
    Output,
    Part,
    Place,
    RunContext,
    RunnableTask,
    Tasks,
    Templated,
    Void,
    prop,
)
from kapell.sdk.prop import Properties
from kapell.sdk.registry import find as real_find
from kapell.sdk.shape import Plugin
from kapell.source import check

LOG = "{id: t, type: io.kestra.plugin.core.log.Log, message: m}"
"""A task that is right."""


def flow(rest: str = "", tasks: str = LOG) -> str:
    """A source with these tasks (in flow style, without the brackets) and whatever else."""
    return f"id: x\nnamespace: a.b\ntasks: [{tasks}]\n{rest}"


def problems(rest: str = "", tasks: str = LOG, severity: str = "error") -> list[str]:
    """The problems of that source, as text."""
    return [str(p) for p in check(flow(rest, tasks)) if p.severity == severity]


def only(source: str) -> Problem:
    """The one problem of a source."""
    found = check(source)
    assert len(found) == 1, found
    return found[0]


class Weather(Plugin):
    """A kind of type chosen by a property."""


class Rain(Properties, Weather):
    """One of that kind."""

    drops: int = prop("How many.")


class Pocket(Part):
    """A group of properties."""

    size: int = prop("How large.", least=1)
    inner: Task | None = prop("A task in it.", default=None)


class SheetOutput(Output, frozen=True, kw_only=True):
    """Two outputs."""

    row_count: int
    uri: str | None = None


class Sheet(RunnableTask[SheetOutput]):
    """A task with a property of every shape."""

    number: int = prop("A number that is never rendered.", default=1, least=0)
    flag: bool = prop("A boolean.", default=False)
    word: str = prop("A word that must be there.", filled=True, aliases=("term",))
    dynamic: Templated[int] | None = prop("A number that may be an expression.", default=None, least=10)
    lazy: Expression[bool] | None = prop("A condition.", default=None)
    lines: list[str] = prop("Lines.", default=())
    by_name: Mapping[str, int] = prop("Numbers by name.", default={})
    pockets: Sequence[Pocket] = prop("Pockets.", default=())
    asks: tuple[Input, ...] = prop("Inputs.", default=())
    weather: Weather | None = prop("What weather.", default=None)

    examples = (Example("One", "word: x"),)

    def run(self, ctx: RunContext) -> SheetOutput:
        """Nothing to run."""
        raise NotImplementedError


class Box(FlowableTask):
    """A flowable with lists of tasks of every kind."""

    tasks: Tasks = prop("Tasks.", filled=True)
    cases: Cases = prop("Tasks by case.", default={})

    @classmethod
    def check(cls, task: Task) -> Iterable[tuple[str, str]]:
        """One rule."""
        if len(task.branches["tasks"]) > 2:
            yield "", "no more than two"
            yield "tasks[2]", "this one is too much"

    def ready(self, children: Children) -> Sequence[Place]:
        """Nothing to run."""
        return ()


class Old(RunnableTask[Void]):
    """A type that should not be used any more."""

    deprecated = True


TYPES: dict[str, type[Properties]] = {"test.Sheet": Sheet, "test.Box": Box, "test.Rain": Rain, "test.Old": Old}


def find(name: str) -> type[Properties]:
    """As the registry's, with the types above."""
    if name.startswith("test."):
        if name not in TYPES:
            raise UnknownType(name, ("test.Sheet",))
        return TYPES[name]
    return real_find(name)
