"""The commands that tell about flows and types, as processes: what they print, and how they end."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from acceptance.processes import KAPELL, LOG, flow, kapell

GREET = f"{{id: greet, type: {LOG}, message: hi}}"


def said(*arguments: str | Path, status: int = 0) -> str:
    """What a command prints when it ends with `status`, on the stream for that."""
    ended = kapell(*arguments)
    assert ended.returncode == status, ended.stderr
    assert "Traceback" not in ended.stderr
    return ended.stderr if status else ended.stdout


def typed(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(KAPELL), *arguments], input=text, capture_output=True, text=True, timeout=60)


@pytest.mark.parametrize(
    "command",
    [
        (),
        ("run",),
        ("check",),
        ("explain",),
        ("plugins",),
        ("plugins", "doc"),
        ("render",),
        ("flow",),
        ("flow", "graph"),
        ("completion",),
    ],
)
def test_every_command_explains_itself(command: tuple[str, ...]) -> None:
    assert "kapell" in said(*command, "--help")


def test_plugins_lists_types_by_a_word_in_name_or_title() -> None:
    lines = said("plugins", "list", "write one or more").splitlines()
    assert lines == [f"task      {LOG}  Write one or more messages to the execution's log."]
    assert said("plugins", "list", "nothing-like-it", status=1).startswith("no type has")


def test_plugins_lists_types_as_json() -> None:
    found = {row["type"]: row for row in json.loads(said("plugins", "list", "--json"))}
    assert found[LOG]["kind"] == "task"
    assert found["io.kestra.plugin.core.trigger.Schedule"]["kind"] == "trigger"
    assert found["io.kestra.plugin.core.flow.EachParallel"]["deprecated"] is True


def test_plugins_shows_the_page_of_a_type() -> None:
    assert said("plugins", "doc", "log.Log").startswith(f"# Log\n\n`{LOG}`, a task\n")


@pytest.mark.parametrize(
    ("asked", "near"),
    [
        ("io.kestra.plugin.core.log.Lgo", f"did you mean {LOG}?"),
        ("Logg", LOG),
        ("shell.Scirpt", "Script"),
        ("Script", "io.kestra.plugin.scripts.python.Script"),
    ],
)
def test_an_unknown_type_is_answered_with_those_that_are_near(asked: str, near: str) -> None:
    assert near in said("plugins", "doc", asked, status=1)
    assert near in said("plugins", "schema", asked, status=1)


def test_plugins_prints_the_schema_of_flows_and_of_a_type() -> None:
    assert json.loads(said("plugins", "schema"))["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert "message" in json.loads(said("plugins", "schema", "log.Log"))["properties"]


def test_who_reads_may_go_before_the_end() -> None:
    ended = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {KAPELL} plugins schema | head -1"],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (141, "{\n", "")


def test_render_knows_variables_of_the_command_line_and_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "variables.yaml"
    file.write_text("inputs: {name: Bob, age: 7}\n")
    assert said("render", "{{ inputs.name | upper }}", "-v", "inputs.name=Ada") == "ADA\n"
    assert said("render", "{{ inputs.name }} {{ inputs.age + 1 }}", "--vars-file", file) == "Bob 8\n"
    both = ("--vars-file", file, "-v", "inputs.name=Ada", "-v", "more:=[1, 2]")
    assert said("render", "{{ inputs.name }} {{ inputs.age }} {{ more | length }}", *both) == "Ada 7 2\n"


def test_render_keeps_the_type_when_asked_to() -> None:
    assert said("render", "{{ [1, 'a'] }}", "--typed") == '[\n  1,\n  "a"\n]\n'
    assert said("render", "{{ 1 + 1 }}", "--typed") == "2\n"
    assert said("render", "{{ x }}", "-v", "x=1", "--typed") == '"1"\n'


def test_render_reads_standard_input() -> None:
    assert typed("{{ 1 + 1 }}\nand so on\n", "render", "-").stdout == "2\nand so on\n"


def test_render_shows_the_place_of_an_error() -> None:
    assert said("render", "a {{ x + }}", status=1).splitlines()[-1] == "          ^"
    assert "Unable to find `x`" in said("render", "{{ x }}", status=1)


@pytest.mark.parametrize("given", ["x", "=1", "x:=[", "a.b=1"])
def test_a_variable_that_can_not_be_read_is_2(given: str) -> None:
    assert given in said("render", "{{ x }}", "-v", "a=0", "-v", given, status=2)


def test_a_file_of_variables_must_hold_a_map(tmp_path: Path) -> None:
    file = tmp_path / "list.yaml"
    file.write_text("- 1\n")
    assert "map" in said("render", "x", "--vars-file", file, status=2)
    assert "No such file" in said("render", "x", "--vars-file", tmp_path / "none.yaml", status=2)


def test_flow_graph_draws_a_flow_in_three_manners(tmp_path: Path) -> None:
    file = flow(tmp_path, GREET)
    assert said("flow", "graph", file) == "greet (Log)\n"
    assert said("flow", "graph", file, "--mermaid").startswith("flowchart TD\n")
    assert {"nodes", "edges", "clusters"} <= json.loads(said("flow", "graph", file, "--json")).keys()
    assert typed(file.read_text(), "flow", "graph", "-").stdout == "greet (Log)\n"


def test_flow_graph_ends_with_1_for_a_bad_flow_and_2_for_none(tmp_path: Path) -> None:
    assert ":4:" in said("flow", "graph", flow(tmp_path, "{id: t}"), status=1)
    assert "No such file" in said("flow", "graph", tmp_path / "none.yaml", status=2)


def test_check_holds_the_flows_of_a_folder_against_one_another(tmp_path: Path) -> None:
    call = "{id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: x, flowId: nobody}"
    file = flow(tmp_path, call)
    assert said("check", file) == ""
    assert "unknown-flow" in said("check", tmp_path)
    assert kapell("check", tmp_path, "--strict").returncode == 1


def test_check_names_both_files_of_a_flow_that_is_there_twice(tmp_path: Path) -> None:
    file = flow(tmp_path, GREET)
    shutil.copy(file, tmp_path / "copy.yaml")
    printed = kapell("check", tmp_path).stdout.splitlines()
    assert len(printed) == 2
    assert all("duplicate-flow" in line and str(file) in line and "copy.yaml" in line for line in printed)
    assert kapell("check", file, file).returncode == 0


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_script_for_a_shell_names_every_command_and_option(shell: str) -> None:
    printed = said("completion", shell)
    for word in ("run", "plugins", "schema", "graph", "mermaid", "vars-file", "bash"):
        assert word in printed


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("kapell ", {"run", "check", "explain", "plugins", "render", "flow", "completion"}),
        ("kapell plugins ", {"list", "doc", "schema"}),
        ("kapell flow graph --m", {"--mermaid"}),
        ("kapell completion ", {"bash", "zsh", "fish"}),
        ("kapell run ", set()),
    ],
)
def test_bash_completes_commands_and_where_one_is_begun_options(line: str, expected: set[str]) -> None:
    words = line.split(" ")
    script = f"""source <({KAPELL} completion bash)
COMP_WORDS=({" ".join(word or "''" for word in words)}); COMP_CWORD={len(words) - 1}
_kapell; printf '%s\\n' "${{COMPREPLY[@]}}" """
    ended = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert set(ended.stdout.split()) == expected


def test_each_problem_of_check_says_in_json_how_severe_it_is(tmp_path: Path) -> None:
    file = tmp_path / "flow.yaml"
    file.write_text('id: x\nnamespace: a.b\ntasks: [{id: a, type: no.such.Type, message: "{{ inputs.z }}"}]\n')
    told = json.loads(kapell("check", "--json", file).stdout)
    assert {problem["severity"] for problem in told} == {"error", "warning"}
