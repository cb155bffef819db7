"""What goes into files instead of rows, in a whole kapell: outputs of iterations, lines of attempts, cached results."""

from __future__ import annotations

from pathlib import Path

import kapell

LOOP = """
id: loops
namespace: company.team
tasks:
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: [1, 2]
    fetchType: {fetch}
    outputs: [{{id: s, type: STRING, value: "{{{{ outputs.r.value }}}}"}}]
    tasks: [{{id: r, type: io.kestra.plugin.core.debug.Return, format: "v{{{{ item.value }}}}"}}]
  - id: after
    type: io.kestra.plugin.core.debug.Return
    format: "{{{{ read(outputs.loop.outputs[1].outputs.uri) }}}}"
"""

SPEAKS = """
id: speaks
namespace: company.team
tasks:
  - {id: a, type: io.kestra.plugin.core.log.Log, message: to file, logToFile: true}
  - {id: b, type: io.kestra.plugin.core.log.Log, message: to the table}
  - {id: c, type: io.kestra.plugin.core.execution.Fail, errorMessage: bad, logToFile: true, allowFailure: true}
"""

CACHED = """
id: cached
namespace: company.team
inputs: [{id: n, type: INT}]
tasks:
  - id: a
    type: io.kestra.plugin.core.debug.Return
    format: "{{ inputs.n > 1 ? 'many' : 'few' }}"
    taskCache: {enabled: true, ttl: PT1H}
"""


def text_of(local: kapell.Local, address: str) -> str:
    with local.runtime.files.open(address) as file:
        return file.read().decode()


def test_the_outputs_of_an_iteration_are_stored_where_the_loop_says() -> None:
    with kapell.Local() as local:
        local.apply(LOOP.format(fetch="STORE"))
        done = local.settled(local.create("company.team", "loops"))
        outputs = done.task_outputs("loop")["outputs"]
    assert [one["item"] for one in outputs] == [{"value": "1", "iteration": 0}, {"value": "2", "iteration": 1}]
    folder = f"kestra:///company/team/loops/executions/{done.id}/tasks/loop"
    assert all(one["outputs"]["uri"].startswith(folder) for one in outputs)
    assert done.task_outputs("after") == {"value": '{"s":"v2"}\n'}


def test_lines_of_an_attempt_go_to_its_file_and_not_to_the_table(tmp_path: Path) -> None:
    with kapell.Local(state_dir=tmp_path) as local:
        local.apply(SPEAKS)
        done = local.settled(local.create("company.team", "speaks"))
        assert [line.message for line in local.logs(done.id)] == ["to the table"]
        attempts = [run["attempts"][0] for run in done.to_dict()["taskRunList"]]
        texts = [text_of(local, one["logFile"]) for one in attempts if "logFile" in one]
    assert ["logFile" in one for one in attempts] == [True, False, True]
    assert texts[0].endswith(" INFO to file\n")
    assert " ERROR bad" in texts[1]


def test_a_result_outlives_its_execution_and_the_process(tmp_path: Path) -> None:
    said = []
    for n in (5, 7, 1):
        with kapell.Local(state_dir=tmp_path) as local:
            local.apply(CACHED)
            done = local.settled(local.create("company.team", "cached", {"n": n}))
            said.append([line.message for line in local.logs(done.id)][1])
            assert done.task_outputs("a") == {"value": "many" if n > 1 else "few"}
    assert said == ["many", "Skipping task execution for task 'a' as there is an existing cache entry for it", "few"]
