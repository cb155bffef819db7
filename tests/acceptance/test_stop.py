"""A process that is asked to stop: what comes to its end within the grace has ended, and is not done again."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest

from acceptance.processes import SHELL
from acceptance.remains import left_over, pasts
from kapell.assembly.local import Local
from kapell.model.messages import Step
from kapell.model.state import State
from kapell.ports.shards import Lease

FLOW = f"""
id: flow
namespace: acceptance
tasks:
  - id: script
    type: {SHELL}
    script: 'echo begun >> EFFECTS; until [ -e GATE ]; do sleep 0.01; done; exit STATUS'
  - {{id: after, type: io.kestra.plugin.core.log.Log, message: after}}
"""
QUICK = """
id: quick
namespace: acceptance
tasks: [{id: log, type: io.kestra.plugin.core.log.Log, message: quick}]
"""


def hold_commits(local: Local) -> asyncio.Event:
    """Let the executor be in the middle of a commit until the event is set."""
    executions, release = local.runtime.store.executions, asyncio.Event()
    honest = executions.apply

    async def held(steps: Sequence[Step], lease: Lease) -> None:
        await release.wait()
        await honest(steps, lease)

    executions.apply = held
    return release


def wait_for(file: Path) -> None:
    give_up = monotonic() + 20
    while not file.exists():
        assert monotonic() < give_up


@pytest.mark.parametrize(("status", "state"), [("3", State.FAILED), ("0", State.SUCCESS)])
def test_what_ends_during_a_graceful_stop_is_recorded_and_not_done_again(
    tmp_path: Path, status: str, state: State
) -> None:
    effects, gate, folder = tmp_path / "effects", tmp_path / "gate", tmp_path / "state"
    local = Local(state_dir=folder)
    with local:
        source = FLOW.replace("EFFECTS", str(effects)).replace("GATE", str(gate)).replace("STATUS", status)
        local.apply(source, QUICK)
        id = local.create("acceptance", "flow")
        wait_for(effects)
        release = hold_commits(local)
        other = local.create("acceptance", "quick")
        stopping = asyncio.run_coroutine_threadsafe(local.runtime.stop(timedelta(seconds=20)), local._loop)
        while not local.runtime.worker._stopping:
            assert not stopping.done()
        gate.touch()
        while not local.runtime.executor._stopping:
            assert not stopping.done()
        local._loop.call_soon_threadsafe(release.set)
        stopping.result(30)
    found = pasts(folder)
    assert (found[id].execution.state, found[other].execution.state) == (state, State.SUCCESS)
    with Local(state_dir=folder) as local:
        assert local.settled(id).state is state
    assert effects.read_text() == "begun\n"
    assert left_over(folder) == {}
