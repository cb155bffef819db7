"""Where a place in a flow's text leads to: which keys may stand there, and which values."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kapell.sdk.prop import Prop, properties
from kapell.sdk.shape import ANY, Plugin, Shape
from kapell.source.nodes import ListNode, MapNode, Node
from kapell.source.schema import input_keys, keys_of
from kapell.source.types import class_of
from kapell.source.vocabulary import DefaultKeys, FlowKeys, TaskKeys, TriggerKeys, TriggerSlot, TypeKeys

FLOW = Shape("part", part=FlowKeys)
_CHOSEN = ("task", "plugin", "input")


@dataclass(frozen=True, slots=True)
class Ground:
    """A place: the shape that is wanted there, what is written there now, and the map or list around it."""

    shape: Shape
    node: Node | None
    prop: Prop | None = None
    around: Ground | None = None

    @property
    def keys(self) -> list[Prop]:
        """The keys that a map may have here; none where it takes any, or where no map is wanted."""
        return _keys(self.shape, self.node if isinstance(self.node, MapNode) else None, self)

    @property
    def written(self) -> frozenset[str]:
        """The keys that are there already."""
        return frozenset(self.node.entries) if isinstance(self.node, MapNode) else frozenset()

    def step(self, key: str | int) -> Ground:
        """One step further."""
        if isinstance(key, int):
            inside = _member(self.shape, "list")
            items = self.node.items if isinstance(self.node, ListNode) else []
            node = items[key] if key < len(items) else None
            return Ground(inside.items[0] if inside else ANY, node, self.prop, self)
        below = self.node.get(key) if isinstance(self.node, MapNode) else None
        prop = next((prop for prop in self.keys if key in (prop.key, *prop.aliases)), None)
        if prop is not None:
            return Ground(prop.shape, below, prop, self)
        inside = _member(self.shape, "map")
        return Ground(inside.items[0] if inside else ANY, below, None, self)


def ground(root: MapNode, steps: Sequence[str | int]) -> Ground:
    """The place that the steps lead to."""
    here = Ground(FLOW, root)
    for step in steps:
        here = here.step(step)
    return here


def shapes_in(shape: Shape) -> tuple[Shape, ...]:
    """The shapes that a value may have: those of a union, or the one."""
    return shape.items if shape.name == "union" else (shape,)


def _member(shape: Shape, name: str) -> Shape | None:
    return next((member for member in shapes_in(shape) if member.name == name), None)


def _keys(shape: Shape, node: MapNode | None, here: Ground) -> list[Prop]:
    type_name = node.text("type") if node else None
    for member in shapes_in(shape):
        if member.part is not None:
            return list(properties(member.part).values())
        if member.name == "input":
            return list(input_keys(type_name))
        if member.name in _CHOSEN:
            cls = class_of(type_name) if type_name else None
            return keys_of(cls) if cls else list(properties(_without_type(member.plugin)).values())
    return _defaulted(here)


def _without_type(plugin: type[Plugin] | None) -> type:
    """The keys of what has no type yet."""
    if plugin is None:
        return TaskKeys
    return TriggerKeys if plugin is TriggerSlot else TypeKeys


def _defaulted(here: Ground) -> list[Prop]:
    """Under `values` of `pluginDefaults`: the properties of the type that it is about."""
    around = here.around
    if here.prop is None or around is None or around.shape.part is not DefaultKeys or here.prop.key != "values":
        return []
    type_name = around.node.text("type") if isinstance(around.node, MapNode) else None
    cls = class_of(type_name) if type_name else None
    return list(properties(cls).values()) if cls else []
