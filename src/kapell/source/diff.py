"""What changed between two revisions of a flow: tasks, inputs, triggers … by their id, all else by its path."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from typing import Literal, TypeAlias

from msgspec import UNSET, Struct, UnsetType, to_builtins

from kapell.model.problem import InvalidFlow
from kapell.source.nodes import MapNode, Node, Place, plain
from kapell.source.pieces import Key, Piece, Pieces, What
from kapell.source.problem import TOP, Findings
from kapell.source.read import REFUSED, read

Kind: TypeAlias = Literal["added", "removed", "moved", "changed"]


class Change(Struct, frozen=True, kw_only=True):
    """One change.

    `path` is where it is now (of what was removed: where it was), `line` the line there. Of a property that changed,
    `before` and `after` are its values, absent where it was not written; of what moved they are its places, as JSON
    pointers; of what was added or removed, all that is written there but the members in it.
    """

    kind: Kind
    of: What
    id: str
    path: str
    line: int
    before: object | UnsetType = UNSET
    after: object | UnsetType = UNSET


class FlowDiff(Struct, frozen=True, kw_only=True):
    """All that changed. `text_only`: the texts differ, yet they say the same (comments, order of keys, quotes)."""

    changes: tuple[Change, ...]
    text_only: bool = False

    def to_dict(self) -> dict[str, object]:
        """As JSON has it."""
        found: dict[str, object] = to_builtins(self)
        return found


def compare(before: str, after: str) -> FlowDiff:
    """What changed, what was removed first; raises `InvalidFlow` where one of the texts is no YAML map."""
    old, new = _taken(before), _taken(after)
    changes = (*_removed(old, new), *_there(old, new))
    return FlowDiff(changes=changes, text_only=not changes and before != after)


def _taken(text: str) -> dict[Key, Piece]:
    findings = Findings()
    root = read(text, findings)
    if root is not None and not isinstance(root, MapNode):
        findings.error("yaml", REFUSED + "a flow is a map with id, namespace and tasks", TOP, root)
    if findings.failed or not isinstance(root, MapNode):
        raise InvalidFlow(findings.in_order())
    pieces = Pieces()
    pieces.take(root)
    return pieces.by_key


def _removed(old: dict[Key, Piece], new: dict[Key, Piece]) -> Iterator[Change]:
    for key, piece in old.items():
        if key not in new:
            yield _whole("removed", piece, before=plain(piece.own))


def _there(old: dict[Key, Piece], new: dict[Key, Piece]) -> Iterator[Change]:
    moved = _moved(old, new)
    for key, now in new.items():
        was = old.get(key)
        if was is None:
            yield _whole("added", now, after=plain(now.own))
            continue
        if key in moved:
            yield _whole("moved", now, before=was.place.pointer, after=now.place.pointer)
        yield from _properties(now, was.own, now.own, now.place)


def _whole(kind: Kind, piece: Piece, *, before: object = UNSET, after: object = UNSET) -> Change:
    return Change(
        kind=kind,
        of=piece.what,
        id=piece.id,
        path=piece.place.path,
        line=piece.node.line,
        before=before,
        after=after,
    )


def _moved(old: dict[Key, Piece], new: dict[Key, Piece]) -> set[Key]:
    """What is in another list than before, and as few as explain the new order of those that stayed in theirs."""
    found = {key for key, now in new.items() if key in old and old[key].owner != now.owner}
    stayed: dict[Key, list[Key]] = {}
    for key, now in new.items():
        if key in old and key not in found:
            stayed.setdefault(now.owner, []).append(key)
    for keys in stayed.values():
        still = _longest_rising([old[key].index for key in keys])
        found |= set(keys) - {keys[index] for index in still}
    return found


def _longest_rising(numbers: Sequence[int]) -> list[int]:
    """The positions of a longest rising run among `numbers`."""
    ends: list[int] = []
    last: list[int] = []
    before: list[int] = []
    for index, number in enumerate(numbers):
        slot = bisect_left(ends, number)
        before.append(last[slot - 1] if slot else -1)
        ends[slot : slot + 1] = [number]
        last[slot : slot + 1] = [index]
    way: list[int] = []
    index = last[-1] if last else -1
    while index >= 0:
        way.append(index)
        index = before[index]
    return way[::-1]


def _properties(piece: Piece, was: Node, now: Node, place: Place) -> Iterator[Change]:
    """What differs in the properties of a piece, down to the parts of maps."""
    if isinstance(was, MapNode) and isinstance(now, MapNode):
        for key in dict.fromkeys((*now.entries, *was.entries)):
            before, after, below = was.get(key), now.get(key), place.key(key)
            if before is not None and after is not None:
                yield from _properties(piece, before, after, below)
            elif before is not None or after is not None:
                yield _property(piece, before, after, below, now.line)
    elif not _same(plain(was), plain(now)):
        yield _property(piece, was, now, place, now.line)


def _property(piece: Piece, was: Node | None, now: Node | None, place: Place, line: int) -> Change:
    return Change(
        kind="changed",
        of=piece.what,
        id=piece.id,
        path=place.path,
        line=now.line if now is not None else line,
        before=UNSET if was is None else plain(was),
        after=UNSET if now is None else plain(now),
    )


def _same(before: object, after: object) -> bool:
    """Whether two values are the same in YAML: `1` is not `true`, and not `1.0`."""
    return before == after and repr(before) == repr(after)
