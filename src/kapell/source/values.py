"""The properties of a type, as a flow gives them: each held against the shape that its class declares."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from kapell.errors import BrokenPlugin, MissingExtra, TypeNotBuilt, UnknownType
from kapell.model.flow import Task
from kapell.sdk.prop import Prop, Properties, properties
from kapell.sdk.registry import canonical, find
from kapell.sdk.shape import Mismatch, Shape, convert
from kapell.source.defaults import Defaults
from kapell.source.fields import NOT_EMPTY, NOT_NULL, Fields, shown
from kapell.source.inputs import read_inputs
from kapell.source.nodes import ListNode, MapNode, Node, Place, ScalarNode, is_expression, plain
from kapell.source.problem import Findings

CALLS = frozenset(f"io.kestra.plugin.core.flow.{name}" for name in ("Subflow", "ForEachItem"))
"""Types of tasks that call a flow."""
Branches = dict[str, list[Task]]
ReadTask = Callable[[MapNode, Place], Task]
_KINDS: dict[str, tuple[type, ...]] = {
    "text": (str, int, float, bool),
    "enum": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "duration": (str, int, float),
}
_BOOLEAN_WORDS = frozenset({"true", "True", "TRUE", "false", "False", "FALSE", ""})


@dataclass(slots=True)
class Values:
    """Reads properties; the tasks found in them are made by `read_task` and gathered in `branches` by property."""

    findings: Findings
    defaults: Defaults
    read_task: ReadTask
    branches: Branches = field(default_factory=dict)

    def of(self, owner: type, fields: Fields) -> dict[str, object]:
        """The properties of `owner` by their name in Python, as written; those that are not given are left out."""
        given: dict[str, object] = {}
        for name, prop in properties(owner).items():
            node = fields.node(prop.key, *prop.aliases)
            key = next((key for key in (prop.key, *prop.aliases) if key in fields.map.entries), prop.key)
            if node is not None:
                value = _Reader(self, prop).value(prop.shape, node, fields.place.key(key), prop.key)
                if value is not None:
                    given[name] = value
            self.complete(prop, fields, key, given.get(name))
        return given

    def plugin(self, node: MapNode, place: Place, kind: type | None = None) -> dict[str, object]:
        """What a flow chooses by its `type` inside a property: a condition, a task runner; kept as it is written."""
        fields = Fields(node, place, self.findings)
        type_name = fields.text("type")
        found = look_up(fields, type_name, kind)
        if found is not None and type_name is not None:
            fields = Fields(self.defaults.apply(node, type_name), place, self.findings)
            fields.known.add("type")
            values = self.of(found, fields)
            fields.refuse_unknown(canonical(type_name))
            keys = {name: prop.key for name, prop in properties(found).items()}
            return {"type": type_name, **{keys[name]: value for name, value in values.items()}}
        value = plain(node)
        return value if isinstance(value, dict) else {}

    def complete(self, prop: Prop, fields: Fields, key: str, value: object) -> None:
        """Report a property that must be there, or must hold something, or must not be so small."""
        node = fields.node(key)
        if node is None and not prop.required:
            return
        empty = node is None or _is_empty(node)
        if prop.filled and empty:
            self.unfilled(prop, fields, key, missing=node is None)
        elif empty and prop.key == "namespace" and canonical(fields.map.text("type") or "") in CALLS:
            fields.wrong(key, NOT_EMPTY, "missing")
        elif node is None:
            fields.wrong(key, NOT_NULL, "missing")
        elif prop.least is not None and isinstance(value, int | float) and value < prop.least:
            report = fields.wrong if prop.mode == "fixed" else fields.doubtful
            report(key, f"must be greater than or equal to {prop.least:g}")

    def unfilled(self, prop: Prop, fields: Fields, key: str, *, missing: bool) -> None:
        """Report what holds nothing, in Kestra's words for its kind."""
        if prop.shape.name == "list" and prop.shape.items[0].name == "task" and key == "tasks":
            fields.wrong(key, "The 'tasks' property cannot be empty", "missing")
            return
        if missing:
            fields.wrong(key, NOT_NULL, "missing")
        fields.wrong(key, "must not be blank" if prop.shape.name == "text" else NOT_EMPTY, "missing")
        if key == "tasks":
            # Kestra: a Dag says it of itself as well
            fields.findings.error("missing", "No task defined", fields.place, fields.map)


class _Reader:
    """Reads one property. What Kestra would only find when it renders the value is a warning."""

    def __init__(self, values: Values, prop: Prop) -> None:
        self.values = values
        self.findings = values.findings
        self.fixed = prop.mode == "fixed"

    def value(self, shape: Shape, node: Node, place: Place, branch: str) -> object:
        """The value as written, with its tasks and inputs read."""
        if isinstance(node, ScalarNode):
            return self.scalar(shape, node, place)
        if shape.name == "union":
            shape = _member(shape, node)
        match shape.name, node:
            case "task", MapNode():
                return self.task(node, place, branch)
            case "input", MapNode():
                return next(iter(read_inputs([(node, place)], self.findings)), None)
            case "plugin", MapNode():
                return self.values.plugin(node, place, shape.plugin)
            case "part", MapNode() if shape.part is not None:
                return self.part(shape.part, node, place, branch)
            case "map", MapNode():
                return self.map(shape.items[0], node, place, branch)
            case "list", ListNode():
                return self.list(shape.items[0], node, place, branch)
            case "list" | "map" | "part" | "task" | "input" | "plugin", _:
                self.mismatch(_expected(shape), place, node)
                return None
            case "text", _ if self.fixed:
                self.mismatch("must be a text", place, node)
                return None
            case "boolean", _:
                self.mismatch("must be true or false", place, node)
                return None
        return self.converted(shape, node, place)

    def task(self, node: MapNode, place: Place, branch: str) -> Task:
        task = self.values.read_task(node, place)
        self.values.branches.setdefault(branch, []).append(task)
        return task

    def part(self, part: type, node: MapNode, place: Place, branch: str) -> dict[str, object]:
        fields = Fields(node, place, self.findings)
        given: dict[str, object] = {}
        for prop in properties(part).values():
            member = fields.node(prop.key, *prop.aliases)
            if member is not None:
                given[prop.key] = _Reader(self.values, prop).value(prop.shape, member, place.key(prop.key), branch)
            self.values.complete(prop, fields, prop.key, given.get(prop.key))
        fields.refuse_unknown(part.__name__)
        return given

    def map(self, shape: Shape, node: MapNode, place: Place, branch: str) -> dict[str, object]:
        found = {}
        for key in node.entries:
            member = node.get(key)
            if member is not None:
                found[key] = self.value(shape, member, place.key(key), f"{branch}.{key}")
        return found

    def list(self, shape: Shape, node: ListNode, place: Place, branch: str) -> object:
        found = []
        for index, item in enumerate(node.items):
            if isinstance(item, ScalarNode) and item.value is None and shape.name in ("task", "input", "part"):
                # Kestra: nothing as an item of such a list is no item.
                continue
            id = item.text("id") if isinstance(item, MapNode) else None
            found.append(self.value(shape, item, place.item(index, id), branch))
        return tuple(item for item in found if item is not None) if shape.name in ("task", "input") else found

    def scalar(self, shape: Shape, node: ScalarNode, place: Place) -> object:
        value = node.value
        if value is None or shape.name in ("any", "text"):
            return value
        if is_expression(value):
            self.expression(shape, place, node)
            return value
        if value == "" and shape.name in ("list", "map", "part", "task", "input", "plugin"):
            return None
        if shape.name == "boolean" and self.fixed:
            return self.boolean(value, place, node)
        if shape.name in ("part", "task", "input", "plugin"):
            self.mismatch(_expected(shape), place, node)
            return None
        return self.converted(shape, node, place)

    def boolean(self, value: str | int | float | bool, place: Place, node: Node) -> object:
        if isinstance(value, float) or (isinstance(value, str) and value not in _BOOLEAN_WORDS):
            self.mismatch(f"`{shown(value)}` is neither true nor false", place, node)
            return None
        return value.lower() == "true" if isinstance(value, str) else bool(value)

    def converted(self, shape: Shape, node: Node, place: Place) -> object:
        value = plain(node)
        try:
            convert(shape, value)
        except Mismatch as mismatch:
            self.mismatch(str(mismatch), place, node)
        return value

    def expression(self, shape: Shape, place: Place, node: Node) -> None:
        if self.fixed and shape.name in ("integer", "number", "boolean", "duration", "enum"):
            message = "an expression is not evaluated here"
            self.findings.warning("fixed-property", message, place, node, f"write the {shape.name} itself")

    def mismatch(self, message: str, place: Place, node: Node) -> None:
        report = self.findings.error if self.fixed else self.findings.warning
        report("wrong-value", message, place, node)


def look_up(fields: Fields, name: str | None, kind: type | None) -> type[Properties] | None:
    """The class of a type that must be a `kind`; None where it can't be had, which is reported."""
    if name is None:
        fields.wrong("type", "Invalid type: <null>", "missing", "every task, trigger and runner names its type")
        return None
    try:
        found = find(name)
    except UnknownType as error:
        remedy = f"did you mean `{error.near[0]}`?" if error.near else ""
        fields.wrong("type", f"Invalid type: {shown(name)}", "unknown-type", remedy)
    except TypeNotBuilt as error:
        fields.wrong("type", f"{error}", "type-not-built", "kapell does not have this type of Kestra yet")
    except MissingExtra as error:
        fields.wrong("type", f"{error}", "missing-extra")
    except BrokenPlugin as error:
        fields.wrong("type", f"{shown(name)} can't be loaded: {error}", "broken-type")
    except Exception as error:
        # a plugin is anybody's code, and its import may do anything
        fields.wrong("type", f"{shown(name)} can't be loaded: {shown(str(error))}", "broken-type")
    else:
        if kind is None or issubclass(found, kind):
            if name != canonical(name):
                message = f"{name} is replaced by {canonical(name)}"
                fields.findings.info("renamed-type", message, fields.place.key("type"), fields.at("type"))
            return found
        fields.wrong("type", f"Invalid type: {shown(name)}", "unknown-type", "a type of this name has another place")
    return None


def _is_empty(node: Node) -> bool:
    if isinstance(node, ListNode):
        return all(isinstance(item, ScalarNode) and item.value is None for item in node.items)
    return not node.entries if isinstance(node, MapNode) else node.value == ""


def _member(union: Shape, node: Node) -> Shape:
    fitting = ("map", "part", "plugin", "task", "input") if isinstance(node, MapNode) else ("list",)
    for names in (fitting, ("any", "text")):
        for member in union.items:
            if member.name in names:
                return member
    return union


def _expected(shape: Shape) -> str:
    words = {"list": "a list", "task": "a task: a map with id and type", "input": "an input: a map with id and type"}
    return f"must be {words.get(shape.name, 'a map')}"
