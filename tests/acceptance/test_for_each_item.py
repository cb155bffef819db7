"""The lines of a file, divided into batches, each worked on by an execution of another flow."""

from __future__ import annotations

from collections.abc import Mapping

from kapell import Local
from kapell.assembly.view import Execution

LOAD = """
id: load
namespace: company.team
inputs: [{id: rows, type: FILE}, {id: number, type: INT}]
tasks:
  - {id: fail, type: io.kestra.plugin.core.execution.Fail, runIf: "{{ read(inputs.rows) contains 'bad' }}"}
  - {id: show, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.number }}: {{ read(inputs.rows) | trim }}"}
outputs: [{id: shown, type: STRING, value: "{{ outputs.show.value }}"}]
"""
EACH = """
id: each
namespace: company.team
tasks:
  - {id: items, type: io.kestra.plugin.core.storage.Write, content: "LINES"}
  - id: each
    type: io.kestra.plugin.core.flow.ForEachItem
    items: "{{ outputs.items.uri }}"
    batch: BATCH
    namespace: company.team
    flowId: load
    inputs: {rows: "{{ taskrun.items }}", number: "{{ taskrun.iteration }}"}
    MORE
  - {id: merged, type: io.kestra.plugin.core.debug.Return, format: "{{ read(outputs.each_merge.subflowOutputs) }}"}
"""


def run(local: Local, lines: str, batch: str = "{rows: 2}", more: str = "wait: true") -> Execution:
    source = EACH.replace("LINES", lines).replace("BATCH", batch).replace("MORE", more)
    local.apply(LOAD, source)
    return local.settled(local.create("company.team", "each"))


def states(execution: Execution) -> Mapping[str, str]:
    return {run.task_id: run.state.value for run in execution.task_runs}


def test_each_batch_has_an_execution_and_their_outputs_are_merged_in_order() -> None:
    with Local() as local:
        ended = run(local, "a\\nb\\nc\\n")
        assert ended.state == "SUCCESS"
        assert ended.task_outputs("merged") == {"value": '{"shown":"1: a\\nb"}\n{"shown":"2: c"}\n'}
        assert ended.task_outputs("each_items")["iterations"] == {"CREATED": 0, "RUNNING": 0, "SUCCESS": 2}
        assert states(ended) == dict.fromkeys(
            ("items", "each", "each_split", "each_items", "each_merge", "merged"), "SUCCESS"
        )


def test_partitions_say_how_many_executions_there_are() -> None:
    with Local() as local:
        ended = run(local, "a\\nb\\nc\\nd\\ne\\n", "{partitions: 3}")
        assert ended.task_outputs("each_items")["numberOfBatches"] == 3
        assert len(local.executions()) == 4


def test_a_batch_that_fails_fails_all_unless_that_is_allowed() -> None:
    with Local() as local:
        ended = run(local, "a\\nbad\\n", "{rows: 1}")
        assert ended.state == "FAILED"
        assert states(ended) == {"items": "SUCCESS", "each": "FAILED", "each_split": "SUCCESS", "each_items": "FAILED"}
        allowed = run(local, "bad\\n", more="allowFailure: true")
        assert states(allowed)["each"] == "WARNING"


def test_inside_a_loop_each_turn_has_batches_of_its_own() -> None:
    inner = EACH.split("tasks:\n")[1].split("  - {id: merged")[0].replace("LINES", "{{ taskrun.value }}\\n")
    inner = inner.replace("BATCH", "{rows: 1}").replace("MORE", "wait: true")
    tasks = "\n".join(f"    {line}" for line in inner.splitlines())
    head = "id: outer\nnamespace: company.team\ntasks:\n  - id: loop\n    type: io.kestra.plugin.core.flow.ForEach\n"
    with Local() as local:
        local.apply(LOAD, f"{head}    values: [x, y]\n    concurrencyLimit: 0\n    tasks:\n{tasks}\n")
        ended = local.settled(local.create("company.team", "outer"))
        assert ended.state == "SUCCESS"
        children = [one for one in local.executions() if one.id != ended.id]
        assert sorted(str(one.outputs["shown"]) for one in children) == ["1: x", "1: y"]
