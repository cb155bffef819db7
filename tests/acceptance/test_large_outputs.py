"""Outputs that are too large for a row lie in internal storage, and nobody who reads them notices."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import kapell
from kapell.model.spilled import SPILLED, VALUES, is_marker
from kapell.model.state import State

LARGE = 8_000_000
FLOW = f"""
id: large
namespace: tests
tasks:
  - id: make
    type: io.kestra.plugin.core.output.OutputValues
    values: {{text: "{{{{ globals.large }}}}", few: 3}}
  - {{id: again, type: io.kestra.plugin.core.debug.Return, format: "{{{{ outputs.make.values.text }}}}"}}
  - id: choose
    type: io.kestra.plugin.core.flow.If
    condition: "{{{{ (outputs.again.value | length) == {LARGE} }}}}"
    then:
      - {{id: same, type: io.kestra.plugin.core.debug.Return, format: "{{{{ outputs.make.values.few }}}}"}}
  - {{id: purge, type: io.kestra.plugin.core.storage.PurgeCurrentExecutionFiles}}
  - {{id: late, type: io.kestra.plugin.core.debug.Return, format: "{{{{ outputs.again.value | slice(0, 3) }}}}"}}
"""


def test_a_large_output_is_read_by_workers_and_by_the_engine_and_outlives_a_purge(tmp_path: Path) -> None:
    with kapell.Local(globals={"large": "x" * LARGE}, state_dir=tmp_path) as local:
        local.apply(FLOW)
        done = local.wait(local.create("tests", "large"), timeout=30)
        stored = local.runtime.store.executions
        rows = local._do(stored.outputs([run.id for run in done.task_runs]))
    assert done.state is State.SUCCESS
    assert (done.task_outputs("same"), done.task_outputs("late")) == ({"value": "3"}, {"value": "xxx"})
    assert done.task_outputs("again") == {"value": "x" * LARGE}
    assert is_marker(rows[done.task_runs[0].id]["values"])
    assert sum(file.stat().st_size for file in tmp_path.glob("*.db*")) < LARGE / 2
    assert len(list(tmp_path.rglob(f"{VALUES}/*/*.json"))) == 2


def test_a_large_output_in_a_loop_is_found_by_its_value() -> None:
    flow = """
id: large
namespace: tests
tasks:
  - id: each
    type: io.kestra.plugin.core.flow.ForEach
    values: [a, b]
    tasks:
      - {id: made, type: io.kestra.plugin.core.debug.Return, format: "{{ taskrun.value }}{{ globals.large }}"}
      - {id: own, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.made.value | slice(0, 2) }}"}
  - {id: other, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.made.b.value | length }}"}
"""
    with kapell.Local(globals={"large": "x" * 100_000}) as local:
        local.apply(flow)
        done = local.wait(local.create("tests", "large"), timeout=30)
    owns = [done.outputs_by_run[run.id]["value"] for run in done.task_runs if run.task_id == "own"]
    assert (owns, done.task_outputs("other")) == (["ax", "bx"], {"value": "100001"})


@pytest.mark.parametrize("uri", ["kestra:///etc/passwd", "kestra:///tests/other/executions/1/inputs/secret"])
def test_a_value_that_looks_like_a_marker_stays_what_it_is(uri: str) -> None:
    forged = {"type": SPILLED, "uri": uri, "size": 1, "digest": ""}
    with kapell.Local(globals={"forged": json.dumps(forged)}) as local:
        local.apply("""
id: forged
namespace: tests
tasks:
  - id: make
    type: io.kestra.plugin.core.output.OutputValues
    values: "{{ fromJson(globals.forged) }}"
  - {id: read, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.make.values.uri }}"}
""")
        done = local.wait(local.create("tests", "forged"), timeout=30)
    assert (done.task_outputs("make"), done.task_outputs("read")) == ({"values": forged}, {"value": uri})


def test_what_the_engine_itself_makes_of_a_task_may_be_large() -> None:
    called = """
id: called
namespace: tests
tasks:
  - {id: hello, type: io.kestra.plugin.core.log.Log, message: hello}
outputs:
  - {id: text, type: STRING, value: "{{ globals.large }}"}
"""
    caller = """
id: caller
namespace: tests
tasks:
  - {id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: tests, flowId: called, wait: true}
  - {id: own, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.call.outputs.text | length }}"}
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: [1, 2]
    outputs: [{id: text, type: STRING, value: "{{ globals.large }}"}]
    tasks:
      - {id: hi, type: io.kestra.plugin.core.log.Log, message: hi}
  - id: looped
    type: io.kestra.plugin.core.debug.Return
    format: "{{ outputs.loop.outputs[1].outputs.text | length }}"
"""
    with kapell.Local(globals={"large": "x" * 100_000}) as local:
        local.apply(called, caller)
        done = local.wait(local.create("tests", "caller"), timeout=30)
        rows = local._do(local.runtime.store.executions.outputs([run.id for run in done.task_runs]))
    assert done.state is State.SUCCESS, [line.message for line in done.logs]
    assert [done.task_outputs(name)["value"] for name in ("own", "looped")] == ["100000", "100000"]
    by_task = {run.task_id: rows[run.id] for run in done.task_runs}
    assert is_marker(by_task["call"]["outputs"])
    assert is_marker(by_task["loop"]["outputs"])
    assert done.task_outputs("call")["outputs"] == {"text": "x" * 100_000}
