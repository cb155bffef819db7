"""The pages of docs/reference, made from the classes and functions that they describe."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator, Mapping
from typing import get_args, get_type_hints

import kapell.plugins
from kapell.expr import registry as expressions
from kapell.sdk.condition import ConditionType
from kapell.sdk.prop import Prop, Properties, properties
from kapell.sdk.registry import BUILT_IN, module_of
from kapell.sdk.runner import TaskRunner
from kapell.sdk.shape import Shape
from kapell.sdk.task import Example, Output, RunnableTask, TaskType, Void
from kapell.sdk.trigger import TriggerType

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


def type_lines(cls: type[Properties]) -> Iterator[str]:
    """One type: its docstring, properties, outputs, examples, former names."""
    yield inspect.getdoc(cls) or ""
    if declared := properties(cls):
        yield from ("", "| property | takes | default | |", "|---|---|---|---|")
        yield from (row for prop in declared.values() for row in property_rows(prop))
    yield from output_lines(cls)
    examples: tuple[Example, ...] = getattr(cls, "examples", ())
    for example in examples:
        yield from ("", f"{example.title}:", "", "```yaml", example.yaml.rstrip(), "```")
    if cls.aliases:
        yield from ("", f"Former names: {', '.join(f'`{name}`' for name in cls.aliases)}.")


def property_rows(prop: Prop, outer: str = "", inside: tuple[type, ...] = ()) -> Iterator[str]:
    """One property as rows of a table: itself, and what belongs into it (`tasks[].dependsOn`)."""
    takes = shape_text(prop.shape) + ("" if prop.mode == "fixed" else ", expressions")
    default = "required" if prop.required else default_text(prop.default)
    yield f"| `{outer}{prop.key}` | {takes} | {default} | {cell(prop.doc)} |"
    shape, path = prop.shape, f"{outer}{prop.key}"
    while shape.name in {"list", "map"} and shape.items:
        shape, path = shape.items[0], f"{path}{'[]' if shape.name == 'list' else '.*'}"
    if shape.part is not None and shape.part not in inside:
        for member in properties(shape.part).values():
            yield from property_rows(member, f"{path}.", (*inside, shape.part))


def shape_text(shape: Shape) -> str:
    """A shape in words."""
    if shape.name == "enum":
        return " ".join(f"`{value}`" for value in shape.values)
    if shape.name == "union":
        return " or ".join(map(shape_text, shape.items))
    if shape.name == "list" and shape.items[0].name == "task":
        return "tasks"
    if shape.name in {"list", "map"}:
        return f"{shape.name} of {shape_text(shape.items[0])}"
    return {"part": "an object", "plugin": "a type with its properties"}.get(shape.name, shape.name)


def default_text(default: object) -> str:
    """A default as it would stand in YAML; nothing for one that is empty."""
    if default in (None, (), ""):
        return ""
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def output_lines(cls: type[Properties]) -> Iterator[str]:
    """The outputs of a task that runs, as a table."""
    output = output_of(cls)
    if output is None or output is Void:
        return
    hints = get_type_hints(output)
    yield from ("", f"Outputs: {inspect.getdoc(output)}", "", "| output | is |", "|---|---|")
    for name, key in zip(output.__struct_fields__, output.__struct_encode_fields__, strict=True):
        yield f"| `{key}` | {cell(type_text(hints[name]))} |"


def output_of(cls: type[Properties]) -> type[Output] | None:
    """The class of a task's outputs, as its base says: `RunnableTask[ReturnOutput]`."""
    for parent in cls.__mro__:
        for base in getattr(parent, "__orig_bases__", ()):
            for argument in get_args(base):
                if issubclass(parent, RunnableTask) and inspect.isclass(argument) and issubclass(argument, Output):
                    return argument
    return None


def type_text(hint: object) -> str:
    """An annotation in words."""
    names: Mapping[object, str] = {str: "text", int: "integer", float: "number", bool: "boolean", object: "any"}
    members = [member for member in get_args(hint) if member is not type(None)]
    if type(None) in get_args(hint):
        return " or ".join(map(type_text, members)) + ", or absent"
    if members and inspect.isclass(origin := getattr(hint, "__origin__", None)):
        return f"{'map' if issubclass(origin, Mapping) else 'list'} of {type_text(members[-1])}"
    return names.get(hint, "map" if inspect.isclass(hint) and issubclass(hint, Mapping) else "any")


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


def cell(text: str) -> str:
    """Text within a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")
