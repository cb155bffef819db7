"""Keeps files and functions small (600 lines, 60 lines, a word of warning at 400) and named after what they hold."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from scripts.syntax import tree_of

ROOT = Path(__file__).parent.parent
FOLDERS = ("src", "tests", "scripts", "bench")
EXEMPT = {"cases", "data", "generated"}
CATCH_ALLS = {"utils", "util", "common", "misc", "base", "manager", "helpers"}
FILE_WARN, FILE_MOST, FUNCTION_MOST = 400, 600, 60


def long_functions(tree: ast.Module) -> Iterator[tuple[int, str, int]]:
    """Line, name and length of each function that is too long, decorators left out."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_MOST:
                yield node.lineno, node.name, lines


def problems(path: str, source: str) -> tuple[list[str], list[str]]:
    """What fails and what is only worth a thought in one file."""
    lines = source.count("\n")
    errors = [
        f"{path}:{line}: {name} has {length} lines; {FUNCTION_MOST} is the most"
        for line, name, length in long_functions(tree_of(source))
    ]
    if lines > FILE_MOST:
        errors.append(f"{path}:1: {lines} lines; {FILE_MOST} is the most, split it by idea")
    if CATCH_ALLS & set(Path(path).with_suffix("").parts):
        errors.append(f"{path}:1: a name for anything; name it after what it holds")
    warned = FILE_WARN < lines <= FILE_MOST
    return errors, [f"{path}:1: warning: {lines} lines; think of splitting from {FILE_WARN}"] if warned else []


def sources(root: Path) -> Iterator[Path]:
    """Python files that count: not data, not test cases, not generated ones."""
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*.py")):
            if not EXEMPT & set(path.relative_to(root).parts):
                yield path


def main() -> int:
    """Exit code 0 when nothing is too long."""
    errors: list[str] = []
    for path in sources(ROOT):
        failed, warned = problems(str(path.relative_to(ROOT)), path.read_text())
        errors += failed
        for text in warned + failed:
            print(text)
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
