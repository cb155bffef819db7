"""Files between executions, from the flow's text to the storage and back."""

from __future__ import annotations

import kapell

WRITER = """
id: writer
namespace: company.team
tasks:
  - {id: write, type: io.kestra.plugin.core.storage.Write, content: secret}
outputs:
  - {id: file, type: STRING, value: "{{ outputs.write.uri }}"}
"""
PARENT = """
id: parent
namespace: company.other
tasks:
  - {id: sub, type: io.kestra.plugin.core.flow.Subflow, namespace: company.team, flowId: writer}
  - {id: size, type: io.kestra.plugin.core.storage.Size, uri: "{{ outputs.sub.outputs.file }}"}
  - {id: text, type: io.kestra.plugin.core.debug.Return, format: "{{ read(outputs.sub.outputs.file) }}"}
"""
STRANGER = """
id: stranger
namespace: company.other
inputs: [{id: file, type: STRING}]
tasks:
  - {id: size, type: io.kestra.plugin.core.storage.Size, uri: "{{ inputs.file }}", allowFailure: true}
  - {id: text, type: io.kestra.plugin.core.debug.Return, format: "{{ read(inputs.file) }}", allowFailure: true}
  - {id: gone, type: io.kestra.plugin.core.storage.Delete, uri: "{{ inputs.file }}", allowFailure: true}
  - id: script
    type: io.kestra.plugin.scripts.shell.Commands
    commands: ["cat {{ inputs.file }}"]
    allowFailure: true
"""


def outputs(execution: kapell.Execution) -> dict[str, object]:
    return {run["taskId"]: run.get("outputs") for run in execution.to_dict()["taskRunList"]}


def test_a_parent_reads_what_its_subflow_has_written() -> None:
    with kapell.Local() as local:
        local.apply(WRITER, PARENT)
        found = outputs(local.wait(local.create("company.other", "parent"), timeout=30))
    assert found["size"] == {"size": 6}
    assert found["text"] == {"value": "secret"}


def test_a_stranger_opens_no_file_in_any_way() -> None:
    with kapell.Local() as local:
        local.apply(WRITER, STRANGER)
        writer = local.wait(local.create("company.team", "writer"), timeout=30)
        address = writer.to_dict()["outputs"]["file"]
        stranger = local.settled(local.create("company.other", "stranger", {"file": address}))
        lines = [line.message for line in local.logs(stranger.id)]
        assert local.runtime.files.exists(address)
    assert len(lines) == 4
    assert all(line.startswith(f"Unable to read the file '{address}' as it is not an execution file") for line in lines)
