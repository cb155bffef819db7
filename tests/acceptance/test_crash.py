"""A process that is killed again and again, at commits drawn by chance, does what one does that is left alone."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from acceptance.remains import Past, left_over, pasts

KILLS = int(os.environ.get("KAPELL_TEST_KILLS", "60"))
SEED = int(os.environ.get("KAPELL_TEST_SEED", str(random.SystemRandom().randrange(1_000_000))))
COUNT = 2 * KILLS
MOST_COMMITS = 12
LONGEST_SECONDS = 0.004
TESTS = Path(__file__).parent.parent
KILLED = -9


class Processes:
    """Makes processes of callers for a folder, one after another."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._folder = folder

    def run(self, commits: int | None = None, seconds: float | None = None) -> int:
        """Let one run to its end, or until it is killed; its exit status."""
        order = {"folder": str(self._folder), "count": COUNT, "commits": commits, "seconds": seconds}
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def processes(folder: Path) -> Iterator[Processes]:
    """What they leave in temporary folders is in `folder`; none of them may have anything to complain about."""
    (folder / "tmp").mkdir()
    environment = {**os.environ, "TMPDIR": str(folder / "tmp")}
    with (
        (folder / "errors").open("w") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "acceptance.caller"],
            cwd=TESTS,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        try:
            yield Processes(process, folder)
            process.communicate(timeout=60)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert (folder / "errors").read_text() == ""


def acknowledged(folder: Path) -> list[str]:
    return (folder / "acknowledged").read_text().splitlines()


def attempts(past: Past) -> set[str]:
    """The idempotency keys of what its scripts have been asked to do."""
    scripts = [run for run in past.runs if "exitCode" in past.outputs.get(run.id, {})]
    return {f"{run.id}-{number}" for run in scripts for number in range(len(run.attempts))}


def shapes(folder: Path) -> dict[str, list[list[str]]]:
    """By what they were told, what executions have come to, each with all that it has started."""
    found = pasts(folder / "state")
    families: defaultdict[str, list[str]] = defaultdict(list)
    for past in found.values():
        families[past.execution.root_id].append(repr(past.shape))
    told: defaultdict[str, list[list[str]]] = defaultdict(list)
    for root_id, family in families.items():
        inputs = {key: value for key, value in found[root_id].execution.inputs.items() if key != "effects"}
        told[f"{found[root_id].execution.flow_id} {inputs}"].append(sorted(family))
    return dict(told)


@pytest.fixture(scope="module")
def left_alone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("left-alone")
    with processes(folder) as callers:
        assert callers.run() == 0
    return folder


def kill_again_and_again(folder: Path, seed: int) -> Path:
    chance = random.Random(seed)
    with processes(folder) as callers:
        for _ in range(KILLS):
            seconds = chance.choice([None, chance.uniform(0, LONGEST_SECONDS)])
            assert callers.run(chance.randint(1, MOST_COMMITS), seconds) == KILLED, "it ended by itself"
        assert callers.run() == 0
        for _ in range(5):
            # Whoever was killed an instant before may still have had its folder when the next one looked.
            if any((folder / "tmp").iterdir()):
                assert callers.run() == 0
    return folder


@pytest.fixture(scope="module", params=[SEED], ids="KAPELL_TEST_SEED={}".format)
def killed(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Path:
    return kill_again_and_again(tmp_path_factory.mktemp("killed"), request.param)


def test_no_acknowledged_execution_is_lost(killed: Path) -> None:
    ids = acknowledged(killed)
    assert len(ids) == len(set(ids)) == COUNT
    assert set(ids) <= pasts(killed / "state").keys()


def test_a_kill_leaves_at_most_one_execution_that_nobody_was_told_of(killed: Path) -> None:
    begun = [past for past in pasts(killed / "state").values() if "effects" in past.execution.inputs]
    roots = [past for past in begun if past.execution.parent_id is None]
    assert len(roots) - COUNT <= KILLS


def test_rows_and_journals_tell_the_same_and_nothing_twice(killed: Path, left_alone: Path) -> None:
    for folder in (left_alone, killed):
        assert [fault for past in pasts(folder / "state").values() for fault in past.faults()] == []


def test_no_job_timer_or_event_is_left(killed: Path, left_alone: Path) -> None:
    assert left_over(left_alone / "state") == left_over(killed / "state") == {}


def test_no_folder_of_an_attempt_is_left(killed: Path, left_alone: Path) -> None:
    for folder in (left_alone, killed):
        shared = folder / "state" / "storage-shared"
        assert [path.name for path in shared.glob("[!.]*")] == []
        assert [path.name for path in (folder / "tmp").iterdir()] == []


def test_every_execution_ends_as_if_nothing_had_happened(killed: Path, left_alone: Path) -> None:
    calm = shapes(left_alone)
    for told, families in shapes(killed).items():
        for family in families:
            assert family == calm[told][0], told


def test_a_trigger_fires_once_for_each_end(killed: Path, left_alone: Path) -> None:
    for folder in (left_alone, killed):
        found = Counter(past.execution.flow_id for past in pasts(folder / "state").values())
        assert found["listening"] == found["sequence"] > 0


def test_what_scripts_do_is_done_once_and_under_kills_again_by_the_same_key(killed: Path, left_alone: Path) -> None:
    for folder, again in ((left_alone, 0), (killed, KILLS)):
        done = Counter((folder / "effects").read_text().splitlines())
        assert done.keys() == set().union(*map(attempts, pasts(folder / "state").values()))
        assert max(done.values()) <= 1 + again


@pytest.mark.soak
@pytest.mark.parametrize("seed", [SEED + number for number in range(20)])
def test_many_more_kills_change_nothing_either(tmp_path: Path, left_alone: Path, seed: int) -> None:
    folder = kill_again_and_again(tmp_path, seed)
    test_no_acknowledged_execution_is_lost(folder)
    test_a_kill_leaves_at_most_one_execution_that_nobody_was_told_of(folder)
    test_rows_and_journals_tell_the_same_and_nothing_twice(folder, left_alone)
    test_no_job_timer_or_event_is_left(folder, left_alone)
    test_no_folder_of_an_attempt_is_left(folder, left_alone)
    test_every_execution_ends_as_if_nothing_had_happened(folder, left_alone)
    test_a_trigger_fires_once_for_each_end(folder, left_alone)
    test_what_scripts_do_is_done_once_and_under_kills_again_by_the_same_key(folder, left_alone)
