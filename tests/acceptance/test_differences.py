"""What docs/differences.md says of kapell is so."""

from pathlib import Path

import pytest

import kapell
from acceptance.page import ask

ANCHORS = """\
id: anchors
namespace: company.team
variables:
  base: &base {a: 1, b: two}
  more:
    <<: *base
    c: 3
tasks:
  - id: tell
    type: io.kestra.plugin.core.debug.Return
    format: "{{ vars.more.a }} {{ vars.more.b }} {{ vars.more.c }}"
"""

DOUBTFUL = """\
id: doubtful
namespace: company.team
tasks:
  - id: first
    type: io.kestra.plugin.core.log.Log
    message: "{{ 'a' | uper }} {{ outputs.second.value }}"
    level: LOUD
  - id: second
    type: io.kestra.plugin.core.debug.Return
    format: "{{ 1 + }}"
"""

INPUTS = """\
id: asking
namespace: company.team
inputs:
  - {id: name, type: STRING}
  - {id: count, type: INT}
tasks:
  - {id: tell, type: io.kestra.plugin.core.log.Log, message: hello}
"""

DOCKER = """\
id: docker
namespace: company.team
tasks:
  - id: script
    type: io.kestra.plugin.scripts.shell.Script
    taskRunner: {type: io.kestra.plugin.scripts.runner.docker.Docker}
    script: echo "[$SECRET_KEY$KAPELL_HOME$PLAIN]"
"""

RETRYING = """\
id: retrying
namespace: company.team
tasks:
  - id: fail
    type: io.kestra.plugin.core.execution.Fail
    retry: {type: constant, interval: PT1H, maxAttempts: 2}
"""


def test_anchors_and_merge_keys_work() -> None:
    assert kapell.run(ANCHORS).task_outputs("tell") == {"value": "1 two 3"}


def test_a_flow_that_grows_without_bounds_when_its_aliases_are_followed_is_refused() -> None:
    rows = ["a: &a [x, x, x, x, x, x, x, x, x, x]"]
    rows += [f"{b}: &{b} [{', '.join([f'*{a}'] * 10)}]" for a, b in zip("abcdef", "bcdefg", strict=True)]
    source = ANCHORS.replace("variables:\n", "variables:\n  " + "\n  ".join(rows) + "\n")
    assert [problem.code for problem in kapell.check(source)] == ["too-many"]


def test_a_former_type_name_is_the_type_that_replaced_it() -> None:
    source = ANCHORS.replace("io.kestra.plugin.core.debug.Return", "io.kestra.core.tasks.debugs.Return")
    assert [(problem.severity, problem.code) for problem in kapell.check(source)] == [("info", "renamed-type")]
    assert kapell.run(source).state == "SUCCESS"


def test_what_would_fail_in_an_expression_is_warned_of_and_the_flow_may_run_all_the_same() -> None:
    problems = kapell.check(DOUBTFUL)
    assert {problem.severity for problem in problems} == {"warning"}
    assert {(problem.line, problem.column > 0) for problem in problems} == {(6, True), (7, True), (10, True)}
    assert len(problems) == 4
    assert kapell.run(DOUBTFUL).state == "FAILED"


def test_all_that_is_wrong_with_the_inputs_is_told_at_once() -> None:
    with pytest.raises(kapell.InputError) as caught:
        kapell.run(INPUTS, inputs={"count": "many"})
    assert list(caught.value.problems) == ["name", "count"]


def test_a_kill_during_the_wait_for_a_retry_ends_the_execution_at_once() -> None:
    with kapell.Local() as local:
        local.apply(RETRYING)
        id = local.create("company.team", "retrying")
        local.wait(id, timeout=20, states=["RETRYING"])
        local.kill(id)
        assert local.wait(id, timeout=20).state == "KILLED"


def test_an_error_in_an_expression_shows_its_place_below_kestras_sentence() -> None:
    with pytest.raises(kapell.RenderError) as caught:
        kapell.render("two {{ a.b }}", {"a": {}})
    sentence, template, caret = str(caught.value).splitlines()
    assert sentence.startswith("Unable to find `b` used in the expression")
    assert (template, caret) == ("  two {{ a.b }}", "           ^")


def test_an_expression_that_never_ends_is_ended() -> None:
    with pytest.raises(kapell.RenderError, match="takes more than 1000000 steps"):
        kapell.render("{% for a in range(1, 2000) %}{% for b in range(1, 2000) %}{{ a * b }}{% endfor %}{% endfor %}")


def test_adjacent_expressions_are_text() -> None:
    assert kapell.render("{{ 1 }}{{ 2 }}", mode="typed") == "12"


def test_a_script_for_docker_runs_as_a_process_says_so_and_sees_no_secret(tmp_path: Path) -> None:
    (tmp_path / "docker.yaml").write_text(DOCKER)
    printed = ask("kapell run docker.yaml", tmp_path, SECRET_KEY="a", KAPELL_HOME="b", PLAIN="c")
    assert "WARN    script: No container engine is used here" in printed
    assert "INFO    script: [c]" in printed
