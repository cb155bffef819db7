"""Keeps docs whole: decisions are short and complete, links lead somewhere, what users name has a docstring."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from scripts.syntax import tree_of

ROOT = Path(__file__).parent.parent
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs")
CODE = (
    "src",
    "tests",
    "scripts",
    "bench",
    "docs",
    "examples",
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "Makefile",
)
DOCUMENTED = (
    "src/kapell/plugins",
    "src/kapell/expr/filters",
    "src/kapell/expr/functions",
    "src/kapell/expr/predicates.py",
)
DECISION_LINES = 40
DECISION_PARTS = ("Status", "Context", "Decision", "Price")

LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*$", re.MULTILINE)
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`[^`\n]*`")
# Words that promise work instead of doing it (unless they name an issue), and paths of one person's machine.
PROMISE = re.compile(r"\b(TO[D]O|FIX[M]E|HA[C]K)\b(?! ?\(?#\d+)")
MACHINE_PATH = re.compile(r"(?<![\w.:}/])/(home|Users|root|work)/")


def decision_problems(name: str, text: str) -> Iterator[str]:
    """What a decision lacks: its four parts, shortness, its number in name and title."""
    lines = text.rstrip().splitlines()
    if len(lines) > DECISION_LINES:
        yield f"docs/decisions/{name}:{DECISION_LINES + 1}: {len(lines)} lines; {DECISION_LINES} is the most"
    for part in DECISION_PARTS:
        if not re.search(rf"^(## |\*\*){part}", text, re.MULTILINE):
            yield f"docs/decisions/{name}:1: no part '{part}'"
    if not re.fullmatch(r"\d{4}-[a-z0-9-]+\.md", name) or not text.startswith(f"# {name[:4]} "):
        yield f"docs/decisions/{name}:1: name it NNNN-words.md and begin with '# NNNN '"


def number_problems(names: Iterable[str]) -> Iterator[str]:
    """Decisions are numbered from 0001 without gaps."""
    for expected, name in enumerate(sorted(names), 1):
        if not name.startswith(f"{expected:04}-"):
            yield f"docs/decisions/{name}:1: number {expected:04} expected here"
            return


def anchor(heading: str) -> str:
    """The address of a heading within its page, as Markdown renderers make it."""
    plain = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
    return plain.replace(" ", "-")


def link_problems(page: Path, root: Path) -> Iterator[str]:
    """Relative links of a page that lead to no file, or to no heading of it."""
    text = FENCE.sub(lambda match: "\n" * match[0].count("\n"), page.read_text())
    for number, line in enumerate(text.splitlines(), 1):
        for target in LINK.findall(SPAN.sub("", line)):
            if re.match(r"[a-z]+:", target):
                continue
            path, _, place = target.partition("#")
            file = (page.parent / path).resolve() if path else page
            if not file.exists():
                yield f"{page.relative_to(root)}:{number}: link to {target}: no such file"
            elif place and file.suffix == ".md" and place not in map(anchor, HEADING.findall(file.read_text())):
                yield f"{page.relative_to(root)}:{number}: link to {target}: no such heading"


def undocumented(path: str, source: str) -> Iterator[str]:
    """Public classes and functions (and those that a decorator registers) that say nothing about themselves."""
    for node in tree_of(source).body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef):
            continue
        if node.name.startswith("_") and not is_registered(node):
            continue
        if not (ast.get_docstring(node) or "").strip():
            yield f"{path}:{node.lineno}: {node.name} has no docstring; users see it"


def is_registered(node: ast.ClassDef | ast.FunctionDef) -> bool:
    """Whether a decorator gives it a name in expressions: `@filter("upper")`."""
    calls = [mark.func for mark in node.decorator_list if isinstance(mark, ast.Call)]
    return any(isinstance(call, ast.Name) and call.id in {"filter", "function", "test"} for call in calls)


def word_problems(path: str, text: str) -> Iterator[str]:
    """Promises anywhere, and paths of one machine anywhere but in tests, which have made-up ones."""
    for number, line in enumerate(text.splitlines(), 1):
        if found := PROMISE.search(line) or (not path.startswith("tests/") and MACHINE_PATH.search(line)):
            yield f"{path}:{number}: '{found[0]}' has no place here"


def files(places: Iterable[str], suffixes: tuple[str, ...]) -> Iterator[Path]:
    """Files of these endings at `places` of the repository, sorted."""
    for place in map(ROOT.joinpath, places):
        candidates = [place] if place.is_file() else sorted(place.rglob("*"))
        yield from (path for path in candidates if path.suffix in suffixes and path.is_file())


def changelog_problems(text: str) -> Iterator[str]:
    """The changelog has a place for what comes next."""
    if not re.search(r"^## \[?Unreleased\]?", text, re.MULTILINE):
        yield "CHANGELOG.md:1: no section '## Unreleased'"


def all_problems() -> Iterator[str]:
    """Everything, place first."""
    decisions = {path.name: path.read_text() for path in sorted((ROOT / "docs/decisions").glob("*.md"))}
    yield from number_problems(decisions)
    for name, text in decisions.items():
        yield from decision_problems(name, text)
    yield from changelog_problems((ROOT / "CHANGELOG.md").read_text())
    for page in files(PAGES, (".md",)):
        yield from link_problems(page, ROOT)
    for path in files(DOCUMENTED, (".py",)):
        yield from undocumented(str(path.relative_to(ROOT)), path.read_text())
    for path in files(CODE, (".py", ".md", ".yaml", ".yml", ".sh", ".toml", "")):
        yield from word_problems(str(path.relative_to(ROOT)), path.read_text())


def main() -> int:
    """Exit code 0 when nothing is missing."""
    found = list(all_problems())
    for text in found:
        print(text)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
