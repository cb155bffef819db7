"""`kapell check`: all problems of all flows, each with its place; several flows are held against one another."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from kapell.cli.document import print_json
from kapell.cli.reading import YAML_ENDINGS
from kapell.model.problem import Problem
from kapell.source import FlowFile, check, check_all, documents
from kapell.source.read import LONGEST

MOST_BYTES = 4
"""Of a character in UTF-8."""


def check_paths(paths: Sequence[Path], strict: bool, as_json: bool) -> int:
    """Print what is wrong; the exit status."""
    files, missing = _files(paths)
    found, count = [], 0
    for name, problems in _checked(files, paths):
        count += 1
        found += [(name, problem) for problem in problems]
    for path in missing:
        print(f"{path}: no such file, or a folder without {' or '.join(YAML_ENDINGS)}", file=sys.stderr)
    _print_json(found) if as_json else _print_lines(count, found)
    if missing:
        return 2
    worst = {problem.severity for _, problem in found}
    return 1 if "error" in worst or (strict and "warning" in worst) else 0


def _checked(files: Sequence[Path], paths: Sequence[Path]) -> Iterator[tuple[str, list[Problem]]]:
    """The problems of each flow. One alone says nothing about flows that lie elsewhere."""
    readable: list[FlowFile] = []
    for file in files:
        read = _read(file)
        if isinstance(read, FlowFile):
            readable.append(read)
        else:
            yield str(file), [read]
    if len(readable) > 1 or any(path.is_dir() for path in paths) or any(len(documents(f.text)) > 1 for f in readable):
        yield from check_all(readable)
    else:
        yield from ((file.name, check(file.text)) for file in readable)


def _read(file: Path) -> FlowFile | Problem:
    """The text of a file, or why it is none; one that is much too large is not read at all."""
    try:
        size = file.stat().st_size
        if size > MOST_BYTES * LONGEST:
            message = f"the file has {size:,} bytes, {LONGEST:,} characters are the limit of a source"
            return Problem(code="too-large", message=message, line=1, column=1)
        content = file.read_bytes()
    except OSError as error:
        return Problem(code="unreadable", message=f"it can't be read: {error.strerror}", line=1, column=1)
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return FlowFile(str(file), content.decode(encoding))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - content.rfind(b"\n", 0, error.start)
        message = f"byte {error.start} of the file is no {encoding.upper().removesuffix('-SIG')}"
        return Problem(
            code="encoding", message=message, line=line, column=column, remedy="save it in the encoding UTF-8"
        )


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
        yield from sorted(file for file in path.rglob("*") if file.suffix in YAML_ENDINGS and file.is_file())


def _print_lines(count: int, found: Sequence[tuple[str, Problem]]) -> None:
    for file, problem in found:
        print(f"{file}:{problem.line}:{problem.column} {problem.severity} {problem.code} {problem}")
    kinds = ("error", "warning")
    counts = [(kind, sum(problem.severity == kind for _, problem in found)) for kind in kinds]
    words = [f"{count} {kind}{'' if count == 1 else 's'}" for kind, count in counts if count]
    checked = f"{count} flow{'' if count == 1 else 's'} checked"
    print(f"{checked}: {', '.join(words) or 'nothing to mend'}", file=sys.stderr)


def _print_json(found: Sequence[tuple[str, Problem]]) -> None:
    import msgspec

    print_json(
        [{"file": file, "severity": problem.severity, **msgspec.to_builtins(problem)} for file, problem in found]
    )
