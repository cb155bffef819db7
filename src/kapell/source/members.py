"""The members of a flow's lists as they stand in the text: their ids, and where to point at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from kapell.source.nodes import ListNode, MapNode, Node, Place


class Member(NamedTuple):
    """An item of a list with an id; `place` and `at` are those of the id."""

    id: str
    node: MapNode
    place: Place
    at: Node


def members(owner: MapNode, place: Place, key: str) -> Iterator[Member]:
    """The items of the list `key` that have an id."""
    node = owner.get(key)
    if not isinstance(node, ListNode):
        return
    for index, item in enumerate(node.items):
        if not isinstance(item, MapNode):
            continue
        id = item.text("id") or item.text("name")
        at = item.get("id") or item.get("name")
        if id and at is not None:
            yield Member(id, item, place.key(key).item(index, id).key("id"), at)


def input_members(owner: MapNode, place: Place, prefix: str = "") -> Iterator[Member]:
    """The inputs, those of a form under the form's id."""
    for member in members(owner, place, "inputs"):
        full = member._replace(id=prefix + member.id)
        yield full
        if member.node.text("type") == "FORM":
            inner = Place(member.place.path.removesuffix(".id"), member.place.pointer.removesuffix("/id"))
            yield from input_members(member.node, inner, f"{full.id}.")
