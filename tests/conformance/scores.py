"""Runs the score suites over the recordings and compares what fails with the list of known gaps."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SHARED = Path(os.environ.get("KAPELL_SHARED") or ROOT.parent / "shared")
SCORE = SHARED / "conformance" / "score.py"
GAPS = HERE / "known_gaps.json"
FLAKY = HERE / "flaky.json"
JOBS = 4

SECONDS = {"expressions": 30, "validation": 15, "schedules": 10, "blueprints": 15, "flows": 90}
"""What each suite may take, about three times what it does on two cores with nothing else to do."""


class Score(NamedTuple):
    """How a suite went."""

    passed: int
    total: int
    failed: tuple[str, ...]


def score(suite: str) -> Score:
    """Judge all cases of a suite; raises `subprocess.TimeoutExpired` when its time is over."""
    command = [sys.executable, str(SCORE), suite, "--json", "--jobs", str(JOBS)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS[suite], check=False)
    if done.returncode:
        raise RuntimeError(f"{SCORE.name} {suite} ended with {done.returncode}: {done.stderr[-2000:]}")
    told = json.loads(done.stdout)[suite]
    return Score(told["passed"], told["total"], tuple(told["failed"]))


def known_gaps() -> dict[str, list[str]]:
    """The cases that fail today, by suite."""
    found: dict[str, list[str]] = json.loads(GAPS.read_text(encoding="utf-8"))
    return found


def flaky() -> dict[str, dict[str, str]]:
    """The few cases whose end hangs on the instant, by suite, each with the reason; how they end does not count."""
    found: dict[str, dict[str, str]] = json.loads(FLAKY.read_text(encoding="utf-8"))
    return found


def judgement(failed: Collection[str], known: Collection[str], uncertain: Mapping[str, str]) -> list[str]:
    """What is wrong with how a suite went, a sentence for each case; nothing when all is as the lists say."""
    regressions = sorted(set(failed) - set(known) - set(uncertain))
    mended = sorted(set(known) - set(failed) - set(uncertain))
    twice = sorted(set(known) & set(uncertain))
    return [
        *(f"{name} fails and is not a known gap: a regression" for name in regressions),
        *(f"{name} passes: take it off the list in {GAPS.name}" for name in mended),
        *(f"{name} is in both lists: it is flaky or a gap, not both" for name in twice),
    ]
