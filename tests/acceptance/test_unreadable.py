"""What can't be read or written any more ends what needs it, saying why, and nothing else."""

from __future__ import annotations

from pathlib import Path

import apsw

from acceptance.remains import left_over, pasts
from kapell.assembly.local import Local
from kapell.model.state import State

PAUSE = "io.kestra.plugin.core.flow.Pause"
LOG = "io.kestra.plugin.core.log.Log"
SLEEP = "io.kestra.plugin.core.flow.Sleep"


def waiting(id: str) -> str:
    """A flow that waits for a person, and beside that for a while."""
    return f"""
id: {id}
namespace: acceptance
tasks:
  - id: both
    type: io.kestra.plugin.core.flow.Parallel
    tasks: [{{id: ask, type: {PAUSE}}}, {{id: nap, type: {SLEEP}, duration: PT1H}}]
  - {{id: after, type: {LOG}, message: after}}
"""


STOPPED = waiting("asks").replace(f"type: {SLEEP}, duration: PT1H", f"type: {LOG}, message: x")
WRITES = """
id: writes
namespace: acceptance
tasks: [{id: write, type: io.kestra.plugin.core.storage.Write, content: hello}]
"""


def spoil(state: Path, flow_id: str) -> None:
    """Let a stored flow have a type that this kapell does not know, such as one of a plugin that is gone."""
    connection = apsw.Connection(str(state / "kapell.db"))
    [(body,)] = connection.execute("SELECT body FROM flows WHERE id = ?", (flow_id,)).fetchall()
    assert isinstance(body, bytes)
    spoiled = body.replace(PAUSE.encode(), b"company.plugin.Gone")
    connection.execute("UPDATE flows SET body = ? WHERE id = ?", (spoiled, flow_id)).fetchall()
    connection.close()


def test_an_execution_whose_flow_is_not_understood_any_more_fails_and_the_others_go_on(tmp_path: Path) -> None:
    with Local(state_dir=tmp_path) as local:
        local.apply(waiting("spoiled"), STOPPED)
        spoiled, other = local.create("acceptance", "spoiled"), local.create("acceptance", "asks")
        for id in (spoiled, other):
            local.wait(id, timeout=20, states=["PAUSED"])
    spoil(tmp_path, "spoiled")
    with Local(state_dir=tmp_path) as local:
        assert local.wait(spoiled, timeout=20).state is State.FAILED
        assert {run.state for run in local.execution(spoiled).task_runs} == {State.FAILED}
        [why] = [line.message for line in local.logs(spoiled) if line.level == "ERROR"]
        assert why.startswith("This execution can't go on: InvalidFlow: ")
        assert "company.plugin.Gone" in why
        local.resume(other)
        assert local.wait(other, timeout=20).state is State.SUCCESS
        assert local.runtime.stuck == 0
    assert [fault for past in pasts(tmp_path).values() for fault in past.faults()] == []


def test_what_can_not_be_stored_fails_its_task_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "storage").write_text("a file where the folder of all files is to be")
    with Local(state_dir=tmp_path) as local:
        local.apply(WRITES, STOPPED)
        failed, other = local.create("acceptance", "writes"), local.create("acceptance", "asks")
        assert local.wait(failed, timeout=20).state is State.FAILED
        assert any("storage" in line.message for line in local.logs(failed) if line.level == "ERROR")
        local.wait(other, timeout=20, states=["PAUSED"])
        local.resume(other)
        assert local.wait(other, timeout=20).state is State.SUCCESS
    assert left_over(tmp_path) == {}
