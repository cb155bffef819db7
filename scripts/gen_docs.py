"""Writes the generated parts of docs/ from the code; `--check` only tells which are no longer current."""

from __future__ import annotations

import re
import sys
from pathlib import Path

from kapell.model.state import ENDED, TRANSITIONS, State
from scripts import reference

ROOT = Path(__file__).parent.parent
TYPES = "docs/reference/types"


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


def pages() -> dict[str, str]:
    """Every page that is generated, whole or in part, as it should be, by its path."""
    execution = (ROOT / "docs/why/execution.md").read_text()
    return {
        "docs/why/execution.md": replaced(execution, "states", state_table()),
        "docs/reference/expressions.md": reference.expressions_page(),
        "docs/reference/types.md": reference.types_page(),
        **{f"{TYPES}/{family}.md": reference.family_page(family) for family in reference.families()},
    }


def replaced(page: str, name: str, content: str) -> str:
    """`page` with what stands between the markers of part `name` exchanged; raises `ValueError` without markers."""
    begin, end = f"<!-- generated: {name} (make docs) -->", "<!-- end -->"
    pattern = re.compile(f"({re.escape(begin)}\n).*?({re.escape(end)})", re.DOTALL)
    if not pattern.search(page):
        raise ValueError(f"no part {begin}")
    return pattern.sub(lambda match: f"{match[1]}{content}\n{match[2]}", page, count=1)


def main(arguments: list[str]) -> int:
    """Exit code 0 when all pages are current (or have been written)."""
    wanted = pages()
    there = {path: (ROOT / path).read_text() for path in wanted if (ROOT / path).exists()}
    stale = [path for path, text in wanted.items() if there.get(path) != text]
    left = [path for path in sorted((ROOT / TYPES).glob("*.md")) if f"{TYPES}/{path.name}" not in wanted]
    if "--check" in arguments:
        for place in [*stale, *(f"{TYPES}/{path.name}" for path in left)]:
            print(f"{place}: not current; `make docs` writes it")
        return 1 if stale or left else 0
    for page in stale:
        (ROOT / page).parent.mkdir(parents=True, exist_ok=True)
        (ROOT / page).write_text(wanted[page])
    for path in left:
        path.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
