"""Writes the generated parts of docs/ from the code; `--check` only tells which are no longer current."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path

from kapell.model.state import ENDED, TRANSITIONS, State
from scripts import reference

ROOT = Path(__file__).parent.parent


def state_table() -> str:
    """Every state, and the states that may follow it: those that go on, and those that end."""
    rows = ["| state | may go on as | may end as |", "|---|---|---|"]
    for state in State:
        name = f"**{state}** (an end)" if state.ended else f"**{state}**"
        on = " ".join(after for after in State if after in TRANSITIONS[state] and not after.ended)
        rows.append(f"| {name} | {on} | {ends(TRANSITIONS[state] & ENDED)} |")
    return "\n".join(rows)


def ends(states: frozenset[State]) -> str:
    """The ends in few words: most states may come to any, SKIPPED is for what never began."""
    if len(ENDED - states) <= 1:
        return " ".join(["any", *(f"but {state}" for state in ENDED - states)])
    return " ".join(state for state in State if state in states)


# Page and name of the part: what it holds. Whole pages have no name.
PARTS: dict[tuple[str, str], Callable[[], str]] = {
    ("docs/why/execution.md", "states"): state_table,
    ("docs/reference/types.md", ""): reference.types_page,
    ("docs/reference/expressions.md", ""): reference.expressions_page,
}


def replaced(page: str, name: str, content: str) -> str:
    """`page` with what stands between the markers of part `name` exchanged; raises `ValueError` without markers."""
    begin, end = f"<!-- generated: {name} (make docs) -->", "<!-- end -->"
    pattern = re.compile(f"({re.escape(begin)}\n).*?({re.escape(end)})", re.DOTALL)
    if not pattern.search(page):
        raise ValueError(f"no part {begin}")
    return pattern.sub(lambda match: f"{match[1]}{content}\n{match[2]}", page, count=1)


def main(arguments: list[str]) -> int:
    """Exit code 0 when all parts are current (or have been written)."""
    stale = []
    for (path, name), make in PARTS.items():
        file = ROOT / path
        page = file.read_text() if file.exists() else ""
        current = replaced(page, name, make()) if name else make()
        if current != page:
            stale.append(f"{path}: not current{f' (part {name})' if name else ''}; `make docs` writes it")
            if "--check" not in arguments:
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(current)
    if "--check" not in arguments:
        return 0
    for text in stale:
        print(text)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
