"""Inputs on their way through a whole kapell: encrypted, stored, seen by tasks, hidden in logs."""

from __future__ import annotations

from pathlib import Path

import pytest

import kapell
from kapell.assembly.settings import Settings
from kapell.engine.inputs import Upload
from kapell.errors import StoreError

FLOW = """
id: asks
namespace: company.team
inputs:
  - {id: token, type: SECRET}
  - {id: rows, type: FILE}
  - {id: day, type: DATE, defaults: 2024-03-15}
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{ inputs.token }}, {{ inputs.token | base64encode }}, {{ inputs }}"
  - id: use
    type: io.kestra.plugin.core.debug.Return
    format: "{{ inputs.token }} {{ read(inputs.rows) }} {{ inputs.day | dateAdd(1, 'DAYS') }}"
outputs: [{id: rows, type: FILE, value: "{{ inputs.rows }}"}]
"""

PAUSED = """
id: waits
namespace: company.team
tasks:
  - id: ask
    type: io.kestra.plugin.core.flow.Pause
    onResume: [{id: token, type: SECRET}, {id: rows, type: FILE}, {id: why, type: STRING, required: false}]
  - id: use
    type: io.kestra.plugin.core.debug.Return
    format: "{{ outputs.ask.onResume.token }} {{ read(outputs.ask.onResume.rows) }}"
"""

READING = """
id: reads
namespace: company.team
inputs: [{id: first, type: STRING, defaults: "{{ secret('FIRST') }}"}]
tasks: [{id: use, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.first }}"}]
"""


def test_a_secret_and_a_file_reach_the_tasks_and_the_secret_no_log(tmp_path: Path) -> None:
    with kapell.Local(state_dir=tmp_path) as local:
        local.apply(FLOW)
        id = local.create("company.team", "asks", {"token": "t0ken!", "rows": "a,b", "more": 1})
        done = local.wait(id, 20).to_dict()
        lines = [line.message for line in local.logs(id)]
    address = f"kestra:///company/team/asks/executions/{id}/inputs/rows/rows.upl"
    assert done["outputs"] == {"rows": address}
    assert done["inputs"]["token"]["type"] == "io.kestra.datatype:aes_encrypted"
    assert [run["outputs"].get("value") for run in done["taskRunList"]][-1] == "t0ken! a,b 2024-03-16T00:00:00.000000Z"
    assert f'******, ******, {{"token":"******","rows":"{address}","day":"2024-03-15"}}' in lines
    assert "Input more was provided for workflow company.team.asks but isn't declared in the workflow inputs" in lines
    assert not any("t0ken" in line for line in lines)


def test_the_key_of_an_installation_outlives_it(tmp_path: Path) -> None:
    for _ in range(2):
        with kapell.Local(state_dir=tmp_path) as local:
            local.apply(FLOW)
            kept = (tmp_path / "encryption.key").read_bytes()
    assert (tmp_path / "encryption.key").read_bytes() == kept
    assert (tmp_path / "encryption.key").stat().st_mode & 0o077 == 0


def test_what_is_wrong_with_the_inputs_is_told_before_anything_is_stored(tmp_path: Path) -> None:
    with kapell.Local(state_dir=tmp_path) as local:
        local.apply(FLOW)
        with pytest.raises(kapell.InputError) as caught:
            local.create("company.team", "asks", {"rows": "a,b", "day": "x"})
        assert local.executions() == []
    assert caught.value.problems == {
        "token": "Missing required input:token",
        "day": "Invalid value for input `day`. Cause: Cannot convert value 'x' to LocalDate",
    }
    assert list((tmp_path / "storage").rglob("*.upl")) == []


def test_a_person_may_be_asked_for_a_secret_and_a_file(tmp_path: Path) -> None:
    with kapell.Local(state_dir=tmp_path) as local:
        local.apply(PAUSED)
        id = local.create("company.team", "waits")
        local.wait(id, 20, ["PAUSED"])
        with pytest.raises(kapell.InputError, match="Missing required input:token"):
            local.resume(id, {"rows": "x"})
        local.resume(id, {"token": "t0ken!", "rows": "a,b"})
        runs = local.wait(id, 20).to_dict()["taskRunList"]
    assert runs[0]["outputs"]["onResume"].keys() == {"token", "rows"}
    assert "t0ken!" not in str(runs[0])
    assert runs[1]["outputs"] == {"value": "t0ken! a,b"}


def test_a_default_may_read_what_lies_outside() -> None:
    with kapell.Local(settings=Settings(environ={"SECRET_FIRST": "aGVsbG8="})) as local:
        local.apply(READING)
        id = local.create("company.team", "reads")
        assert local.wait(id, 20).to_dict()["inputs"] == {"first": "hello"}


def test_the_files_of_an_execution_that_could_not_be_stored_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(new: object) -> list[str]:
        raise StoreError("no space left")

    with kapell.Local(state_dir=tmp_path) as local:
        local.apply(
            "id: f\nnamespace: n\ninputs: [{id: rows, type: FILE}]\n"
            "tasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: x}]"
        )
        with monkeypatch.context() as patched:
            patched.setattr(local.runtime.store.executions, "create", full)
            with pytest.raises(StoreError, match="no space left"):
                local.create("n", "f", {"rows": "a,b"})
        assert [file for file in (tmp_path / "storage").rglob("*") if file.is_file()] == []
        local.wait(local.create("n", "f", {"rows": "a,b"}), 20)
        assert [file.read_text() for file in (tmp_path / "storage").rglob("*") if file.is_file()] == ["a,b"]


def test_a_file_is_stored_from_where_it_lies(tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    file.write_text("a,b")
    with kapell.Local() as local:
        local.apply(FLOW)
        id = local.create("company.team", "asks", {"token": "t", "rows": Upload(file.name, file)})
        assert str(local.wait(id, 20).task_outputs("use")["value"]).startswith("t a,b ")
        file.unlink()
        with pytest.raises(StoreError, match=r"rows\.csv could not be stored"):
            local.create("company.team", "asks", {"token": "t", "rows": Upload(file.name, file)})
        assert len(local.executions()) == 1
