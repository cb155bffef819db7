"""Text → tree, whatever is wrong with the text: read by its indentation alone, for who helps while it is typed.

Only what a line says by itself is read; anchors, tags and values that go on over lines (but blocks) are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from kapell.source.nodes import Entry, ListNode, MapNode, Node, ScalarNode
from kapell.source.problem import Findings
from kapell.source.read import read

_DASH = re.compile(r"-(?: +|$)")
_KEY = re.compile(r"""(?P<key>"[^"]*"\s*|'[^']*'\s*|[^\s#'"{}\[\]&*!|>%@`,:](?:[^:#]|:(?=\S))*):(?:\s+|$)""")
_BLOCK = re.compile(r"[|>][-+0-9]*\s*(?:#.*)?$")
_CLOSE = {"[": "]", "{": "}"}
_COMMENT = re.compile(r"(?:^|\s)#.*$")


@dataclass(slots=True)
class _Frame:
    """A key or an item whose value is being read; `column` is where it begins, -1 for the whole text."""

    key: str | int
    column: int
    owner: MapNode | ListNode | None
    node: Node | None = None


@dataclass(slots=True)
class Spot:
    """Where the cursor is: the steps to the value that it stands in, and what has been typed of it.

    `key` tells whether a key may be typed here. `block` is whether the value is a block of text, and `before` then
    are its lines above; `inline`, whether the map or list around it is in brackets. `column` is where `typed` begins.
    """

    steps: tuple[str | int, ...] = ()
    typed: str = ""
    column: int = 1
    key: bool = True
    block: bool = False
    before: tuple[str, ...] = ()
    inline: bool = False


class Outline:
    """The tree of a text, and where `line` and `column` (both from 1) are in it."""

    def __init__(self, text: str, line: int = 0, column: int = 1) -> None:
        self.rows = text.split("\n")
        self.cursor = (line, column)
        self.spot = Spot()
        self.stack = [_Frame("", -1, None)]
        self.block: int | None = None
        self.block_rows: list[str] = []
        for number, row in enumerate(self.rows, 1):
            if number == line:
                self.at_cursor(number, row[: column - 1])
            self.row(number, row)

    @property
    def root(self) -> MapNode:
        """The whole text; an empty map where it holds none."""
        node = self.stack[0].node
        return node if isinstance(node, MapNode) else MapNode(1, 1)

    def row(self, number: int, row: str) -> None:
        """Take in a line."""
        indent = len(row) - len(row.lstrip(" "))
        if self.block is not None and (not row.strip() or indent > self.block):
            self.block_rows.append(row)
            return
        self.block = None
        if not row.strip() or row.lstrip().startswith(("#", "---")):
            return
        rest = self.structure(number, row, indent)
        if rest is not None and self.stack[-1].column >= 0:
            self.value(number, row, rest)

    def structure(self, number: int, row: str, at: int) -> int | None:
        """Take in the dashes and the key that a line begins with; where its value begins."""
        while dash := _DASH.match(row, at):
            self.item(number, at)
            at = dash.end()
        key = _KEY.match(row, at)
        if key is None:
            return at if row[at:].strip() else None
        self.entry(key["key"].strip().strip("\"'"), number, at)
        return key.end() if row[key.end() :].strip() else None

    def item(self, number: int, at: int) -> None:
        while self.stack[-1].column > at or (
            self.stack[-1].column == at and isinstance(self.stack[-1].key, int) and len(self.stack) > 1
        ):
            self.stack.pop()
        top = self.stack[-1]
        if not isinstance(top.node, ListNode):
            self.put(top, ListNode(number, at + 1))
        owner = top.node
        assert isinstance(owner, ListNode)
        owner.items.append(ScalarNode(None, number, at + 1))
        self.stack.append(_Frame(len(owner.items) - 1, at, owner))

    def entry(self, key: str, number: int, at: int) -> None:
        while self.stack[-1].column >= at:
            self.stack.pop()
        top = self.stack[-1]
        if not isinstance(top.node, MapNode):
            self.put(top, MapNode(number, at + 1))
        owner = top.node
        assert isinstance(owner, MapNode)
        owner.entries.setdefault(key, Entry(ScalarNode(None, number, at + 1), number, at + 1))
        self.stack.append(_Frame(key, at, owner))

    def value(self, number: int, row: str, at: int) -> None:
        """Take in a value that stands on the line of its key or dash."""
        text = row[at:].strip()
        if _BLOCK.match(text):
            self.block, self.block_rows = self.stack[-1].column, []
            self.put(self.stack[-1], ScalarNode("", number, at + 1, text[0]))
            return
        if self.stack[-1].node is None:
            self.put(self.stack[-1], _inline(text, number, at + 1))

    def put(self, frame: _Frame, node: Node) -> None:
        frame.node = node
        if isinstance(frame.owner, MapNode):
            above = frame.owner.entries[str(frame.key)]
            frame.owner.entries[str(frame.key)] = Entry(node, above.line, above.column)
        elif isinstance(frame.owner, ListNode) and isinstance(frame.key, int):
            frame.owner.items[frame.key] = node

    def at_cursor(self, number: int, prefix: str) -> None:
        """Note where the cursor is, before its line is taken in."""
        indent = len(prefix) - len(prefix.lstrip(" "))
        if self.block is not None and (not prefix.strip() or indent > self.block):
            self.spot = self.seen(self.stack, prefix, 1, key=False)
            self.spot.block, self.spot.before = True, tuple(self.block_rows)
            return
        probe = _Probe(self.stack, prefix, indent)
        self.spot = self.seen(probe.frames, prefix[probe.at :], probe.at + 1, key=probe.key)

    def seen(self, frames: Sequence[_Frame], typed: str, column: int, *, key: bool) -> Spot:
        return Spot(tuple(frame.key for frame in frames[1:]), typed, column, key)


class _Probe:
    """The frames that what is typed of the cursor's line would leave."""

    def __init__(self, stack: Sequence[_Frame], prefix: str, indent: int) -> None:
        self.frames = list(stack)
        self.at = indent
        self.key = True
        while dash := _DASH.match(prefix, self.at):
            self.dash(self.at)
            self.at = dash.end()
        if key := _KEY.match(prefix, self.at):
            self.leave(self.at)
            self.frames.append(_Frame(key["key"].strip().strip("\"'"), self.at, None))
            self.at, self.key = key.end(), False
        else:
            self.leave(self.at)

    def dash(self, at: int) -> None:
        while self.frames[-1].column > at or (
            self.frames[-1].column == at and isinstance(self.frames[-1].key, int) and len(self.frames) > 1
        ):
            self.frames.pop()
        node = self.frames[-1].node
        self.frames.append(_Frame(len(node.items) if isinstance(node, ListNode) else 0, at, None))

    def leave(self, at: int) -> None:
        while self.frames[-1].column >= at:
            self.frames.pop()


def _inline(text: str, number: int, column: int) -> Node:
    """A value on one line; one that can't be read is a text."""
    found = read(text, Findings()) or read(text + _closing(text), Findings())
    if found is None:
        return ScalarNode(_COMMENT.sub("", text), number, column)
    _move(found, number - 1, column - 1)
    return found


def _closing(text: str) -> str:
    """The quote and brackets that are missing at the end."""
    missing, quote = "", ""
    for letter in text:
        if quote or letter in "'\"":
            quote = "" if letter == quote else quote or letter
        elif letter in _CLOSE:
            missing = _CLOSE[letter] + missing
        elif missing.startswith(letter):
            missing = missing[1:]
    return quote + missing


def _move(node: Node, lines: int, columns: int) -> None:
    node.line += lines
    node.column += columns
    for inner in _inside(node):
        _move(inner, lines, columns)


def _inside(node: Node) -> Iterator[Node]:
    if isinstance(node, ListNode):
        yield from node.items
    elif isinstance(node, MapNode):
        yield from (entry.value for entry in node.entries.values())
