"""`kapell flow`: what comes after what in a flow, and what changed between two of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from difflib import unified_diff
from pathlib import Path

from msgspec import UNSET

from kapell.cli.document import print_json
from kapell.cli.reading import BadArgument, read_text
from kapell.model.problem import InvalidFlow
from kapell.source import Change, FlowDiff, compare, flow_graph
from kapell.source.drawing import mermaid, tree

SAME = 0
DIFFERENT = 1
INVALID = 1
UNREADABLE = 2
LONGEST = 120
MOST_LINES = 2000


def show_graph(file: Path, manner: str) -> int:
    """Print the graph as `text`, `mermaid` or `json`; the exit status."""
    try:
        graph = flow_graph(read_text(file))
    except BadArgument as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    except InvalidFlow as invalid:
        _complain(file, invalid)
        return INVALID
    if manner == "json":
        print_json(graph.to_dict())
    else:
        print(mermaid(graph) if manner == "mermaid" else tree(graph), end="")
    return 0


def show_diff(before: Path, after: Path, as_json: bool) -> int:
    """Print what changed, a line for each change; the exit status."""
    texts = []
    try:
        for file in (before, after):
            texts.append(read_text(file))
            compare(texts[-1], texts[-1])
        found = compare(*texts)
    except BadArgument as error:
        print(error, file=sys.stderr)
        return UNREADABLE
    except InvalidFlow as invalid:
        _complain(file, invalid)
        return UNREADABLE
    if as_json:
        print_json(found.to_dict())
    else:
        for change in found.changes:
            print("\n".join(_told(change)))
    print(_sum(found), file=sys.stderr)
    return DIFFERENT if found.changes else SAME


def _complain(file: Path, invalid: InvalidFlow) -> None:
    for problem in invalid.problems:
        place = f"{file}:{problem.line}:{problem.column}"
        print(f"{place} {problem.severity} {problem.code} {problem}", file=sys.stderr)


def _sum(found: FlowDiff) -> str:
    if found.text_only:
        return "only the text differs: comments, the order of keys, quotes"
    count = len(found.changes)
    return f"{count} change{'' if count == 1 else 's'}" if count else "nothing differs"


def _told(change: Change) -> Iterator[str]:
    """A change in words; texts of several lines are shown line by line."""
    before, after = change.before, change.after
    if change.kind in ("added", "removed"):
        yield f"{change.kind:8} {change.of} {change.id}  {change.path}, line {change.line}"
    elif change.kind == "moved":
        yield f"moved    {change.of} {change.id}  {before} → {after}"
    elif isinstance(before, str) and isinstance(after, str) and "\n" in before + after:
        yield f"changed  {change.path}"
        yield from (f"         {line}" for line in _by_line(before, after))
    elif before is UNSET:
        yield f"changed  {change.path}: {_short(after)} is new"
    elif after is UNSET:
        yield f"changed  {change.path}: {_short(before)} is gone"
    else:
        yield f"changed  {change.path}: {_short(before)} → {_short(after)}"


def _by_line(before: str, after: str) -> Iterator[str]:
    old, new = before.splitlines(), after.splitlines()
    if len(old) + len(new) > MOST_LINES:
        yield f"{len(old):,} lines → {len(new):,} lines"
        return
    yield from (line for line in unified_diff(old, new, lineterm="", n=1) if not line.startswith(("---", "+++", "@@")))


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
