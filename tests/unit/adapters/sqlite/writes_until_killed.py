"""Run as a process: creates and steps executions without end and prints each step once it is acknowledged."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

from factories import created, execution, kill_asked, step, task_run
from kapell.adapters.sqlite.store import SqliteStore
from kapell.ids import new_id
from kapell.model.state import State
from lease import all_shards


async def write_one(store: SqliteStore) -> None:
    lease = await all_shards(store)
    while True:
        new = created(execution(id=new_id(datetime.now(UTC)), inputs={"text": "x" * 300}))
        await store.executions.create([new])
        print(new.execution.id, 0, flush=True)  # noqa: T201
        before, event = new.execution, new.event
        for number in range(5):
            run = task_run(before, f"t{number}", number=number)
            made = step(
                before, event, to=State.RUNNING if number == 0 else None, runs=(run,), outputs={run.id: {"n": 1}}
            )
            await store.executions.apply([made], lease)
            print(before.id, made.execution.version, flush=True)  # noqa: T201
            before, event = made.execution, kill_asked(before)
            await store.executions.send([event])


async def write(path: Path) -> None:
    store = SqliteStore(path)
    await store.open()
    await asyncio.gather(*(write_one(store) for _ in range(8)))


if __name__ == "__main__":
    asyncio.run(write(Path(sys.argv[1])))
