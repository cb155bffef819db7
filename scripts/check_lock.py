"""Keeps requirements.lock true to pyproject.toml: each direct dependency in its range, with hashes, no host named."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
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


def main() -> int:
    """Exit code 0 when the lock fits."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    errors = problems(wanted, (ROOT / "requirements.lock").read_text())
    for text in errors:
        print(f"{text}; `make lock` writes it anew")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
