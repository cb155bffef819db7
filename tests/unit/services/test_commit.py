"""Committing steps whose files have to be there first."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path
from typing import BinaryIO

import pytest

import factories
from kapell.adapters.files.local import LocalFiles
from kapell.adapters.memory.store import MemoryStore
from kapell.errors import StoreDown
from kapell.model.messages import NewExecution
from kapell.services.commit import Committed, commit
from lease import all_shards


class Faulty(LocalFiles):
    """A storage in which paths with `bad` can't be written."""

    def __init__(self, root: Path, why: int) -> None:
        super().__init__(root)
        self.why = why

    def put(self, path: str, content: BinaryIO) -> str:
        if "bad" in path:
            raise OSError(self.why, "no")
        return super().put(path, content)


def committed(files: LocalFiles, *paths: str) -> tuple[Committed, list[NewExecution], MemoryStore]:
    """Commit a step for each path, of an execution of its own, which writes it."""
    store, new = MemoryStore(), [factories.created() for _ in paths]

    async def act() -> Committed:
        await store.executions.create(new)
        lease = await all_shards(store)
        steps = [
            factories.step(one.execution, one.event, files={path: path.encode()})
            for one, path in zip(new, paths, strict=True)
        ]
        return await commit(store.executions, files, steps, lease)

    return asyncio.run(act()), new, store


def test_the_files_of_a_step_are_there_with_it(tmp_path: Path) -> None:
    done, _, _ = committed(LocalFiles(tmp_path), "/a", "/b")
    assert (len(done.steps), done.failed) == (2, {})
    assert list(LocalFiles(tmp_path).walk("/")) == ["kestra:///a", "kestra:///b"]


def test_a_file_that_can_not_be_stored_fails_its_own_execution_alone(tmp_path: Path) -> None:
    done, (good, bad), store = committed(Faulty(tmp_path, errno.ENAMETOOLONG), "/good", "/bad")
    assert [step.execution.id for step in done.steps] == [good.execution.id]
    assert list(done.failed) == [bad.execution.id]
    rows = [asyncio.run(store.executions.get(one.execution.id)) for one in (good, bad)]
    assert [row.version for row in rows if row is not None] == [1, 0]


def test_a_full_disk_is_nobodys_fault_and_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(StoreDown, match="the internal storage takes nothing"):
        committed(Faulty(tmp_path, errno.ENOSPC), "/good", "/bad")
