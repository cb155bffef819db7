"""`kapell run` with everything that it can be given: triggers, files, folders, and what is wrong with them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from acceptance.here import here
from acceptance.processes import FAIL, KAPELL, LOG, SHELL, flow, kapell, started

HELLO = f"{{id: hello, type: {LOG}, message: Hello}}"
RETURN = "io.kestra.plugin.core.debug.Return"
PAUSE = "{id: wait, type: io.kestra.plugin.core.flow.Pause}"
TRIGGERS = """\
inputs:
  - {id: day, type: STRING, defaults: none}
triggers:
  - id: daily
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "0 9 * * *"
    inputs: {day: "{{ trigger.date | date('yyyy-MM-dd') }}"}
    labels: {kind: "schedule of {{ flow.id }}"}
  - id: hook
    type: io.kestra.plugin.core.trigger.Webhook
    key: abc
    inputs: {day: "{{ trigger.body.day }}"}
"""
SHOW = f'{{id: show, type: {RETURN}, format: "{{{{ trigger.date ?? trigger.body.day }}}} {{{{ inputs.day }}}}"}}'


def execution(*arguments: str | Path, status: int = 0) -> dict[str, object]:
    """The one document that `--json` prints."""
    ended = here("run", *arguments, "--json")
    assert ended.returncode == status, ended.stderr
    document = json.loads(ended.stdout)
    assert isinstance(document, dict)
    return document


def value(document: dict[str, object], task: int = 0) -> object:
    runs = document["taskRunList"]
    assert isinstance(runs, list)
    return runs[task]["outputs"].get("value")


def refused(*arguments: str | Path, status: int = 2) -> str:
    """What is said where there is nothing to run: on standard error, and without a traceback."""
    ended = here("run", *arguments)
    assert (ended.returncode, ended.stdout) == (status, ""), ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stderr


def test_a_trigger_is_named_and_gives_its_inputs_and_labels(tmp_path: Path) -> None:
    file, told = flow(tmp_path, SHOW, more=TRIGGERS), tmp_path / "trigger.yaml"
    told.write_text("id: daily\nvariables:\n  date: 2026-01-02T09:00:00+01:00\n")
    found = execution(file, "--trigger", told)
    assert value(found) == "2026-01-02T09:00:00+01:00 2026-01-02"
    assert found["trigger"] == {
        "id": "daily",
        "type": "io.kestra.plugin.core.trigger.Schedule",
        "variables": {"date": "2026-01-02T09:00:00+01:00"},
    }
    assert {"key": "kind", "value": "schedule of flow"} in list_of(found["labels"])
    assert found["scheduleDate"] == "2026-01-02T08:00:00Z"


def list_of(value: object) -> list[object]:
    assert isinstance(value, list)
    return value


def test_inputs_of_the_command_line_win_over_those_of_the_trigger(tmp_path: Path) -> None:
    file, told = flow(tmp_path, SHOW, more=TRIGGERS), tmp_path / "trigger.json"
    told.write_text('{"id": "hook", "variables": {"body": {"day": "mon"}, "headers": {}, "parameters": {}}}')
    assert value(execution(file, "--trigger", told)) == "mon mon"
    assert value(execution(file, "--trigger", told, "-i", "day=tue")) == "mon tue"


def test_variables_alone_are_those_of_the_only_trigger(tmp_path: Path) -> None:
    told = tmp_path / "trigger.json"
    told.write_text('{"date": "2026-01-02T09:00:00Z", "more": null}')
    only = flow(tmp_path, SHOW, id="only", more=TRIGGERS.partition("  - id: hook")[0])
    assert value(execution(only, "--trigger", told)) == "2026-01-02T09:00:00Z 2026-01-02"
    both = here("run", flow(tmp_path, SHOW, more=TRIGGERS), "--trigger", told)
    assert both.returncode == 0
    assert "Note:" in both.stderr
    assert "(daily, hook)" in both.stderr
    none = execution(flow(tmp_path, SHOW.replace("inputs.day", "1"), id="none"), "--trigger", told)
    assert none["trigger"] == {"id": "trigger", "type": "trigger", "variables": json.loads(told.read_text())}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("id: dayly\nvariables: {}\n", "no trigger `dayly`; did you mean `daily`?"),
        (
            "id: hook\nvariables: {}\n",
            "What the trigger `hook` gives its executions can't be made: Unable to find `body`",
        ),
        ("- 1\n", "a trigger's variables are a map by name"),
        ("a: [\n", "trigger.yaml:2:1: "),
    ],
)
def test_a_file_that_no_trigger_fits_is_2(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "trigger.yaml").write_text(text)
    assert said in refused(flow(tmp_path, SHOW, more=TRIGGERS), "--trigger", tmp_path / "trigger.yaml")


def test_a_folder_is_the_files_of_the_namespace_and_is_never_written(tmp_path: Path) -> None:
    files = tmp_path / "files"
    (files / "sub").mkdir(parents=True)
    (files / ".git").mkdir()
    for name, text in (("a.txt", "one"), ("sub/b.txt", "two"), (".git/c.txt", "no")):
        (files / name).write_text(text)
    tasks = (
        f"{{id: read, type: {RETURN}, format: \"{{{{ read('a.txt') }}}} {{{{ read('nsfile:///sub/b.txt') }}}}\"}}",
        f'{{id: list, type: {SHELL}, namespaceFiles: {{enabled: true}}, script: "find . -type f | sort"}}',
        "{id: up, type: io.kestra.plugin.core.namespace.UploadFiles, namespace: acceptance, "
        "filesMap: {a.txt: 'nsfile:///sub/b.txt', new.txt: 'nsfile:///a.txt'}}",
        "{id: gone, type: io.kestra.plugin.core.namespace.DeleteFiles, namespace: acceptance, files: [sub/b.txt]}",
        f"{{id: again, type: {RETURN}, format: \"{{{{ read('a.txt') }}}} {{{{ fileExists('sub/b.txt') }}}}\"}}",
    )
    ended = here("run", flow(tmp_path, *tasks), "--files", files, "--json")
    assert ended.returncode == 0, ended.stderr
    document = json.loads(ended.stdout)
    assert value(document) == "one two"
    assert [line.rpartition("list: ")[2] for line in ended.stderr.splitlines() if " list: " in line] == [
        "./a.txt",
        "./sub/b.txt",
    ]
    assert value(document, 4) == "two false"
    assert {path.name: path.read_text() for path in files.rglob("*.txt")} == {
        "a.txt": "one",
        "b.txt": "two",
        "c.txt": "no",
    }


def test_a_flow_of_the_folder_that_is_broken_is_named_and_keeps_nobody_from_running(tmp_path: Path) -> None:
    flows = tmp_path / "flows"
    flows.mkdir()
    flow(flows, HELLO, id="called")
    broken = flow(flows, "{id: t, type: nothing.like.it}", id="broken")
    call = "{id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: acceptance, flowId: called, wait: true}"
    ended = here("run", flow(tmp_path, call), "--flows", flows)
    assert ended.returncode == 0
    assert "hello: Hello" in ended.stdout
    assert ended.stderr.startswith(f"{broken}:4:19 left out: tasks[t].type: Invalid type: nothing.like.it")


@pytest.mark.parametrize(
    ("tasks", "status", "state"),
    [
        (HELLO, 0, "SUCCESS"),
        (f"{{id: fail, type: {FAIL}, allowFailure: true}}", 0, "WARNING"),
        (f"{{id: fail, type: {FAIL}}}", 1, "FAILED"),
        ("{id: exit, type: io.kestra.plugin.core.execution.Exit, state: CANCELED}", 3, "CANCELLED"),
        ("{id: exit, type: io.kestra.plugin.core.execution.Exit, state: KILLED}", 130, "KILLED"),
        (PAUSE, 4, "PAUSED"),
    ],
)
def test_the_document_and_the_status_say_the_same(tasks: str, status: int, state: str, tmp_path: Path) -> None:
    document = execution(flow(tmp_path, tasks), status=status)
    state_of = document["state"]
    assert isinstance(state_of, dict)
    assert state_of["current"] == state
    assert state_of["histories"][0]["state"] == "CREATED"


def test_what_a_document_holds_is_json_through_and_through(tmp_path: Path) -> None:
    pause = "{id: wait, type: io.kestra.plugin.core.flow.Pause, pauseDuration: PT0.01S}"
    runs = list_of(execution(flow(tmp_path, pause))["taskRunList"])
    assert isinstance(runs[0], dict)
    assert runs[0]["outputs"]["resumed"]["on"].endswith("Z")


def test_the_last_try_of_a_flow_that_is_retried_anew_is_what_counts(tmp_path: Path) -> None:
    more = "retry: {type: constant, interval: PT0.05S, maxAttempts: 2, behavior: CREATE_NEW_EXECUTION}\n"
    script = f"[ -e {tmp_path}/tried ] || {'{'} touch {tmp_path}/tried; exit 1; {'}'}"
    file = flow(tmp_path, f"{{id: t, type: {SHELL}, script: {json.dumps(script)}}}", more=more)
    document = execution(file)
    assert document["id"] != document["originalId"]
    metadata = document["metadata"]
    assert isinstance(metadata, dict)
    assert metadata["attemptNumber"] == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-i", "n=1", "-i", "n=2"), "-i n: given twice"),
        (("-i", "n"), "-i n: write it as NAME=VALUE"),
        (("-i", "f=@missing"), "missing: No such file or directory"),
        (("-l", "x"), "-l x: write it as NAME=VALUE"),
        (("--inputs-file", "missing"), "missing: No such file or directory"),
        (("--env-file", "missing"), "missing: No such file or directory"),
        (("--trigger", "missing"), "missing: No such file or directory"),
        (("--flows", "missing"), "missing: no such folder"),
        (("--files", "missing"), "missing: no such folder"),
        (("--plugins", "missing"), "missing: no such folder"),
        (("--json", "--watch"), "not allowed with argument"),
    ],
)
def test_what_can_not_be_meant_is_2_and_says_why(arguments: tuple[str, ...], said: str, tmp_path: Path) -> None:
    inputs = "inputs:\n  - {id: n, type: INT, required: false}\n  - {id: f, type: FILE, required: false}\n"
    assert said in refused(flow(tmp_path, HELLO, more=inputs), *arguments)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "No content to map"),
        (b"hello", "a flow is a map"),
        (b"id: [", "YAML parsing error"),
        (b"\xff\xfe", "byte 0 is not UTF-8"),
        (None, "Is a directory"),
    ],
)
def test_what_is_no_flow_is_2_and_is_named(content: bytes | None, said: str, tmp_path: Path) -> None:
    file = tmp_path / "flow.yaml"
    file.mkdir() if content is None else file.write_bytes(content)
    told = refused(file)
    assert told.startswith(str(file))
    assert said in told


def test_an_input_that_takes_several_values_is_given_again_for_each(tmp_path: Path) -> None:
    inputs = "inputs:\n  - {id: all, type: ARRAY, itemType: STRING}\n"
    file = flow(tmp_path, HELLO, more=inputs)
    assert execution(file, "-i", "all=a", "-i", "all=b")["inputs"] == {"all": ["a", "b"]}
    assert execution(file, "-i", 'all=["a"]')["inputs"] == {"all": ["a"]}


def test_a_file_of_inputs_says_what_a_flow_would_and_unknown_names_are_warned_about(tmp_path: Path) -> None:
    inputs = "inputs:\n  - {id: day, type: STRING}\n  - {id: data, type: FILE}\n  - {id: more, type: JSON}\n"
    given, data = tmp_path / "inputs.yaml", tmp_path / "rows.csv"
    data.write_text("a,b")
    given.write_text(f'day: 2024-03-15\nnope: 1\nmore: {{at: 2024-01-01, none: 1}}\ndata: "@{data}"\n')
    read = f'{{id: read, type: {RETURN}, format: "{{{{ inputs.day }}}} {{{{ read(inputs.data) }}}}"}}'
    ended = here("run", flow(tmp_path, read, more=inputs), "--inputs-file", given, "--json")
    document = json.loads(ended.stdout)
    assert value(document) == "2024-03-15 a,b"
    assert document["inputs"]["more"] == {"at": "2024-01-01", "none": 1}
    assert "Input nope was provided" in ended.stderr


def test_files_of_a_group_are_read_as_well(tmp_path: Path) -> None:
    given, data = tmp_path / "inputs.yaml", tmp_path / "rows.csv"
    data.write_text("a,b")
    given.write_text(f'group: {{data: "@{data}", nope: 1}}\n')
    inputs = "inputs:\n  - {id: group, type: FORM, inputs: [{id: data, type: FILE}]}\n"
    read = f'{{id: read, type: {RETURN}, format: "{{{{ read(inputs.group.data) }}}}"}}'
    file = flow(tmp_path, read, more=inputs)
    ended = here("run", file, "--inputs-file", given, "--json")
    assert value(json.loads(ended.stdout)) == "a,b"
    assert "Input group.nope was provided" in ended.stderr
    assert value(execution(file, "-i", f"group.data=@{data}")) == "a,b"


def test_who_forgets_the_sign_of_a_file_is_told(tmp_path: Path) -> None:
    data = tmp_path / "rows.csv"
    data.write_text("a,b")
    file = flow(tmp_path, HELLO, more="inputs:\n  - {id: data, type: FILE}\n")
    assert f"@{data} would be the file" in here("run", file, "-i", f"data={data}").stderr
    assert here("run", file, "-i", f"data=@{data}").stderr == ""


def test_a_flow_comes_through_a_pipe(tmp_path: Path) -> None:
    text = flow(tmp_path, HELLO).read_text()
    ended = subprocess.run([str(KAPELL), "run", "-"], input=text, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0
    assert "hello: Hello" in ended.stdout


def test_an_output_that_does_not_know_a_character_gets_another_one(tmp_path: Path) -> None:
    command = ["env", "PYTHONIOENCODING=ascii"]
    ended = kapell("run", flow(tmp_path, f"{{id: say, type: {LOG}, message: wörd}}"), before=command)
    assert ended.returncode == 0
    assert r"say: w\xf6rd" in ended.stdout


def test_what_shuts_a_machine_down_kills_the_execution_too(tmp_path: Path) -> None:
    script = json.dumps("echo begun; sleep 300")
    process = started("run", flow(tmp_path, f"{{id: long, type: {SHELL}, script: {script}}}"))
    assert process.stdout is not None
    while "begun" not in process.stdout.readline():
        assert process.poll() is None
    process.terminate()
    printed, errors = process.communicate(timeout=30)
    assert (process.returncode, errors) == (130, "")
    assert printed.splitlines()[-1].startswith("KILLED")


def test_a_command_that_is_not_finished_tells_what_there_is() -> None:
    for arguments in ((), ("plugins",), ("flow",)):
        ended = here(*arguments)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert "usage: kapell" in ended.stderr


def test_what_kapell_can_not_explain_is_70() -> None:
    crash = "from kapell.cli import _status; import sys; sys.exit(_status(lambda given: 1 // 0, None))"
    ended = subprocess.run(
        [KAPELL.parent / "python", "-c", crash], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 70
    assert "ZeroDivisionError" in ended.stderr


def test_a_document_is_json_whatever_letters_the_output_knows(tmp_path: Path) -> None:
    file = flow(tmp_path, f"{{id: say, type: {RETURN}, format: wörd}}")
    for encoding in ("ascii", "utf-8"):
        ended = kapell("run", file, "--json", before=["env", f"PYTHONIOENCODING={encoding}"])
        assert value(json.loads(ended.stdout)) == "wörd"


def test_streams_that_are_closed_are_not_missed(tmp_path: Path) -> None:
    command = f"{KAPELL} run {flow(tmp_path, HELLO)} <&- >&- 2>&-"
    assert subprocess.run(command, shell=True, timeout=60).returncode == 0


def test_a_draft_that_is_named_runs(tmp_path: Path) -> None:
    assert here("run", flow(tmp_path, HELLO, more="draft: true\n")).returncode == 0
    disabled = here("run", flow(tmp_path, HELLO, more="disabled: true\n"))
    assert (disabled.returncode, disabled.stdout) == (2, "")


def test_a_second_process_asks_what_the_first_one_has_left_waiting(tmp_path: Path) -> None:
    file, state = flow(tmp_path, PAUSE), tmp_path / "state"
    first = here("run", file, "--state-dir", state, "--json")
    again = here("run", file, "--state-dir", state, "--json")
    assert (first.returncode, again.returncode) == (4, 4)
    assert json.loads(first.stdout)["id"] == json.loads(again.stdout)["id"]
    assert "Going on with execution" in again.stderr
    new = here("run", file, "--state-dir", state, "--json", "--new")
    assert json.loads(new.stdout)["id"] != json.loads(first.stdout)["id"]


def test_where_nobody_can_be_asked_what_else_there_is_to_do_is_done(tmp_path: Path) -> None:
    script = f"{{id: work, type: {SHELL}, script: 'sleep 0.6; touch {tmp_path}/done'}}"
    nap = "{id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT10M}"
    after = f"{{id: after, type: {LOG}, message: done}}"
    branch = f"{{id: row, type: io.kestra.plugin.core.flow.Sequential, tasks: [{script}, {after}]}}"
    file = flow(tmp_path, f"{{id: all, type: io.kestra.plugin.core.flow.Parallel, tasks: [{PAUSE}, {nap}, {branch}]}}")
    document = execution(file, status=4)
    runs = {run["taskId"]: run["state"]["current"] for run in list_of(document["taskRunList"]) if isinstance(run, dict)}
    assert runs == {
        "all": "RUNNING",
        "wait": "PAUSED",
        "nap": "RUNNING",
        "row": "SUCCESS",
        "work": "SUCCESS",
        "after": "SUCCESS",
    }
    assert (tmp_path / "done").exists()
