"""A flow taken to pieces: the members of its lists by their id, each with the properties that are its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from kapell.source.nodes import Entry, ListNode, MapNode, Place

What: TypeAlias = Literal["flow", "task", "input", "output", "trigger", "item"]
Key: TypeAlias = tuple[str, ...]
_OF_A_FLOW: dict[str, What] = {"/inputs": "input", "/outputs": "output", "/triggers": "trigger"}


@dataclass(slots=True, eq=False)
class Piece:
    """A member, or the flow itself: `own` is its map without the members inside, `node` the whole of it.

    `owner` names the list that it stands in, whatever the lists around do; `index` is its place there.
    """

    what: What
    id: str
    node: MapNode
    own: MapNode
    place: Place
    owner: Key = ()
    index: int = 0


@dataclass(slots=True)
class Pieces:
    """The pieces of a flow by a key that lasts from revision to revision."""

    by_key: dict[Key, Piece] = field(default_factory=dict)

    def take(self, root: MapNode) -> None:
        """Take a flow to pieces."""
        flow = Piece("flow", "", root, root, Place())
        self.by_key[("flow",)] = flow
        flow.own = self._own(root, ("flow",), flow, Place(), ())

    def _own(self, node: MapNode, key: Key, piece: Piece, place: Place, way: Key) -> MapNode:
        """`node` without the members in it, which become pieces."""
        own = MapNode(node.line, node.column)
        for name, entry in node.entries.items():
            below = place.key(name)
            if isinstance(entry.value, MapNode):
                inner = self._own(entry.value, key, piece, below, (*way, name))
                if inner.entries or not entry.value.entries:
                    own.entries[name] = Entry(inner, entry.line, entry.column)
            elif isinstance(entry.value, ListNode) and _has_members(entry.value):
                self._members(entry.value, (*key, *way, name), piece, below)
            else:
                own.entries[name] = entry
        return own

    def _members(self, node: ListNode, owner: Key, around: Piece, place: Place) -> None:
        for index, (id, item) in enumerate(_named(node)):
            where = place.item(index, id)
            inner = item.get("task") if item.get("id") is None else item
            assert isinstance(inner, MapNode)
            what = _what(place, inner, around)
            name = f"{around.id}.{id}" if what == "input" and around.what == "input" else id
            key = self._key(what, name, owner)
            piece = self.by_key[key] = Piece(what, name, item, item, where, owner, index)
            piece.own = self._own(inner, key, piece, where if inner is item else where.key("task"), ())
            if inner is not item:
                beside = {key: entry for key, entry in item.entries.items() if key != "task"}
                piece.own.entries.update(beside)

    def _key(self, what: What, id: str, owner: Key) -> Key:
        """Tasks are known by their id wherever they stand, all else within its list; of two the second is another."""
        key: Key = (what, id) if what in ("task", "input", "output", "trigger") else (what, *owner, id)
        while key in self.by_key:
            key = (*key, "again")
        return key


def _named(node: ListNode) -> Iterator[tuple[str, MapNode]]:
    for item in node.items:
        if isinstance(item, MapNode) and (id := _id(item)):
            yield id, item


def _has_members(node: ListNode) -> bool:
    """Whether every item of a list has an id, or is a task with something beside it, as in a Dag."""
    return bool(node.items) and len(list(_named(node))) == len(node.items)


def _id(item: MapNode) -> str | None:
    inner = item.get("task")
    own = item.text("id") or (item.text("name") if item.get("type") is not None else None)
    return own or (inner.text("id") if isinstance(inner, MapNode) else None)


def _what(place: Place, node: MapNode, around: Piece) -> What:
    if place.pointer in _OF_A_FLOW:
        return _OF_A_FLOW[place.pointer]
    if around.what == "input":
        return "input"
    return "task" if "." in (node.text("type") or "") else "item"
