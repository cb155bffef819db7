"""What the command line names is read here: files of text, of values, of variables, and `NAME=VALUE`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from kapell.errors import KapellError

YAML_ENDINGS = (".yaml", ".yml")
STANDARD_INPUT = Path("-")


class BadArgument(KapellError):
    """Something on the command line is not what it should be."""


def read_text(file: Path) -> str:
    """The text of a file, of standard input for `-`; raises `BadArgument`, which names it."""
    try:
        return sys.stdin.read() if file == STANDARD_INPUT else file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise BadArgument(f"{file}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise BadArgument(f"{file}: byte {error.start} is not UTF-8") from None


def folder(path: Path) -> Path:
    """The path, if it is a folder; raises `BadArgument`."""
    if path.is_dir():
        return path
    raise BadArgument(f"{path}: {'not a folder' if path.exists() else 'no such folder'}")


def pairs(texts: Sequence[str], option: str) -> list[tuple[str, str]]:
    """Texts `NAME=VALUE`, taken apart."""
    found = []
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise BadArgument(f"{option} {text}: write it as NAME=VALUE")
        found.append((name, value))
    return found


def values_of(file: Path | None, what: str) -> Mapping[str, object]:
    """The map that a YAML or JSON file holds, its values as in a flow; none for no file or an empty one."""
    text = "" if file is None else read_text(file)
    if file is None or not text.strip():
        return {}
    values = _json(file, text) if file.suffix == ".json" else _yaml(file, text)
    if not isinstance(values, dict):
        raise BadArgument(f"{file}: {what} are a map by name")
    return values


def env_of(file: Path) -> dict[str, str]:
    """Lines `NAME=VALUE`; empty ones and those that begin with # are passed over, quotes around a value go."""
    found = {}
    for number, line in enumerate(read_text(file).splitlines(), start=1):
        text = line.strip().removeprefix("export ")
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise BadArgument(f"{file}:{number}: write it as NAME=VALUE")
        value = value.strip()
        found[name.strip()] = value[1:-1] if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"" else value
    return found


def yaml_files(path: Path) -> list[Path]:
    """The YAML files below a folder, sorted; those in hidden folders are left out."""
    found = (file for file in path.rglob("*") if file.suffix in YAML_ENDINGS and file.is_file())
    return sorted(file for file in found if not any(part.startswith(".") for part in file.relative_to(path).parts))


def _json(file: Path, text: str) -> object:
    try:
        found: object = json.loads(text)
    except ValueError as error:
        raise BadArgument(f"{file}: not JSON: {error}") from None
    return found


def _yaml(file: Path, text: str) -> object:
    from kapell.source.nodes import plain
    from kapell.source.problem import Findings
    from kapell.source.read import REFUSED, read

    findings = Findings()
    root = read(text, findings)
    for problem in findings.in_order():
        raise BadArgument(f"{file}:{problem.line}:{problem.column}: {str(problem).removeprefix(REFUSED)}")
    return None if root is None else plain(root)
