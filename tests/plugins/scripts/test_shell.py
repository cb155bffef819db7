"""Shell scripts through a real attempt: what goes in, what comes out, what is said."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from attempts import FOLDER, Ran, attempt
from kapell.adapters.files.local import LocalFiles
from kapell.model.state import State
from kapell.plugins.core.runner import process
from kapell.services.context import TaskContext

SCRIPT = "io.kestra.plugin.scripts.shell.Script"
COMMANDS = "io.kestra.plugin.scripts.shell.Commands"
PROCESS = "io.kestra.plugin.core.runner.Process"
DOCKER = "io.kestra.plugin.scripts.runner.docker.Docker"


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "storage")


def script(text: str, properties: Mapping[str, object] | None = None, **given: object) -> Ran:
    return attempt(SCRIPT, {"script": text, **(properties or {})}, **given)


def commands(*lines: str, **properties: object) -> Ran:
    return attempt(COMMANDS, {"commands": lines, **properties})


def test_a_script_is_rendered_and_its_lines_are_logged() -> None:
    ran = script('echo "Hello {{ inputs.name }}"; echo oh >&2', variables={"inputs": {"name": "World"}})
    assert sorted(ran.said) == [("ERROR", "oh"), ("INFO", "Hello World")]
    assert ran.result.outputs == {"exitCode": 0, "vars": {}, "outputFiles": {}}
    assert ran.result.state is State.SUCCESS


def test_lines_are_logged_while_the_script_runs() -> None:
    def answer(ctx, line) -> None:
        if line.message == "waiting":
            (ctx.working_dir / "answer").touch()

    ran = script("echo waiting; until [ -e answer ]; do :; done; echo done", heard=answer)
    assert ran.said == [("INFO", "waiting"), ("INFO", "done")]


def test_commands_share_one_shell() -> None:
    assert commands("cd /", "name=kapell", 'echo "$name $PWD"').said == [("INFO", "kapell /")]


def test_the_first_command_that_fails_ends_the_task() -> None:
    ran = commands("echo one", "false", "echo two")
    assert ran.said == [("INFO", "one"), ("ERROR", "Command failed with exit code 1")]
    assert ran.result.state is State.FAILED
    assert ran.result.error == "Command failed with exit code 1"
    assert ran.result.outputs == {"exitCode": 1, "vars": {}, "outputFiles": {}}


def test_without_fail_fast_the_last_command_decides() -> None:
    ran = commands("false", "echo two", fail_fast=False)
    assert ran.said == [("INFO", "two")]
    assert ran.result.state is State.SUCCESS


def test_commands_before_run_first_and_set_up_the_shell() -> None:
    assert commands("echo $ready", before_commands=["ready=yes"]).said == [("INFO", "yes")]


def test_an_interpreter_gets_all_commands_as_one_argument() -> None:
    ran = commands("print(1)", "print(2)", interpreter=[sys.executable, "-c"], fail_fast=False)
    assert ran.said == [("INFO", "1"), ("INFO", "2")]


def test_a_missing_interpreter_is_a_clear_error() -> None:
    ran = commands("echo", interpreter=["/opt/no/such-shell", "-c"])
    assert ran.result.error == "`/opt/no/such-shell` is not installed where the worker runs"


def test_a_script_may_be_longer_than_an_argument_of_the_kernel() -> None:
    ran = script("\n".join([*["# " + "x" * 98] * 3000, "echo end"]))
    assert ran.said == [("INFO", "end")]


def test_env_is_rendered_and_added() -> None:
    ran = script("echo $GREETING", {"env": {"GREETING": "hello {{ 1 + 1 }}"}})
    assert ran.said == [("INFO", "hello 2")]


def test_a_script_sees_nothing_of_kapell_s_own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "c2VjcmV0")
    monkeypatch.setenv("KAPELL_DATABASE", "postgresql://…")
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    monkeypatch.setenv("PATH", os.pathsep.join([f"{sys.prefix}/bin", "/usr/bin", "/bin"]))
    env = dict(message.split("=", 1) for _, message in script("env").said)
    assert not [name for name in env if name.startswith(("SECRET_", "KAPELL_"))]
    assert sys.prefix == sys.base_prefix or "VIRTUAL_ENV" not in env
    assert sys.prefix == sys.base_prefix or env["PATH"] == "/usr/bin:/bin"


def test_expressions_and_environment_know_the_working_folder() -> None:
    ran = script('echo "{{ workingDir }}"; echo "$WORKING_DIR"; pwd')
    assert len(set(ran.said)) == 1


def test_the_working_folder_is_gone_afterwards() -> None:
    ran = script("touch a; mkdir b; chmod 500 b; pwd")
    assert not os.path.exists(ran.said[0][1])


def test_input_files_are_texts_or_stored_files(files: LocalFiles) -> None:
    address = files.put(f"{FOLDER}/data.csv", io.BytesIO(b"1,2\n"))
    files.put("/company/team/_files/queries/all.sql", io.BytesIO(b"select 1\n"))
    given = {"a/text.txt": "{{ 1 + 1 }}\n", "data.csv": "{{ inputs.file }}", "q.sql": "nsfile:///queries/all.sql"}
    ran = script(
        "cat a/text.txt data.csv q.sql", {"input_files": given}, files=files, variables={"inputs": {"file": address}}
    )
    assert [message for _, message in ran.said] == ["2", "1,2", "select 1"]


def test_input_files_may_be_one_text_of_json() -> None:
    ran = script("cat a.txt", {"input_files": "{{ inputs.files }}"}, variables={"inputs": {"files": '{"a.txt": "A"}'}})
    assert ran.said == [("INFO", "A")]


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x", "./x", ""])
def test_no_file_is_written_or_stored_outside_the_working_folder(name: str) -> None:
    for given in ({"input_files": {name: "x"}}, {"output_files": [name]}):
        error = script("true", given).result.error or ""
        assert error.endswith(f"(only relative path is supported) for path '{name}'")


def test_files_of_the_worker_are_no_input_files() -> None:
    error = script("true", {"input_files": {"a": "file:///etc/passwd"}}).result.error
    assert error == "`file:///etc/passwd` can't be read: files of the worker's machine are not allowed"


def test_a_missing_stored_file_is_named() -> None:
    assert (
        script("true", {"input_files": {"a": f"kestra://{FOLDER}/gone"}}).result.error
        == f"File not found: kestra://{FOLDER}/gone"
    )


def test_an_address_in_a_command_becomes_the_path_of_a_copy(files: LocalFiles) -> None:
    files.put(f"{FOLDER}/a.txt", io.BytesIO(b"content"))
    ran = script(f"cat kestra://{FOLDER}/a.txt", {"output_files": ["**"]}, files=files)
    assert ran.said == [("INFO", "content")]
    assert ran.result.outputs is not None
    assert ran.result.outputs["outputFiles"] == {}


def test_namespace_files_come_before_input_files(files: LocalFiles) -> None:
    for name in ("a.txt", "b.txt", "deep/c.txt"):
        files.put(f"/company/team/_files/{name}", io.BytesIO(f"namespace {name}\n".encode()))
    chosen = {"namespace_files": {"exclude": ["b.*"]}, "input_files": {"a.txt": "own\n"}}
    ran = script("find . -type f | sort | xargs cat", chosen, files=files)
    assert [message for _, message in ran.said] == ["own", "namespace deep/c.txt"]


def stored(ran: Ran) -> dict[str, str]:
    assert ran.result.outputs is not None
    found = ran.result.outputs["outputFiles"]
    assert isinstance(found, dict)
    return found


def test_output_files_are_stored_under_the_task_run(files: LocalFiles) -> None:
    ran = script("echo 1 > a.csv; echo 2 > 'b ü.csv'; echo 3 > c.txt", {"output_files": ["*.csv"]}, files=files)
    assert set(stored(ran)) == {"a.csv", "b ü.csv"}
    with files.open(stored(ran)["a.csv"]) as content:
        assert content.read() == b"1\n"
    assert all("/executions/" in address and "/tasks/hello/" in address for address in stored(ran).values())


def test_what_is_stored_does_not_change_with_the_script_s_file_nor_that_with_its_input(
    files: LocalFiles, tmp_path: Path
) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()

    def again(text: str, **given: object) -> Ran:
        properties = {"script": text, **given}
        return attempt(SCRIPT, properties, files=files, prepare=lambda ctx: setattr(ctx, "_shared", shared))

    address = stored(again("echo first > a", output_files=["a"]))["a"]
    change = "printf CHANGED | dd conv=notrunc of="
    again(f"{change}a; {change}b", input_files={"b": address})
    with files.open(address) as content:
        assert content.read() == b"first\n"


def test_files_of_a_failed_script_are_kept(files: LocalFiles) -> None:
    assert set(stored(script("echo 1 > a; exit 1", {"output_files": ["a"]}, files=files))) == {"a"}


def test_what_lies_in_the_output_folder_is_stored(files: LocalFiles) -> None:
    text = 'echo 1 > "{{ outputDir }}/a"; mkdir $OUTPUT_DIR/d; echo 2 > $OUTPUT_DIR/d/b'
    assert set(stored(script(text, files=files))) == {"a", "d/b"}


@pytest.mark.parametrize("name", ["b ü.csv", "a;echo oh.csv", "$(echo oh).csv", "%41.csv"])
def test_a_file_with_an_odd_name_is_found_again_by_its_address(files: LocalFiles, name: str) -> None:
    address = stored(script(f"echo content > '{name}'", {"output_files": ["*.csv"]}, files=files))[name]
    assert script(f"cat {address}", files=files).said == [("INFO", "content")]


def test_a_named_output_file_has_a_path_in_expressions(files: LocalFiles) -> None:
    ran = script("echo 1 > {{ outputFiles['a.txt'] }}", {"output_files": ["a.txt"]}, files=files)
    assert set(stored(ran)) == {"a.txt"}


def test_a_script_gives_values_back_by_messages() -> None:
    ran = script(
        """echo '::{"outputs": {"a": [1, 2]}}::'
        echo '::{"outputs": {"b": "two"}, "metrics": [{"name": "rows", "type": "counter", "value": 3}]}::'
        echo '::{"metrics": [{"name": "took", "type": "timer", "value": 1.5, "tags": {"step": "one"}}]}::'
        echo '::{"logs": [{"level": "warn", "message": "careful"}]}::'"""
    )
    assert ran.result.outputs == {"exitCode": 0, "vars": {"a": [1, 2], "b": "two"}, "outputFiles": {}}
    assert [(m.name, m.kind, m.value, m.tags) for m in ran.metrics] == [
        ("rows", "counter", 3, {}),
        ("took", "timer", 1500, {"step": "one"}),
    ]
    assert ran.said == [("WARN", "careful")]


@pytest.mark.parametrize("message", ["::{nonsense}::", '::{"outputs": 1}::', '::{"metrics": [{"name": "x"}]}::'])
def test_a_message_that_can_not_be_read_is_a_warning(message: str) -> None:
    ran = script(f"echo '{message}'")
    assert [level for level, _ in ran.said] == ["WARN"]
    assert ran.result.state is State.SUCCESS


def test_half_a_character_in_a_message_can_still_be_stored() -> None:
    ran = script(r"""printf '%s\n' '::{"outputs": {"a": "\ud800"}, "logs": [{"message": "\udc00"}]}::'""")
    assert ran.result.outputs is not None
    assert ran.result.outputs["vars"] == {"a": "?"}
    assert ran.said == [("INFO", "?")]


@pytest.mark.parametrize(
    "asked",
    [
        {"task_runner": {"type": DOCKER}},
        {"runner": "DOCKER", "docker": {"image": "x"}},
        {"docker": {"image": "x"}},
        {"container_image": "x"},
    ],
)
def test_asked_for_docker_the_script_runs_all_the_same_with_a_warning(asked: Mapping[str, object]) -> None:
    ran = script("echo here", asked)
    assert [level for level, _ in ran.said] == ["WARN", "INFO"]
    assert ran.result.state is State.SUCCESS


@pytest.mark.parametrize("asked", [{"task_runner": {"type": PROCESS}}, {"runner": "PROCESS"}])
def test_asked_for_a_process_nobody_is_warned_that_its_image_is_of_no_use(asked: Mapping[str, object]) -> None:
    assert script("echo here", {**asked, "container_image": "x"}).said == [("INFO", "here")]


def test_options_of_a_container_are_named_as_having_no_effect() -> None:
    ran = script("true", {"task_runner": {"type": DOCKER, "networkMode": "host", "cpu": {"cpus": 2}}})
    assert ran.said[0][1].endswith("process of the worker's machine, networkMode, cpu without effect")


def test_an_unknown_task_runner_fails_the_task() -> None:
    assert script("true", {"task_runner": {"type": "io.kestra.nope.Runner"}}).result.state is State.FAILED


def test_a_task_type_is_no_task_runner() -> None:
    error = script("true", {"task_runner": {"type": COMMANDS}}).result.error
    assert error == f"taskRunner: {COMMANDS} can't be used here"


def test_a_killed_script_is_killed_and_stores_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "GRACE_SECONDS", 0.1)
    ran = script("touch a; echo ready; sleep 300", {"output_files": ["a"]}, heard=lambda ctx, _line: ctx.cancel())
    assert ran.result.state is State.KILLED
    assert ran.said == [("INFO", "ready")]
    assert stored(ran) == {}


def test_nothing_but_the_script_s_own_files_is_left_in_its_folder(files: LocalFiles) -> None:
    left: list[str] = []

    def prepare(ctx: TaskContext) -> None:
        ctx.close = lambda: left.extend(sorted(path.name for path in ctx.working_dir.iterdir()))

    address = files.put(f"{FOLDER}/a.txt", io.BytesIO(b"content"))
    attempt(SCRIPT, {"script": f"cat {address}; touch b $OUTPUT_DIR/c"}, files=files, prepare=prepare)
    assert left == ["b"]
