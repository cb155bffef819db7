"""Removing executions for good: their rows, their lines and metrics, their files, in batches that stay small.

What an execution owns outside of its row goes before it: whoever is stopped between the two finds the row, and goes on.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence

from kapell.errors import NotFound, Refused
from kapell.model.address import address_of, execution_folder
from kapell.model.execution import Execution, Kind
from kapell.model.spilled import values_folder
from kapell.ports.executions import Search
from kapell.ports.files import Files
from kapell.ports.logs import Removed
from kapell.ports.store import Store
from kapell.sdk.doors import ALL, Parts, Purged

ROWS = 1000
"""How many executions, or lines, or metrics, one transaction removes at most."""


class Purger:
    """Removes what has ended and rests; nothing else is touched."""

    def __init__(self, store: Store, files: Files) -> None:
        self._store = store
        self._files = files

    async def batch(self, search: Search, parts: Parts) -> Purged:
        """Remove parts of a page of settled executions; `before` of the answer is where the next page goes on."""
        page = await self._store.executions.search(search)
        before = page[-1].id if len(page) == search.limit else None
        ids = await self._store.executions.resting([execution.id for execution in page])
        return await self._remove(ids, parts, before)

    async def delete(self, id: str, parts: Parts = ALL, *, children: bool = False) -> None:
        """Remove an execution that has ended, with `children` all that its tasks have started, too.

        Raises `NotFound`, or `Refused` where one of them runs.
        """
        if await self._store.executions.get(id) is None:
            raise NotFound(f"There is no execution {id}")
        tree = _family(id, await self._store.executions.tree([id], loops=not children))
        for execution in tree:
            if not execution.state.ended:
                raise Refused(_refusal(id, execution))
        # A Loop's executions go with the one that they are of.
        ids = [execution.id for execution in reversed(tree) if execution.kind is not Kind.LOOP or execution.id == id]
        if len(await self._store.executions.resting(ids)) < len(ids):
            raise Refused(f"Execution {id} has ended, but tasks of it still run: it can be deleted after them")
        for first in range(0, len(ids), ROWS):
            await self._remove(ids[first : first + ROWS], parts, None)

    async def _remove(self, ids: Sequence[str], parts: Parts, before: str | None) -> Purged:
        rows = await self._store.executions.tree(ids, loops=True)
        files = await asyncio.to_thread(self._remove_files, rows, parts)
        said = await self._remove_said([row.id for row in rows], parts)
        count = await self._remove_rows(ids, rows) if parts.executions else 0
        return Purged(executions=count, logs=said.lines, metrics=said.metrics, files=files, before=before)

    def _remove_files(self, rows: Sequence[Execution], parts: Parts) -> int:
        """Files of executions; values that are kept in files go with the rows that name them, and do not count."""
        count = 0
        for row in rows:
            values = f"{address_of(values_folder(row.namespace, row.flow_id, row.id))}/"
            found = list(self._files.walk(execution_folder(row.namespace, row.flow_id, row.id)))
            if parts.files:
                count += self._files.delete([address for address in found if not address.startswith(values)])
            if parts.executions:
                self._files.delete([address for address in found if address.startswith(values)])
        return count

    async def _remove_said(self, ids: Sequence[str], parts: Parts) -> Removed:
        """Lines and metrics of executions, a part at a time."""
        lines = metrics = 0
        while parts.logs or parts.metrics:
            gone = await self._store.logs.remove(ids, ROWS, lines=parts.logs, metrics=parts.metrics)
            lines, metrics = lines + gone.lines, metrics + gone.metrics
            if max(gone.lines, gone.metrics) < ROWS:
                break
        return Removed(lines=lines, metrics=metrics)

    async def _remove_rows(self, ids: Sequence[str], rows: Sequence[Execution]) -> int:
        """Rows of executions; those of their Loops go first, where they are more than one transaction should remove."""
        loops = [row.id for row in reversed(rows) if row.kind is Kind.LOOP and row.id not in ids]
        if len(rows) > ROWS:
            for first in range(0, len(loops), ROWS):
                await self._store.executions.purge(loops[first : first + ROWS])
        return len(await self._store.executions.purge(ids))


def _family(id: str, rows: Sequence[Execution]) -> list[Execution]:
    """The execution and after it all that it, or one of these, has started; a replay begins a tree of its own."""
    children: defaultdict[str | None, list[Execution]] = defaultdict(list)
    for row in rows:
        children[row.parent_id].append(row)
    family = [row for row in rows if row.id == id]
    for parent in family:  # which grows while it is gone through
        family += [row for row in children[parent.id] if row.root_id == parent.root_id]
    return family


def _refusal(id: str, running: Execution) -> str:
    if running.id == id:
        return f"Execution {id} is {running.state}: only one that has ended can be deleted"
    return f"Execution {id} can't be deleted: execution {running.id}, which it has started, is {running.state}"
