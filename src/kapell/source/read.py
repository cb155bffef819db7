"""Text → tree with places: the first step of a flow's way. Everything that a text can do to us is bounded here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, NoReturn, Protocol

from yaml import MarkedYAMLError, YAMLError
from yaml._yaml import CParser
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.reader import ReaderError

from kapell.source.nodes import Entry, ListNode, MapNode, Node, ScalarNode
from kapell.source.problem import TOP, Findings, Located
from kapell.source.scalars import Malformed, resolve
from kapell.source.words import NEVER_CLOSED, in_words

LONGEST = 10_000_000
DEEPEST = 100
MOST_VALUES = 100_000
_NOT_ALLOWED = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
REFUSED = "Illegal Flow source: YAML parsing error: "


class _Mark(Protocol):
    line: int
    column: int


class Unreadable(Exception):
    """Reading stops here; the findings say why."""


class Spot(NamedTuple):
    """A line and a column."""

    line: int
    column: int


@dataclass(slots=True)
class _Open:
    """A list or map that is being read, the key that waits for its value, and what is merged into it."""

    node: ListNode | MapNode
    anchor: str | None = None
    key: ScalarNode | None = None
    merged: list[Node] | None = None


def read(text: str, findings: Findings) -> Node | None:
    """The tree of the one document in `text`; None where there is none, and then the findings say why."""
    if len(text) > LONGEST:
        size = f"the source has {len(text):,} characters, {LONGEST:,} are the limit"
        findings.error("too-large", REFUSED + size, TOP, Spot(1, 1))
        return None
    try:
        return _Reader(findings).document(text)
    except Unreadable:
        return None


class _Reader:
    def __init__(self, findings: Findings) -> None:
        self.findings = findings
        self.stack: list[_Open] = []
        self.anchors: dict[str, Node | None] = {}
        self.values = 0
        self.root: Node | None = None
        self.documents = 0

    def document(self, text: str) -> Node | None:
        for event in _events(text, self.findings):
            self.take(event)
        if self.root is None or (isinstance(self.root, ScalarNode) and self.root.value in ("", None)):
            self.stop("empty", "No content to map due to end-of-input", Spot(1, 1), "a flow has an id, tasks …")
        return self.root

    def take(self, event: Event) -> None:
        match event:
            case ScalarEvent() if self.documents > 1 and not event.value and not self.stack:
                # Kestra: nothing but the mark of one more document is passed over
                pass
            case ScalarEvent():
                self.scalar(event)
            case MappingStartEvent():
                self.open(MapNode(*_spot(event.start_mark)), event.anchor)
            case SequenceStartEvent():
                self.open(ListNode(*_spot(event.start_mark)), event.anchor)
            case MappingEndEvent() | SequenceEndEvent():
                self.close()
            case AliasEvent():
                self.alias(event.anchor or "", _spot(event.start_mark))
            case DocumentStartEvent():
                self.documents += 1

    def one_more(self, spot: Spot) -> NoReturn:
        remedy = "put each flow into a source of its own, or import them together"
        self.stop("many-documents", "a source holds one flow, here a second begins", spot, remedy)

    def scalar(self, event: ScalarEvent) -> None:
        spot = _spot(event.start_mark)
        style = event.style or ""
        if self.expects_key():
            self.key(ScalarNode(event.value, *spot), merges=event.value == "<<" and not style)
            return
        try:
            value = resolve(event.value, event.tag, bool(style))
        except Malformed as malformed:
            self.findings.error("yaml", REFUSED + str(malformed), TOP, spot)
            value = None
        node = ScalarNode(value, *spot, style)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        self.count(1, spot)
        self.attach(node)

    def expects_key(self) -> bool:
        top = self.stack[-1] if self.stack else None
        return top is not None and isinstance(top.node, MapNode) and top.key is None

    def key(self, key: ScalarNode, merges: bool) -> None:
        top = self.stack[-1]
        top.key = key
        if merges:
            top.merged = top.merged or []

    def open(self, node: ListNode | MapNode, anchor: str | None) -> None:
        spot = Spot(node.line, node.column)
        if self.expects_key():
            self.stop("key", "a key must be a text", spot, 'an expression that begins a value needs quotes: "{{ … }}"')
        if len(self.stack) >= DEEPEST:
            self.stop("too-deep", f"values lie more than {DEEPEST} levels inside each other", spot)
        if anchor is not None:
            self.anchors[anchor] = None
        self.count(1, spot)
        self.stack.append(_Open(node, anchor))

    def close(self) -> None:
        done = self.stack.pop()
        if done.merged and isinstance(done.node, MapNode):
            self.merge(done.node, done.merged)
        if done.anchor is not None:
            self.anchors[done.anchor] = done.node
        self.attach(done.node)

    def alias(self, anchor: str, spot: Spot) -> None:
        if anchor not in self.anchors:
            self.stop("alias", f"`*{anchor}` refers to an anchor that is not there", spot)
        node = self.anchors[anchor]
        if node is None:
            self.stop("alias", f"`*{anchor}` refers to a value that it is part of", spot)
        elif self.expects_key():
            self.stop("key", "a key must be a text", spot)
        else:
            if len(self.stack) + node.height > DEEPEST:
                self.stop("too-deep", f"values lie more than {DEEPEST} levels inside each other", spot)
            self.count(node.size, spot)
            self.attach(node)

    def count(self, values: int, spot: Spot) -> None:
        if self.documents > 1:
            self.one_more(spot)
        self.values += values
        if self.values > MOST_VALUES:
            self.stop("too-many", f"the source holds more than {MOST_VALUES:,} values, aliases expanded", spot)

    def attach(self, node: Node) -> None:
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        owner = top.node
        owner.size += node.size
        owner.height = max(owner.height, node.height + 1)
        if isinstance(owner, ListNode):
            owner.items.append(node)
            return
        key, top.key = top.key, None
        assert key is not None
        if key.value == "<<" and top.merged is not None:
            top.merged.append(node)
        else:
            self.put(owner, str(key.value), Entry(node, key.line, key.column))

    def put(self, owner: MapNode, key: str, entry: Entry) -> None:
        first = owner.entries.get(key)
        if first is not None:
            where = f"first on line {first.line}, again on line {entry.line}"
            self.findings.error("duplicate-key", f"{REFUSED}Duplicate field '{key}': {where}", TOP, entry)
            return
        owner.entries[key] = entry

    def merge(self, node: MapNode, merged: list[Node]) -> None:
        own = dict(node.entries)
        node.entries.clear()
        for source in _sources(merged):
            if not isinstance(source, MapNode):
                self.findings.error("merge", REFUSED + "`<<` merges maps only", TOP, source)
                continue
            self.count(source.size, Spot(source.line, source.column))
            for key, entry in source.entries.items():
                node.entries.setdefault(key, entry)
        node.entries.update(own)

    def stop(self, code: str, message: str, at: Located, remedy: str = "") -> NoReturn:
        self.findings.error(code, REFUSED + message, TOP, at, remedy)
        raise Unreadable


def _sources(merged: list[Node]) -> Iterator[Node]:
    for node in merged:
        if isinstance(node, ListNode):
            yield from node.items
        else:
            yield node


def _spot(mark: _Mark | None) -> Spot:
    return Spot(mark.line + 1, mark.column + 1) if mark else Spot(1, 1)


def _events(text: str, findings: Findings) -> Iterator[Event]:
    try:
        parser = CParser(text)
        while (event := parser.get_event()) is not None:
            yield event
    except MarkedYAMLError as error:
        spot = _spot(_telling(error))
        message, remedy = in_words(error.problem or "", error.context or "", _line(text, spot.line), spot.column)
        findings.error("yaml", f"{REFUSED}{message} (line {spot.line}, column {spot.column})", TOP, spot, remedy)
        raise Unreadable from None
    except (ReaderError, UnicodeError) as error:
        spot, bad = _first_bad(text)
        findings.error("yaml", f"{REFUSED}a character that YAML does not allow: U+{ord(bad):04X}", TOP, spot)
        raise Unreadable from error
    except YAMLError as error:
        findings.error("yaml", f"{REFUSED}{error}", TOP, Spot(1, 1))
        raise Unreadable from None


def _telling(error: MarkedYAMLError) -> _Mark | None:
    """Where to look: for what is never closed, where it was opened."""
    mark: _Mark | None = error.problem_mark or error.context_mark
    unclosed = error.problem in NEVER_CLOSED and "quoted scalar" in (error.context or "")
    return error.context_mark if unclosed and error.context_mark else mark


def _line(text: str, line: int) -> str:
    rows = text.splitlines()
    return rows[line - 1] if 0 < line <= len(rows) else ""


def _first_bad(text: str) -> tuple[Spot, str]:
    found = _NOT_ALLOWED.search(text)
    at = found.start() if found else 0
    return Spot(text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)), text[at]
