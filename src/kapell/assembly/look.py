"""Looking at a store from outside: nothing runs, nothing is written, and whoever has it open goes on undisturbed."""

from __future__ import annotations

import asyncio
from pathlib import Path

from kapell.adapters.sqlite.store import SqliteStore
from kapell.clock import SystemClock
from kapell.model.explanation import Explanation
from kapell.services.explainer import Explainer
from kapell.services.flow_cache import FlowCache

MOST = 1000
"""How many live executions are explained at once."""


def explained(state_dir: Path, execution_id: str | None) -> list[Explanation]:
    """Why an execution of a folder is where it is; without an id that of all that have not ended, the oldest first.

    Raises `StoreError` where there is nothing to read, `NotFound`.
    """
    return asyncio.run(_explained(state_dir, execution_id))


async def _explained(state_dir: Path, execution_id: str | None) -> list[Explanation]:
    store = SqliteStore(state_dir / "kapell.db")
    await store.look()
    try:
        explainer = Explainer(store, FlowCache(store.flows), SystemClock(), beside=True)
        if execution_id is not None:
            return [await explainer.explain(execution_id)]
        return [found async for found in explainer.live(MOST)][::-1]
    finally:
        await store.close()
