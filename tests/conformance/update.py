"""Writes the list of known gaps anew: `python -m conformance.update [SUITE …]`, in tests/.

A case that is not on the list is only put there with `--grow`: it is a regression, and rarely meant.
"""

from __future__ import annotations

import argparse
import json
import sys

from conformance.scores import GAPS, SCORE, SECONDS, flaky, known_gaps, score


def failures(suite: str, known: list[str]) -> list[str]:
    """The cases of a suite that fail now; how that differs from what is known is printed."""
    went = score(suite)
    failed = sorted(set(went.failed) - set(flaky().get(suite, {})))
    new, mended = sorted(set(failed) - set(known)), set(known) - set(failed)
    print(f"{suite}: {went.passed} of {went.total} pass, {len(mended)} gaps closed, {len(new)} new")  # noqa: T201
    for name in new:
        print(f"  fails, and did not before: {name}")  # noqa: T201
    return failed


def main(arguments: list[str]) -> int:
    """Exit status 0 when the list holds all that fails."""
    parser = argparse.ArgumentParser(prog="python -m conformance.update", description=__doc__)
    parser.add_argument("suites", nargs="*", metavar="SUITE", help=f"of {', '.join(SECONDS)}; all when none is named")
    parser.add_argument("--grow", action="store_true", help="list what fails though it did not before, too")
    options = parser.parse_args(arguments)
    if not SCORE.exists():
        parser.error(f"{SCORE} is missing: set KAPELL_SHARED to the folder that holds the recordings")
    if unknown := set(options.suites) - SECONDS.keys():
        parser.error(f"no such suite: {', '.join(sorted(unknown))}")
    gaps, unlisted = known_gaps(), 0
    for suite in options.suites or SECONDS:
        failed = failures(suite, gaps[suite])
        gaps[suite] = failed if options.grow else sorted(set(failed) & set(gaps[suite]))
        unlisted += len(failed) - len(gaps[suite])
    GAPS.write_text(json.dumps(gaps, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 1 if unlisted else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
