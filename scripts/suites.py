"""Runs the suites under tests/ one after another, each within its time: `make test`, `make soak`.

The last line sums all of them up. A suite that oversteps its time counts as one failure.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

ROOT = Path(__file__).parent.parent

# Seconds, in the order in which they run: what fails soonest comes first. 12 minutes in all.
BUDGETS = {
    "unit": 70,
    "expr": 70,
    "engine": 20,
    "store": 30,
    "plugins": 120,
    "conformance": 110,
    "acceptance": 210,
    "simulation": 90,
}
ALL_SECONDS = 12 * 60
SOAK_SECONDS = 30 * 60
NO_TESTS = 5


class Count(NamedTuple):
    """How many tests went how."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def plus(self, other: Count) -> Count:
        """Both together."""
        return Count(*(a + b for a, b in zip(self, other, strict=True)))

    def __str__(self) -> str:
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def suites(tests: Path) -> list[str]:
    """The folders of `tests` that hold tests, in the order of BUDGETS, those without a budget last."""
    found = {path.relative_to(tests).parts[0] for path in tests.rglob("test_*.py")}
    return sorted(found, key=lambda name: (*BUDGETS, name).index(name))


def counted(report: Path) -> Count:
    """The tests of a JUnit report, each counted once."""
    total = Count()
    for case in ElementTree.parse(report).iter("testcase"):
        marks = {child.tag for child in case}
        if marks & {"failure", "error"}:
            total = total.plus(Count(failed=1))
        elif "skipped" in marks:
            total = total.plus(Count(skipped=1))
        else:
            total = total.plus(Count(passed=1))
    return total


def pytest(folder: str, report: Path, marks: str, seconds: float) -> int | None:
    """Run pytest on one folder; its exit code, or None when it was stopped after `seconds`."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-m", marks, f"--junitxml={report}", folder]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def run(name: str, *, marks: str, budget: float) -> Count:
    """Run one suite, print how long it took, and count its tests."""
    print(f"\n== {name}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        start = time.monotonic()
        code = pytest(f"tests/{name}", report, marks, 2 * budget)
        seconds = time.monotonic() - start
        count = counted(report) if report.exists() else Count()
    print(f"== {name}: {count} in {seconds:.1f} s of {budget:.0f} s", flush=True)
    return count.plus(Count(failed=len(troubles(name, code, count, seconds, budget))))


def troubles(name: str, code: int | None, count: Count, seconds: float, budget: float) -> list[str]:
    """What went wrong beside the tests themselves, printed; each is one failure more."""
    found = []
    if seconds > budget:
        found.append(
            f"{name} took {seconds:.1f} s; its budget is {budget:.0f} s" + (" (stopped)" if code is None else "")
        )
    elif code not in {0, NO_TESTS} and not count.failed:
        found.append(f"{name}: pytest ended with exit code {code}")
    for text in found:
        print(f"== FAILED {text}", flush=True)
    return found


def main(arguments: list[str]) -> int:
    """Exit code 0 when every test passed in time."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("suites", nargs="*", help="folders of tests/; all of them when none is named")
    parser.add_argument("--soak", action="store_true", help="run the tests marked soak, and only these")
    options = parser.parse_args(arguments)
    there = suites(ROOT / "tests")
    chosen = options.suites or there
    if unknown := [name for name in chosen if name not in BUDGETS or name not in there]:
        print(
            f"no suite with a budget: {', '.join(unknown)} (budgets: scripts/suites.py; there are: {', '.join(there)})"
        )
        return 2
    total = Count()
    for name in chosen:
        budget = SOAK_SECONDS if options.soak else BUDGETS[name]
        total = total.plus(run(name, marks="soak" if options.soak else "not soak", budget=budget))
    print(f"\n{total}")
    return 1 if total.failed or not (total.passed or options.soak) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
