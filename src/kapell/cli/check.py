"""`kapell check`: all problems of all flows, each with its place; several flows are held against one another."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from kapell.model.problem import Problem
from kapell.source import FlowFile, check, check_all

ENDINGS = (".yaml", ".yml")


def check_paths(paths: Sequence[Path], strict: bool, as_json: bool) -> int:
    """Print what is wrong; the exit status."""
    files, missing = _files(paths)
    found = [(file, problem) for file, problems in _checked(files, paths) for problem in problems]
    for path in missing:
        print(f"{path}: no such file, or a folder without {' or '.join(ENDINGS)}", file=sys.stderr)
    _print_json(found) if as_json else _print_lines(files, found)
    if missing:
        return 2
    worst = {problem.severity for _, problem in found}
    return 1 if "error" in worst or (strict and "warning" in worst) else 0


def _checked(files: Sequence[Path], paths: Sequence[Path]) -> Iterator[tuple[str, list[Problem]]]:
    """The problems of each file. One file alone says nothing about flows that lie elsewhere."""
    read = [FlowFile(str(file), file.read_text(encoding="utf-8", errors="replace")) for file in files]
    if len(read) > 1 or any(path.is_dir() for path in paths):
        yield from check_all(read)
    else:
        yield from ((file.name, check(file.text)) for file in read)


def _files(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    files: list[Path] = []
    missing: list[Path] = []
    for path in paths:
        inside = list(_inside(path))
        files += inside
        missing += [] if inside else [path]
    return list(dict.fromkeys(files)), missing


def _inside(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        yield from sorted(file for file in path.rglob("*") if file.suffix in ENDINGS and file.is_file())


def _print_lines(files: Sequence[Path], found: Sequence[tuple[str, Problem]]) -> None:
    for file, problem in found:
        print(f"{file}:{problem.line}:{problem.column} {problem.severity} {problem.code} {problem}")
    kinds = ("error", "warning")
    counts = [(kind, sum(problem.severity == kind for _, problem in found)) for kind in kinds]
    words = [f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in counts if count]
    checked = f"{len(files)} flow{'' if len(files) == 1 else 's'} checked"
    print(f"{checked}: {', '.join(words) or 'nothing to mend'}", file=sys.stderr)


def _print_json(found: Sequence[tuple[str, Problem]]) -> None:
    import msgspec

    print(json.dumps([{"file": file, **msgspec.to_builtins(problem)} for file, problem in found], indent=2))
