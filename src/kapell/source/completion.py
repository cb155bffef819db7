"""What can be written at a place in a flow's text, whether the text can be read or not."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from msgspec import Struct

from kapell.sdk.prop import Prop, properties
from kapell.sdk.shape import Shape
from kapell.sdk.task import TaskType
from kapell.source.brackets import into_brackets
from kapell.source.calls import FlowLookup, call_of
from kapell.source.ground import Ground, ground, shapes_in
from kapell.source.members import input_members
from kapell.source.nodes import ListNode, MapNode
from kapell.source.outline import Outline, Spot
from kapell.source.page import shape_text
from kapell.source.problem import TOP
from kapell.source.shapes import default_of
from kapell.source.types import is_deprecated, of_kind, told
from kapell.source.vocabulary import MUTE, DependsOnKeys, TaskKeys, TriggerKeys

CompletionKind = Literal["key", "value", "type", "task", "variable", "filter", "function", "test", "tag"]
_OPEN = re.compile(r"\{\{|\{%")
_CLOSE = {"{{": "}}", "{%": "%}"}
_COMMON = frozenset((prop.key, prop.doc) for keys in (TaskKeys, TriggerKeys) for prop in properties(keys).values())


class Completion(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something that can be written.

    `insert` goes in place of what stands from `column` (counted from 1) to the cursor; `label` is what to show for
    it, `detail` a few words beside that, `documentation` Markdown.
    """

    label: str
    kind: CompletionKind
    detail: str = ""
    documentation: str = ""
    insert: str
    column: int


def complete(text: str, line: int, column: int, flows: FlowLookup | None = None) -> list[Completion]:
    """What can be written at `line` and `column` (both from 1), the likeliest first.

    With `flows` the inputs of a flow that a task calls are known.
    """
    outline = Outline(text, line, column)
    spot = outline.spot
    written = "\n".join((*spot.before, spot.typed))
    if opened := _opened(written):
        from kapell.source.suggestion import suggestions

        return suggestions(text, outline, opened, column, flows)
    if spot.block:
        return []
    inner = into_brackets(spot)
    here = ground(outline.root, inner.steps)
    asked = _asked(here, inner, outline.root, flows)
    found = _keys(here, inner, asked) if inner.key and not inner.typed.startswith(("'", '"')) else []
    if not found and not (inner.key and here.keys):
        found = list(_values(here, inner, outline.root))
    return _fitting(found, inner.typed.strip("'\" "))


def _opened(written: str) -> tuple[str, str] | None:
    """The opening bracket and the text of the expression that is being typed, None outside of one."""
    last = next(iter(reversed(list(_OPEN.finditer(written)))), None)
    if last is None or _CLOSE[last[0]] in written[last.end() :]:
        return None
    return last[0], written[last.end() :]


def _keys(here: Ground, spot: Spot, asked: Mapping[str, str]) -> list[Completion]:
    wanted = [prop for prop in here.keys if not prop.doc.startswith((*MUTE, "Deprecated"))]
    open_props = [prop for prop in wanted if not here.written & {prop.key, *prop.aliases} or _is_typed(prop, spot)]
    if not wanted and (inside := _item_keys(here)):
        return [_item(inside, spot)]
    if not wanted:
        return [_input(id, type_name, spot) for id, type_name in asked.items() if id not in here.written]
    return [_key(prop, spot) for prop in sorted(open_props, key=_rank)]


def _rank(prop: Prop) -> int:
    """What is required comes first, then what the type has, then what all have."""
    return 0 if prop.required else 1 + ((prop.key, prop.doc) in _COMMON)


def _asked(here: Ground, spot: Spot, root: MapNode, flows: FlowLookup | None) -> Mapping[str, str]:
    """The inputs that can be given here, with their types: the flow's own in a trigger, in a task those of its flow."""
    if here.prop is None or here.prop.key != "inputs" or here.shape.name != "map" or here.around is None:
        return {}
    if spot.steps[:1] == ("triggers",):
        found = ((member.id, member.node.text("type") or "") for member in input_members(root, TOP))
        return {id: type_name for id, type_name in found if type_name != "FORM"}
    task = here.around.node
    call = call_of(task, root.text("namespace") or "") if isinstance(task, MapNode) else None
    target = flows.find(*call) if flows is not None and call is not None else None
    return {declared.id: declared.type for declared in target.inputs} if target is not None else {}


def _input(id: str, type_name: str, spot: Spot) -> Completion:
    return Completion(label=id, kind="key", detail=type_name, insert=f"{id}: ", column=spot.column)


def _is_typed(prop: Prop, spot: Spot) -> bool:
    return spot.typed.strip() == prop.key


def _key(prop: Prop, spot: Spot) -> Completion:
    detail = shape_text(prop.shape) + (", required" if prop.required else "")
    default = default_of(prop)
    documentation = prop.doc if default is None else f"{prop.doc}\n\nDefault: `{_text(default)}`"
    return Completion(
        label=prop.key,
        kind="key",
        detail=detail,
        documentation=documentation,
        insert=prop.key + (": " if spot.inline else _after(prop.shape, " " * (spot.column + 1))),
        column=spot.column,
    )


def _after(shape: Shape, indent: str) -> str:
    """What follows a key: its value on the same line, or the beginning of a list or map below."""
    name = shapes_in(shape)[0].name
    if name == "list":
        return f":\n{indent}- "
    return f":\n{indent}" if name in ("map", "part", "task", "input", "plugin") else ": "


def _item_keys(here: Ground) -> list[Prop]:
    """The keys of the items, where a list of maps is wanted and no item has been begun."""
    if any(shape.name == "list" for shape in shapes_in(here.shape)) and not isinstance(here.node, MapNode):
        return [prop for prop in here.step(10**9).keys if prop.required]
    return []


def _item(keys: Sequence[Prop], spot: Spot) -> Completion:
    indent = "\n" + " " * (spot.column + 1)
    return Completion(
        label="- " + ", ".join(prop.key for prop in keys),
        kind="value",
        detail="an item",
        insert="- " + indent.join(f"{prop.key}: " for prop in keys),
        column=spot.column,
    )


def _values(here: Ground, spot: Spot, root: MapNode) -> Iterator[Completion]:
    around = here.around
    if here.prop is not None and here.prop.key == "type" and around is not None and here.shape.name == "text":
        yield from _types(around.shape, spot)
        return
    yield from _ids(here, spot, root)
    for shape in shapes_in(here.shape):
        for word in _words(shape):
            yield _value(word, here.prop, spot)
    default = default_of(here.prop) if here.prop is not None else None
    if here.shape.name in ("text", "integer", "number", "duration") and default is not None:
        yield _value(_text(default), here.prop, spot)


def _words(shape: Shape) -> Sequence[str]:
    return shape.values if shape.name == "enum" else ("true", "false") if shape.name == "boolean" else ()


def _value(word: str, prop: Prop | None, spot: Spot) -> Completion:
    is_default = prop is not None and _text(default_of(prop)) == word
    detail = "default" if is_default else ""
    return Completion(label=word, kind="value", detail=detail, insert=word, column=spot.column)


def _types(shape: Shape, spot: Spot) -> Iterator[Completion]:
    kind = TaskType if shape.name == "task" else shape.plugin
    found = of_kind(kind).items() if kind else ()
    for name, cls in sorted(found, key=lambda pair: is_deprecated(pair[1])):
        title, rest = told(cls)
        yield Completion(
            label=name,
            kind="type",
            detail="deprecated" if is_deprecated(cls) else "",
            documentation=f"{title}\n\n{rest}".strip(),
            insert=name,
            column=spot.column,
        )


def _ids(here: Ground, spot: Spot, root: MapNode) -> Iterator[Completion]:
    """Ids of tasks or inputs, where a property lists those that something depends on."""
    ids: list[str] = []
    around = here.around
    owner = around.around if around is not None and around.shape.name in ("list", "union") else around
    if owner is None or here.prop is None or not isinstance(owner.node, MapNode):
        return
    if owner.shape.part is DependsOnKeys and here.prop.key == "inputs":
        ids = _all_ids(root.get("inputs"), owner.around)
    elif here.prop.key == "dependsOn" and any(prop.shape.name == "task" for prop in owner.keys):
        tasks = owner.around.node if owner.around else None
        ids = [id for id in _task_ids(tasks) if id != _task_id(owner.node)]
    for id in ids:
        yield Completion(label=id, kind="task", insert=id, column=spot.column)


def _all_ids(inputs: object, own: Ground | None) -> list[str]:
    mine = own.node.text("id") if own is not None and isinstance(own.node, MapNode) else None
    items = inputs.items if isinstance(inputs, ListNode) else []
    ids = [item.text("id") for item in items if isinstance(item, MapNode)]
    return [id for id in ids if id and id != mine]


def _task_ids(tasks: object) -> Iterator[str]:
    for item in tasks.items if isinstance(tasks, ListNode) else ():
        if isinstance(item, MapNode) and (id := _task_id(item)):
            yield id


def _task_id(entry: MapNode) -> str | None:
    task = entry.get("task")
    return task.text("id") if isinstance(task, MapNode) else None


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _fitting(found: list[Completion], typed: str) -> list[Completion]:
    """Those that fit what has been typed: first what begins with it, then what has it inside."""
    word = typed.lower()
    inside = [one for one in found if word in one.label.lower()]
    return sorted(inside, key=lambda one: _begins(one, word)) if word else found


def _begins(one: Completion, word: str) -> bool:
    """False, and so sorted before the others, where its label or the last word of a type's name begins with `word`."""
    label = one.label.lower()
    return not label.startswith(word) and not label.rpartition(".")[2].startswith(word)
