"""The purger: what it removes with one execution, and a piece at a time."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from pathlib import Path

import pytest

from factories import child, created, execution, line, step, task_run
from kapell.adapters.files.local import LocalFiles
from kapell.adapters.memory.store import MemoryStore
from kapell.errors import NotFound, Refused, StoreDown
from kapell.model.execution import Execution, Kind
from kapell.model.state import State
from kapell.ports.executions import Search
from kapell.sdk.doors import Parts
from kapell.services import purge
from kapell.services.purge import Purger
from lease import all_shards


class Scene:
    """Executions in memory, and what a purger has removed at a time."""

    def __init__(self, folder: Path, *executions: Execution) -> None:
        self.store = MemoryStore()
        self.purger = Purger(self.store, LocalFiles(folder))
        self.removed: list[list[str]] = []
        self._purge = self.store.executions.purge
        self.store.executions.purge = self._note  # type: ignore[method-assign]
        for one in executions:
            asyncio.run(self._insert(one))

    async def _insert(self, one: Execution) -> None:
        new = created(one)
        await self.store.executions.create([new])
        runs = () if one.state is State.RUNNING else (task_run(one, state=State.SUCCESS),)
        logs = tuple(line(run, number=number) for run in runs for number in range(3))
        lease = await all_shards(self.store)
        await self.store.executions.apply([step(one, new.event, runs=runs, logs=logs)], lease)

    async def _note(self, ids: Sequence[str]) -> list[str]:
        self.removed.append(list(ids))
        return await self._purge(ids)

    def left(self) -> list[str]:
        found = asyncio.run(self.store.executions.search(Search(loops=True, limit=99)))
        return sorted(one.id for one in found)


def done(**given: object) -> Execution:
    return execution(State.SUCCESS, **given)


def test_all_that_an_execution_has_started_goes_in_whatever_order_the_ids_are(tmp_path: Path) -> None:
    first = done(id="m")
    loop = child(first, id="c", state=State.SUCCESS, kind=Kind.LOOP)
    called, below = child(loop, id="z", state=State.SUCCESS), child(loop, id="a", state=State.FAILED)
    replay, other = done(id="r", parent_id="m"), done(id="o")
    scene = Scene(tmp_path, first, loop, called, below, replay, other)
    asyncio.run(scene.purger.delete("m", children=True))
    assert scene.left() == ["o", "r"]


def test_without_its_children_it_goes_alone_with_its_loops(tmp_path: Path) -> None:
    first = done(id="m")
    loop, called = child(first, id="c", state=State.SUCCESS, kind=Kind.LOOP), child(first, id="d", state=State.RUNNING)
    scene = Scene(tmp_path, first, loop, called)
    asyncio.run(scene.purger.delete("m"))
    assert scene.left() == ["d"]


@pytest.mark.parametrize(
    ("id", "error", "told"),
    [
        ("none", NotFound, "There is no execution none"),
        ("running", Refused, "Execution running is RUNNING: only one that has ended can be deleted"),
        ("m", Refused, "Execution m can't be deleted: execution d, which it has started, is RUNNING"),
        ("late", Refused, "Execution late has ended, but tasks of it still run: it can be deleted after them"),
    ],
)
def test_what_runs_is_refused_and_stays(tmp_path: Path, id: str, error: type[Exception], told: str) -> None:
    first, running, late = done(id="m"), execution(State.RUNNING, id="running"), done(id="late")
    scene = Scene(tmp_path, first, running, late, child(first, id="d", state=State.RUNNING))
    after = step(asyncio.run(scene.store.executions.get("late")) or late, runs=(task_run(late, "after", number=1),))
    asyncio.run(scene.store.executions.apply([after], asyncio.run(all_shards(scene.store))))
    with pytest.raises(error) as raised:
        asyncio.run(scene.purger.delete(id, children=True))
    assert str(raised.value) == told
    assert scene.left() == ["d", "late", "m", "running"]


def test_many_loops_go_in_pieces_before_their_execution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purge, "ROWS", 2)
    first = done(id="m")
    loops = [child(first, id=f"n{number}", state=State.SUCCESS, kind=Kind.LOOP) for number in range(3)]
    scene = Scene(tmp_path, first, *loops)
    gone = asyncio.run(scene.purger.batch(Search(settled=True, limit=9), Parts()))
    assert (gone.executions, gone.logs, gone.before) == (1, 12, None)
    assert scene.removed == [["n2", "n1"], ["n0"], ["m"]]
    assert scene.left() == []


def test_what_broke_off_after_the_files_goes_on_with_the_next_purge(tmp_path: Path) -> None:
    scene = Scene(tmp_path, done(id="m"))
    scene.purger._files.put("/company/team/hello/executions/m/tasks/t/r/a.txt", io.BytesIO(b"a"))
    remove = scene.store.logs.remove

    async def full(*_args: object, **_given: object) -> None:
        raise StoreDown("the disk is full")

    scene.store.logs.remove = full  # type: ignore[method-assign]
    with pytest.raises(StoreDown):
        asyncio.run(scene.purger.batch(Search(settled=True), Parts()))
    assert (scene.left(), list(scene.purger._files.walk("/"))) == (["m"], [])
    scene.store.logs.remove = remove  # type: ignore[method-assign]
    gone = asyncio.run(scene.purger.batch(Search(settled=True), Parts()))
    assert (gone.executions, gone.logs, gone.files, scene.left()) == (1, 3, 0, [])
