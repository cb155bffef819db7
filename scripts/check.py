"""Runs every check, all of them even when one fails, and says which failed: `make check`."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).parent.parent
BIN = Path(sys.executable).parent

CHECKS: dict[str, list[str]] = {
    "format": [str(BIN / "ruff"), "format", "--check", "--output-format=concise", "."],
    "lint": [str(BIN / "ruff"), "check", "--quiet", "--output-format=concise", "."],
    "types": [str(BIN / "mypy"), "--no-error-summary"],
    "imports": [str(BIN / "lint-imports"), "--no-logo"],
    "sizes": [sys.executable, "-m", "scripts.check_sizes"],
    "docs": [sys.executable, "-m", "scripts.check_docs"],
    "generated docs": [sys.executable, "-m", "scripts.gen_docs", "--check"],
    "dependencies": [sys.executable, "-m", "scripts.check_dependencies"],
}


def run(name: str, command: list[str]) -> bool:
    """Run one check, print how it went and what it said, and tell whether it passed."""
    start = time.monotonic()
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    passed = done.returncode == 0
    print(f"{'ok    ' if passed else 'FAILED'} {name:<15} {time.monotonic() - start:5.1f} s", flush=True)
    if not passed or is_news(name, done.stdout):
        print(done.stdout.rstrip(), flush=True)
    return passed


def is_news(name: str, output: str) -> bool:
    """Whether a check that passed has something to say: only the project's own warn."""
    return name in {"sizes", "docs"} and bool(output.strip())


def main() -> int:
    """Exit code 0 when all passed."""
    failed = [name for name, command in CHECKS.items() if not run(name, command)]
    if failed:
        print(f"\nfailed: {', '.join(failed)}" + (" (make format mends format)" if "format" in failed else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
