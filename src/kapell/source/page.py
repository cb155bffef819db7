"""The page of a type in Markdown, made from its class."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from textwrap import indent
from typing import get_args

from kapell.sdk.catalogue import former_names
from kapell.sdk.prop import Prop, Properties, properties
from kapell.sdk.shape import Shape
from kapell.sdk.task import Example, Void
from kapell.source.outputs import output_of, outputs_of
from kapell.source.types import Kind, examples_of, is_deprecated, kind_of, name_of, named

_FLOW = "id: example\nnamespace: company.team\n"
_LOG = "tasks:\n  - id: hello\n    type: io.kestra.plugin.core.log.Log\n    message: Hello!\n"
_AROUND: dict[Kind, str] = {
    "task": "tasks:\n  - id: {id}\n    type: {type}\n",
    "trigger": _LOG + "triggers:\n  - id: {id}\n    type: {type}\n",
    "condition": _LOG
    + "triggers:\n  - id: after\n    type: io.kestra.plugin.core.trigger.Flow\n    conditions:\n      - type: {type}\n",
    "runner": "tasks:\n  - id: script\n    type: io.kestra.plugin.scripts.shell.Commands\n"
    "    commands: [echo hello]\n    taskRunner:\n      type: {type}\n",
}
_DEPTH: dict[Kind, int] = {"task": 4, "trigger": 4, "condition": 8, "runner": 6}


def doc(type_name: str) -> str:
    """The page of a type, by its name or an unmistakable end of it; raises as `types.named` does."""
    cls = named(type_name)
    name = name_of(cls)
    kind = kind_of(cls)
    lines = [f"# {cls.__name__}", "", f"`{name}`" + (f", a {kind}" if kind else ""), ""]
    if is_deprecated(cls):
        lines += ["**Deprecated:** it works, and new flows should not use it.", ""]
    lines.append(inspect.getdoc(cls) or "")
    for example in examples_of(cls):
        lines += ["", f"## {example.title}", "", "```yaml", full_example(name, cls, example).rstrip(), "```"]
    if declared := properties(cls):
        rows = (row for prop in declared.values() for row in _rows(prop))
        lines += [
            "",
            "## Properties",
            "",
            "| property | takes | expressions | default | |",
            "|---|---|---|---|---|",
            *rows,
        ]
    outputs = list(output_lines(cls))
    if outputs:
        lines += ["", "## Outputs", *outputs]
    if former := former_names(name):
        lines += ["", f"Former names: {', '.join(f'`{old}`' for old in former)}."]
    return "\n".join(lines) + "\n"


def full_example(name: str, cls: type[Properties], example: Example) -> str:
    """An example as a flow that can be saved."""
    kind = kind_of(cls)
    if kind is None:
        return f"type: {name}\n{example.yaml}"
    id = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", cls.__name__).lower()
    around = _AROUND[kind].format(id=id, type=name)
    own = "" if example.yaml.strip() == "{}" else indent(example.yaml.rstrip("\n"), " " * _DEPTH[kind]) + "\n"
    return f"{_FLOW}\n{around}{own}"


def _rows(prop: Prop) -> Iterator[str]:
    for path, found in members(prop):
        default = "required" if found.required else default_text(found.default)
        dynamic = "" if found.mode == "fixed" else "yes"
        yield f"| `{path}` | {shape_text(found.shape)} | {dynamic} | {default} | {cell(found.doc)} |"


def type_lines(cls: type[Properties]) -> Iterator[str]:
    """One type among others: its docstring, properties, outputs, examples, former names."""
    yield inspect.getdoc(cls) or ""
    if declared := properties(cls):
        yield from ("", "| property | takes | default | |", "|---|---|---|---|")
        yield from (row for prop in declared.values() for row in property_rows(prop))
    outputs = list(output_lines(cls))
    if outputs:
        yield from ("", f"Outputs: {outputs[1]}", *outputs[2:])
    for example in examples_of(cls):
        yield from ("", f"{example.title}:", "", "```yaml", example.yaml.rstrip(), "```")
    if cls.aliases:
        yield from ("", f"Former names: {', '.join(f'`{name}`' for name in cls.aliases)}.")


def members(prop: Prop, outer: str = "", inside: tuple[type, ...] = ()) -> Iterator[tuple[str, Prop]]:
    """A property, and what belongs into it, each with its path (`tasks[].dependsOn`)."""
    shape, path = prop.shape, f"{outer}{prop.key}"
    yield path, prop
    while shape.name in {"list", "map"} and shape.items:
        shape, path = shape.items[0], f"{path}{'[]' if shape.name == 'list' else '.*'}"
    if shape.part is not None and shape.part not in inside:
        for member in properties(shape.part).values():
            yield from members(member, f"{path}.", (*inside, shape.part))


def property_rows(prop: Prop) -> Iterator[str]:
    """One property as rows of a table: itself, and what belongs into it."""
    for path, found in members(prop):
        takes = shape_text(found.shape) + ("" if found.mode == "fixed" else ", expressions")
        default = "required" if found.required else default_text(found.default)
        yield f"| `{path}` | {takes} | {default} | {cell(found.doc)} |"


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
    """The outputs of a task: what they are, and a table of them."""
    output = output_of(cls)
    if output is Void:
        return
    given = outputs_of(name_of(cls), cls)
    if output is not None:
        yield from ("", inspect.getdoc(output) or "", "", "| output | is |", "|---|---|")
        yield from (f"| `{key}` | {cell(type_text(one.hint))} |" for key, one in given.items())
    elif given:
        yield from ("", "What the engine says of its run.", "", "| output | is | |", "|---|---|---|")
        yield from (f"| `{key}` | {cell(type_text(one.hint))} | {cell(one.doc)} |" for key, one in given.items())


def type_text(hint: object) -> str:
    """An annotation in words."""
    names: Mapping[object, str] = {str: "text", int: "integer", float: "number", bool: "boolean", object: "any"}
    inner = [member for member in get_args(hint) if member is not type(None)]
    if type(None) in get_args(hint):
        return " or ".join(map(type_text, inner)) + ", or absent"
    if inner and inspect.isclass(origin := getattr(hint, "__origin__", None)):
        return f"{'map' if issubclass(origin, Mapping) else 'list'} of {type_text(inner[-1])}"
    return names.get(hint, "map" if inspect.isclass(hint) and issubclass(hint, Mapping) else "any")


def cell(text: str) -> str:
    """Text within a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|")
