"""What a Flow trigger waits for is known to the process that comes after: a file, opened twice."""

from __future__ import annotations

from pathlib import Path

from kapell import Local

SAY = "tasks: [{id: say, type: io.kestra.plugin.core.debug.Return, format: x}]"
BOTH = """
id: both
namespace: team
triggers:
  - id: up
    type: io.kestra.plugin.core.trigger.Flow
    window: {lookback: PT1H}
    dependsOn:
      - {namespace: team, flowId: a}
      - {namespace: team, flowId: b}
tasks:
  - {id: told, type: io.kestra.plugin.core.debug.Return, format: "{{ trigger.flowId }}"}
"""


def run(local: Local, flow_id: str) -> None:
    local.settled(local.create("team", flow_id))


def fired(local: Local) -> list[str]:
    started = [execution.id for execution in local.executions() if execution.to_dict()["flowId"] == "both"]
    return [local.settled(id).state for id in started]


def test_a_window_outlives_the_process(tmp_path: Path) -> None:
    with Local(state_dir=tmp_path) as local:
        local.apply(*(f"id: {id}\nnamespace: team\n{SAY}\n" for id in ("a", "b")), BOTH)
        run(local, "a")
        assert fired(local) == []
    with Local(state_dir=tmp_path) as local:
        run(local, "b")
        assert fired(local) == ["SUCCESS"]
    with Local(state_dir=tmp_path) as local:
        run(local, "b")
        assert fired(local) == ["SUCCESS"]
        run(local, "a")
        assert fired(local) == ["SUCCESS", "SUCCESS"]
