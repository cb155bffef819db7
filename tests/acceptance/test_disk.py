"""A disk that is full for a while: nothing is acknowledged that is not safe, nothing fails that is not to blame."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic

import pytest

from acceptance.processes import SHELL
from acceptance.remains import left_over, pasts
from kapell.adapters.sqlite.query import Session
from kapell.adapters.sqlite.store import SqliteStore
from kapell.assembly.local import Local
from kapell.errors import StoreDown
from kapell.model.state import State

FLOW = f"""
id: flow
namespace: acceptance
tasks:
  - {{id: before, type: io.kestra.plugin.core.debug.Return, format: "{"x" * 5_000}"}}
  - {{id: script, type: {SHELL}, script: 'until [ -e GATE ]; do sleep 0.01; done'}}
  - {{id: after, type: io.kestra.plugin.core.debug.Return, format: "{"y" * 5_000}"}}
"""
MOST = 2_000


def create_until_it_is_refused(local: Local) -> list[str]:
    """The ids of those that were not."""
    ids: list[str] = []
    for _ in range(MOST):
        try:
            ids.append(local.create("acceptance", "flow"))
        except StoreDown:
            return ids
    raise AssertionError(f"{MOST} executions fit on a full disk")


def wait_until_held_up(local: Local, id: str) -> None:
    """Wait until a commit of the executor has failed; each look at an execution lets it go on."""
    give_up = monotonic() + 20
    while not local.runtime.executor._held_up:
        assert not local.execution(id).state.ended
        assert monotonic() < give_up


def through_a_full_disk(state: Path, gate: Path, fill: Callable[[Local], None], free: Callable[[Local], None]) -> None:
    with Local(state_dir=state) as local:
        local.apply(FLOW.replace("GATE", str(gate)))
        ids = [local.create("acceptance", "flow") for _ in range(5)]
        fill(local)
        gate.touch()
        ids += create_until_it_is_refused(local)
        wait_until_held_up(local, ids[0])
        free(local)
        ids.append(local.create("acceptance", "flow"))
        for id in ids:
            assert local.wait(id, timeout=60).state is State.SUCCESS
    found = pasts(state)
    assert found.keys() == set(ids)
    assert [fault for past in found.values() for fault in past.faults()] == []
    assert left_over(state) == {}


def test_a_file_that_may_not_grow_holds_up_what_runs_and_fails_none_of_it(tmp_path: Path) -> None:
    def room_for(pages: int) -> Callable[[Local], None]:
        def limit(session: Session) -> None:
            connection = session.connection
            most = connection.pragma("page_count") + pages
            assert connection.execute(f"PRAGMA max_page_count = {most}").fetchall() == [(most,)]

        def act(local: Local) -> None:
            store = local.runtime.store
            assert isinstance(store, SqliteStore)
            local._do(store._database.write(limit))

        return act

    through_a_full_disk(tmp_path / "state", tmp_path / "gate", room_for(5), room_for(1_000_000))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    place = tmp_path / "disk"
    place.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place)]
    if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode:
        pytest.skip("only root may mount a small disk")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_is_full_holds_up_what_runs_and_fails_none_of_it(small_disk: Path, tmp_path: Path) -> None:
    filler = small_disk / "filler"

    def fill(_: Local) -> None:
        with filler.open("wb", buffering=0) as file, suppress(OSError):
            while file.write(bytes(65536)):
                pass

    through_a_full_disk(small_disk / "state", tmp_path / "gate", fill, lambda _: filler.unlink())


@pytest.mark.parametrize(("port", "verb"), [("shards", "renew"), ("executions", "load"), ("executions", "timers")])
def test_an_executor_outlives_a_store_that_does_not_answer_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, port: str, verb: str
) -> None:
    with Local(state_dir=tmp_path / "state") as local:
        local.apply(FLOW.replace("GATE", "/"))
        honest = getattr(getattr(local.runtime.store, port), verb)
        asked: list[str] = []

        async def fail_once(*given: object) -> object:
            asked.append(verb)
            if len(asked) == 1:
                raise StoreDown("could not be read: disk I/O error")
            return await honest(*given)

        executor = local.runtime.executor
        monkeypatch.setattr(getattr(local.runtime.store, port), verb, fail_once)
        first = local.create("acceptance", "flow")

        async def hurry() -> None:
            executor._renew_at = executor._clock.now()
            executor._alarms.horizon = None
            executor.live.clear()
            executor.look()

        local._do(hurry())
        assert local.wait(first, timeout=20).state is State.SUCCESS
        assert local.wait(local.create("acceptance", "flow"), timeout=20).state is State.SUCCESS
        assert len(asked) > 1
