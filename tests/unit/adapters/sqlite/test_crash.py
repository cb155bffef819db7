"""A process killed at any instant: what it has acknowledged is there, and what is there is whole."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from kapell.adapters.sqlite.store import SqliteStore
from lease import all_shards
from stores import with_store

WRITER = Path(__file__).with_name("writes_until_killed.py")
TESTS = Path(__file__).parents[3]


def acknowledged_before_the_kill(path: Path, lines: int) -> dict[str, int]:
    """The last version of each execution that a writer told of until it was killed after so many lines."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path])}
    command = [sys.executable, str(WRITER), str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as writer:
        assert writer.stdout is not None
        told = [writer.stdout.readline() for _ in range(lines)]
        writer.kill()
        told += writer.stdout.readlines()
    versions: dict[str, int] = {}
    for line in told:
        if line.endswith("\n"):
            id, version = line.split()
            versions[id] = int(version)
    assert versions
    return versions


async def check(store: SqliteStore, versions: dict[str, int]) -> None:
    lease = await all_shards(store)
    waiting = {got.event.execution_id for got in await store.executions.inbox(lease, 0, 100_000)}
    ids = await store.executions.unfinished(lease, None, 100_000)
    assert versions.keys() <= set(ids)
    for id in ids:
        loaded = await store.executions.load(id)
        assert loaded is not None
        version = loaded.execution.version
        assert version >= versions.get(id, 0)
        journal = await store.executions.journal(id)
        assert [row.version for row in journal] == list(range(1, version + 1))
        assert [run for row in journal for run in row.runs] == list(loaded.runs)
        assert len(await store.executions.outputs([run.id for run in loaded.runs])) == version
        assert version > 0 or id in waiting


@pytest.mark.parametrize("seed", range(4))
def test_everything_acknowledged_survives_a_kill(tmp_path: Path, seed: int) -> None:
    path = tmp_path / "kapell.db"
    versions: dict[str, int] = {}
    for _ in range(2):
        versions = acknowledged_before_the_kill(path, random.Random(seed).randrange(1, 400))
        with_store(path, lambda store, versions=versions: check(store, versions))
