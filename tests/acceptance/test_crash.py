"""A process that is killed again and again, at moments drawn by chance, does what one does that is left alone."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from acceptance.remains import Past, left_over, pasts

KILLS = int(os.environ.get("KAPELL_TEST_KILLS", "50"))
SEED = int(os.environ.get("KAPELL_TEST_SEED", str(random.SystemRandom().randrange(1_000_000))))
COUNT = 4 * KILLS
LONGEST_SECONDS = 0.08
TESTS = Path(__file__).parent.parent


def start(folder: Path) -> subprocess.Popen[str]:
    """The caller, as far as it has got before it opens its state."""
    command = [sys.executable, "-m", "acceptance.caller", str(folder), str(COUNT)]
    process = subprocess.Popen(command, cwd=TESTS, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


def finish(process: subprocess.Popen[str]) -> None:
    """Let it come to its end."""
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")


def kill_during(folder: Path, known: int, until: int, seconds: float) -> int:
    """Start it, and kill it so long after it has acknowledged `until` in all; how many it has acknowledged."""
    process = start(folder)
    assert process.stdout is not None
    while known < until and process.stdout.readline():
        known += 1
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
    rest, errors = process.communicate()
    assert (process.returncode, errors) == (-9, ""), "it ended by itself"
    return known + len(rest.splitlines())


def acknowledged(folder: Path) -> list[str]:
    return (folder / "acknowledged").read_text().splitlines()


def attempts(past: Past) -> set[str]:
    """The idempotency keys of what its scripts have been asked to do."""
    scripts = [run for run in past.runs if "exitCode" in past.outputs.get(run.id, {})]
    return {f"{run.id}-{number}" for run in scripts for number in range(len(run.attempts))}


@pytest.fixture(scope="module")
def left_alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("left-alone")
    finish(start(folder))
    return folder


@pytest.fixture(scope="module", params=[SEED], ids="KAPELL_TEST_SEED={}".format)
def killed(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    folder = tmp_path_factory.mktemp("killed")
    chance = random.Random(request.param)
    known = 0
    for until in sorted(chance.randrange(COUNT - 8) for _ in range(KILLS)):
        known = kill_during(folder, known, until, chance.uniform(0, LONGEST_SECONDS))
    finish(start(folder))
    return folder


def test_no_acknowledged_execution_is_lost(killed: Path) -> None:
    ids = acknowledged(killed)
    assert len(ids) == len(set(ids)) == COUNT
    assert set(ids) <= pasts(killed / "state").keys()


def test_a_kill_leaves_at_most_one_execution_that_nobody_was_told_of(killed: Path) -> None:
    assert len(pasts(killed / "state")) - COUNT <= KILLS


def test_rows_and_journals_tell_the_same_and_nothing_twice(killed: Path, left_alone: Path) -> None:
    for folder in (left_alone, killed):
        assert [fault for past in pasts(folder / "state").values() for fault in past.faults()] == []


def test_no_job_timer_or_event_is_left(killed: Path, left_alone: Path) -> None:
    assert left_over(left_alone / "state") == left_over(killed / "state") == {}


def test_every_execution_ends_as_if_nothing_had_happened(killed: Path, left_alone: Path) -> None:
    calm = {past.execution.inputs["n"]: past.shape for past in pasts(left_alone / "state").values()}
    for past in pasts(killed / "state").values():
        assert past.shape == calm[past.execution.inputs["n"]]


def test_what_scripts_do_is_done_once_and_under_kills_again_by_the_same_key(killed: Path, left_alone: Path) -> None:
    for folder, again in ((left_alone, 0), (killed, KILLS)):
        done = Counter((folder / "effects").read_text().splitlines())
        assert done.keys() == set().union(*map(attempts, pasts(folder / "state").values()))
        assert max(done.values()) <= 1 + again
