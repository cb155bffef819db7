"""Writes src/kapell/sdk/aliases.txt, the old names of types, from their classes; with `--check`, only compares."""

from __future__ import annotations

import sys
from pathlib import Path

from scripts.reference import built_in

FILE = Path(__file__).parent.parent / "src/kapell/sdk/aliases.txt"
HEAD = "# old name, present name: made from the classes by scripts/gen_aliases.py"


def aliases() -> str:
    """The file's text: a line for each old name, sorted."""
    pairs = {(alias, name) for name, cls in built_in() for alias in cls.aliases}
    return "\n".join([HEAD, *(f"{alias} {name}" for alias, name in sorted(pairs))]) + "\n"


def main() -> int:
    """Exit code 1 when the file was not as it must be."""
    text = aliases()
    if FILE.read_text(encoding="utf-8") == text:
        return 0
    if "--check" in sys.argv[1:]:
        print(f"{FILE.name} is old: run scripts/gen_aliases.py")
        return 1
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
