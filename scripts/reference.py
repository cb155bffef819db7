"""The pages of docs/reference, made from the classes and functions that they describe."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator

import kapell.plugins
from kapell.expr import registry as expressions
from kapell.sdk.condition import ConditionType
from kapell.sdk.prop import Properties
from kapell.sdk.registry import BUILT_IN, module_of
from kapell.sdk.runner import TaskRunner
from kapell.sdk.task import TaskType
from kapell.sdk.trigger import TriggerType
from kapell.source.page import cell, type_lines

COMMON = """\
Beside the properties of its type a task has these; only `id` and `type` are required.

| property | |
|---|---|
| `id` | its name within the flow: letters, digits, `-` and `_` |
| `type` | one of the [tasks](#tasks) below |
| `description` | for people |
| `disabled` | `true` leaves it out, as if it were not written |
| `runIf` | an expression; where it comes to nothing, `false` or `0`, the task is SKIPPED |
| `timeout` | how long an attempt may take (`PT30S`); after that it has failed |
| `retry` | how a failed attempt is tried again: `type` constant, exponential or random, `interval`, `maxAttempts` … |
| `allowFailure` | `true` makes a failure a WARNING, and the flow goes on |
| `allowWarning` | `true` makes a WARNING a SUCCESS |
| `logLevel` | the least severe lines that are kept |""".splitlines()
EXAMPLE = re.compile(r"(?P<what>.*?) (?P<example>\{[{%].*[}%]\}) → (?P<gives>.+)")
KINDS: dict[str, type] = {
    "Tasks": TaskType,
    "Triggers": TriggerType,
    "Conditions": ConditionType,
    "Task runners": TaskRunner,
}


def built_in() -> Iterator[tuple[str, type[Properties]]]:
    """Every type that comes with kapell, by its name."""
    for module in pkgutil.walk_packages(kapell.plugins.__path__, "kapell.plugins."):
        loaded = importlib.import_module(module.name)
        for cls in vars(loaded).values():
            if inspect.isclass(cls) and issubclass(cls, Properties) and cls.__module__ == module.name:
                folders = module.name.removeprefix("kapell.plugins.").split(".")[:-1]
                name = BUILT_IN + ".".join([*(folder.rstrip("_") for folder in folders), cls.__name__])
                if module_of(name) == module.name:
                    yield name, cls


def family_of(name: str) -> str:
    """The folder of a type: `io.kestra.plugin.core.flow.If` is of `core.flow`."""
    return name.removeprefix(BUILT_IN).rpartition(".")[0]


def families() -> list[str]:
    """The folders that hold types."""
    return sorted({family_of(name) for name, _ in built_in()})


def types_page() -> str:
    """docs/reference/types.md: what all tasks have, and a list of all types."""
    found = sorted(built_in())
    lines = ["# Types", "", "What can stand behind `type:` in a flow.", "", *COMMON]
    for title, kind in KINDS.items():
        listed = [f"- [`{name}`]({link(name)}): {summary(cls)}" for name, cls in found if kind in cls.__mro__]
        lines += ["", f"## {title}", "", *listed] if listed else []
    return "\n".join(lines) + "\n"


def family_page(family: str) -> str:
    """docs/reference/types/FAMILY.md: what each of its types does, takes and gives back."""
    lines = [f"# {BUILT_IN}{family}", "", "[All types](../types.md), and what all tasks have."]
    for name, cls in sorted(built_in()):
        if family_of(name) == family:
            lines += ["", f"## {cls.__name__}", "", f"`{name}`", "", *type_lines(cls)]
    return "\n".join(lines) + "\n"


def link(name: str) -> str:
    """From the list of types to a type."""
    return f"types/{family_of(name)}.md#{name.rpartition('.')[2].lower()}"


def expressions_page() -> str:
    """docs/reference/expressions.md: filters, functions and tests."""
    expressions.load()
    lines = ["# Expressions", "", "What can be used between `{{` and `}}`."]
    for title, table, call in (
        ("Filters", expressions.FILTERS, "value | {}"),
        ("Functions", expressions.FUNCTIONS, "{}"),
        ("Tests", expressions.TESTS, "value is {}"),
    ):
        lines += ["", f"## {title}", "", "| written | what it does | example | gives |", "|---|---|---|---|"]
        for name, entry in sorted(table.items()):
            written = call.format(name + signature(entry, parens=title == "Functions"))
            lines.append(f"| {code(written)} | {' | '.join(told(entry.doc))} |")
    return "\n".join(lines) + "\n"


def told(doc: str) -> tuple[str, str, str]:
    """A docstring as cells: what it does, its example, what that gives; the latter are empty where there is none."""
    if found := EXAMPLE.match(" ".join(doc.split())):
        return cell(found["what"]), code(found["example"]), code(found["gives"])
    return cell(doc), "", ""


def signature(entry: expressions.Entry, *, parens: bool) -> str:
    """The arguments of a filter, function or test, in Kestra's names."""
    if entry.arguments is None:
        return "(…)"
    return f"({', '.join(entry.arguments)})" if entry.arguments or parens else ""


def summary(cls: type[Properties]) -> str:
    """The first line of what a type says about itself."""
    return (inspect.getdoc(cls) or "").partition("\n")[0]


def code(text: str) -> str:
    """Code within a cell of a table."""
    return "`" + text.replace("|", "\\|") + "`"
