"""Writing a turn's steps: all in one transaction, or, when that fails, tree by tree, so that only the culprit fails.

Their files come first: what a step says is there, is there.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO

from kapell.errors import KapellError, StoreDown, StoreError
from kapell.model.messages import Step
from kapell.ports.executions import Executions
from kapell.ports.files import Files
from kapell.ports.shards import Lease

_DOWN = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS, errno.EMFILE, errno.ENFILE})
"""What no execution is to blame for."""


@dataclass(frozen=True, slots=True)
class Committed:
    """The steps that are safe, and the error of each tree of executions (by root id) that is not."""

    steps: Sequence[Step]
    failed: dict[str, StoreError] = field(default_factory=dict)


async def commit(executions: Executions, files: Files, steps: Sequence[Step], lease: Lease) -> Committed:
    """Write them; raises `LeaseLost`, or `StoreError` when the store takes nothing at all."""
    if not any(step.files for step in steps):
        return await _commit(executions, steps, lease)
    unwritten = await asyncio.to_thread(_put, files, steps)
    done = await _commit(executions, [step for step in steps if step.execution.root_id not in unwritten], lease)
    return Committed(done.steps, {**done.failed, **unwritten})


def _put(files: Files, steps: Sequence[Step]) -> dict[str, StoreError]:
    """Store the files of all steps; the error of each tree whose files can't be. Raises `StoreDown` where none can."""
    failed: dict[str, StoreError] = {}
    for step in steps:
        for path, content in step.files.items():
            try:
                files.put(path, BytesIO(content))
            except OSError as error:
                if error.errno in _DOWN:
                    raise StoreDown(f"the internal storage takes nothing: {error}") from error
                failed[step.execution.root_id] = StoreError(f"{path}: {error}")
            except KapellError as error:
                failed[step.execution.root_id] = StoreError(f"{path}: {error}")
    return failed


async def _commit(executions: Executions, steps: Sequence[Step], lease: Lease) -> Committed:
    if not steps:
        return Committed(())
    try:
        await executions.apply(steps, lease)
        return Committed(steps)
    except StoreDown:
        raise
    except StoreError as error:
        trees = _by_root(steps)
        if len(trees) == 1:
            return await _probe(executions, steps, lease, error)
    return await _apart(executions, trees, lease)


async def _probe(executions: Executions, steps: Sequence[Step], lease: Lease, error: StoreError) -> Committed:
    """One tree alone was refused: ask whether the store takes anything, by what changes nothing."""
    await executions.apply([], lease)
    return Committed((), {steps[0].execution.root_id: error})


async def _apart(executions: Executions, trees: dict[str, list[Step]], lease: Lease) -> Committed:
    safe: list[Step] = []
    failed: dict[str, StoreError] = {}
    for root_id, steps in trees.items():
        try:
            await executions.apply(steps, lease)
            safe += steps
        except StoreError as error:
            failed[root_id] = error
    if not safe:
        raise next(iter(failed.values()))
    return Committed(safe, failed)


def _by_root(steps: Sequence[Step]) -> dict[str, list[Step]]:
    found: dict[str, list[Step]] = {}
    for step in steps:
        found.setdefault(step.execution.root_id, []).append(step)
    return found
