"""The tree that YAML text is read into: values with their places, before anybody asks what they mean."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias


@dataclass(slots=True, eq=False)
class ScalarNode:
    """A single value; lines and columns count from 1. `style` is its quote, `|` or `>` for a block, or nothing."""

    value: str | int | float | bool | None
    line: int
    column: int
    style: str = ""
    size: int = 1
    height: int = 1


@dataclass(slots=True, eq=False)
class ListNode:
    """A list. `size` counts the values in it, aliases expanded; `height` is how deep they go."""

    line: int
    column: int
    items: list[Node] = field(default_factory=list)
    size: int = 1
    height: int = 1


class Entry(NamedTuple):
    """A key's place and its value."""

    value: Node
    line: int
    column: int


@dataclass(slots=True, eq=False)
class MapNode:
    """A map. Its keys are texts as they were written."""

    line: int
    column: int
    entries: dict[str, Entry] = field(default_factory=dict)
    size: int = 1
    height: int = 1

    def get(self, key: str) -> Node | None:
        """The value of `key`; None where it is missing or null."""
        entry = self.entries.get(key)
        if entry is None:
            return None
        value = entry.value
        return None if isinstance(value, ScalarNode) and value.value is None else value

    def text(self, key: str) -> str | None:
        """The value of `key` as text where it is a scalar."""
        node = self.get(key)
        return scalar_text(node.value) if isinstance(node, ScalarNode) else None


Node: TypeAlias = ScalarNode | ListNode | MapNode


class Place(NamedTuple):
    """Where a value stands in the flow: the path as Kestra writes it, and the JSON pointer."""

    path: str = ""
    pointer: str = ""

    def key(self, name: str) -> Place:
        """The place of the member `name`."""
        escaped = name.replace("~", "~0").replace("/", "~1")
        return Place(f"{self.path}.{name}" if self.path else name, f"{self.pointer}/{escaped}")

    def item(self, index: int, id: str | None = None) -> Place:
        """The place of an item of a list, named by its id where it has one."""
        return Place(f"{self.path}[{id or index}]", f"{self.pointer}/{index}")


def plain(node: Node) -> object:
    """The value alone, as expressions will see it. Kestra: what is null in a map is not in it."""
    if isinstance(node, ScalarNode):
        return node.value
    if isinstance(node, ListNode):
        return [plain(item) for item in node.items]
    values = ((key, plain(entry.value)) for key, entry in node.entries.items())
    return {key: value for key, value in values if value is not None}


def scalar_text(value: str | int | float | bool | None) -> str:
    """A scalar as a text property holds it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def is_expression(value: object) -> bool:
    """Whether a text holds an expression, so that its value is not known before it is rendered."""
    return isinstance(value, str) and ("{{" in value or "{%" in value)
