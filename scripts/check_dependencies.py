"""Keeps dependencies true: what the code imports is declared, what is declared is locked, with hashes and no host."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence, Set
from importlib.metadata import packages_distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from scripts.syntax import tree_of

ROOT = Path(__file__).parent.parent
TOOLS = ("scripts", "tests", "bench")
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)")


def blocks(lock: str) -> list[tuple[int, str]]:
    """Each pin with the lines that belong to it, and the number of its first line."""
    found: list[tuple[int, str]] = []
    for number, line in enumerate(lock.splitlines(), 1):
        if PIN.match(line):
            found.append((number, line))
        elif found and line.startswith(" "):
            found[-1] = (found[-1][0], f"{found[-1][1]}\n{line}")
    return found


def problems(wanted: list[str], lock: str) -> list[str]:
    """What is wrong with `lock` for the requirements `wanted`."""
    errors = []
    pins: dict[str, list[str]] = {}
    for line, block in blocks(lock):
        pin = PIN.match(block)
        if pin is None or "--hash=sha256:" not in block:
            errors.append(f"requirements.lock:{line}: no hash")
            continue
        pins.setdefault(canonicalize_name(pin["name"]), []).append(pin["version"])
    for requirement in map(Requirement, wanted):
        versions = pins.get(canonicalize_name(requirement.name), [])
        if not any(requirement.specifier.contains(version, prereleases=True) for version in versions):
            errors.append(f"requirements.lock: {requirement} of pyproject.toml is not in it ({versions or 'absent'})")
    for number, text in enumerate(lock.splitlines(), 1):
        if "://" in text or "index-url" in text:
            errors.append(f"requirements.lock:{number}: names a host; it must work with any package index")
    return errors


def imported(source: str) -> Iterator[tuple[int, str]]:
    """Line and first name of each absolute import, wherever it stands, those for the type checker alone left out."""
    tree = tree_of(source)
    typing_only = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for statement in node.body
        for inner in ast.walk(statement)
    }
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name.split(".")[0]) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.lineno, node.module.split(".")[0]


def undeclared(
    path: str, source: str, wanted: list[str], owners: Mapping[str, Sequence[str]], own: Set[str]
) -> Iterator[str]:
    """Imports of what is neither Python's own, nor the project's (`own`), nor in `wanted`.

    `owners` are the packages that hold a module.
    """
    declared = {canonicalize_name(Requirement(text).name) for text in wanted}
    for line, module in imported(source):
        if module in sys.stdlib_module_names or module in own:
            continue
        if not declared & {canonicalize_name(name) for name in owners.get(module, [module])}:
            yield f"{path}:{line}: imports {module}, which is no dependency in pyproject.toml"


def main() -> int:
    """Exit code 0 when all of it fits."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"].get("optional-dependencies", {}).values()
    users = [*project["project"]["dependencies"], *(text for extra in extras for text in extra)]
    everybody = users + project["dependency-groups"]["dev"]
    errors = [
        f"{text}; `make lock` writes it anew" for text in problems(everybody, (ROOT / "requirements.lock").read_text())
    ]
    errors += undeclared_in(("src",), users, {"kapell"})
    own = {"kapell", *TOOLS, *(path.stem for path in (ROOT / "tests").iterdir())}
    errors += undeclared_in(TOOLS, everybody, own)
    for text in errors:
        print(text)
    return 1 if errors else 0


def undeclared_in(folders: Sequence[str], wanted: list[str], own: Set[str]) -> Iterator[str]:
    """The same for all files of some folders."""
    owners = packages_distributions()
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield from undeclared(str(path.relative_to(ROOT)), path.read_text(), wanted, owners, own)


if __name__ == "__main__":
    sys.exit(main())
