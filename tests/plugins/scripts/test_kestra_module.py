"""`from kestra import Kestra` in a script, without the package."""

from __future__ import annotations

import json
from pathlib import Path

from attempts import Ran, attempt
from kapell.adapters.files.local import LocalFiles
from kapell.model.state import State

SCRIPT = "io.kestra.plugin.scripts.python.Script"


def script(text: str, **properties: object) -> Ran:
    return attempt(SCRIPT, {"script": f"from kestra import Kestra\n{text}", **properties})


def test_outputs_are_given_to_the_task() -> None:
    ran = script("Kestra.outputs({'a': [1, 'é']})\nKestra.outputs({'b': None})")
    assert ran.result.outputs is not None
    assert ran.result.outputs["vars"] == {"a": [1, "é"], "b": None}
    assert ran.said == []


def test_metrics_are_published() -> None:
    ran = script("Kestra.counter('c', 2, {'k': 'v'})\nKestra.gauge('g', 0.5)\nKestra.timer('t', 1.5)")
    assert [(metric.name, metric.kind, metric.value, metric.tags) for metric in ran.metrics] == [
        ("c", "counter", 2, {"k": "v"}),
        ("g", "gauge", 0.5, {}),
        ("t", "timer", 1500, {}),
    ]


def test_a_timer_may_do_what_it_measures() -> None:
    ran = script("Kestra.timer('t', lambda: print('done'))")
    assert ran.said == [("INFO", "done")]
    assert 0 <= ran.metrics[0].value < 1000


def test_log_lines_have_their_level() -> None:
    ran = script(
        "log = Kestra.logger()\nassert Kestra.logger() is log\n"
        "log.debug('one')\nlog.info('two %s', 2)\nlog.warning('three')\nlog.critical('four')"
    )
    assert ran.said == [("DEBUG", "one"), ("INFO", "two 2"), ("WARN", "three"), ("ERROR", "four")]


def test_the_package_wins_where_it_is_installed(tmp_path) -> None:
    (tmp_path / "kestra.py").write_text("class Kestra:\n    name = 'the package'\n")
    assert script("print(Kestra.name)", env={"PYTHONPATH": str(tmp_path)}).said == [("INFO", "the package")]


def test_what_the_module_has_not_names_the_package() -> None:
    ran = attempt(SCRIPT, {"script": "from kestra import Flow"})
    assert ran.result.state is State.FAILED
    assert (
        "ERROR",
        "ImportError: `Flow` is in the package `kestra`: list it among the task's `dependencies`",
    ) in ran.said


VARIABLES = {"inputs": {"name": "a\n'b'", "files": [{"name": "first"}]}, "vars": {"n": 42}, "envs": {"secret": "x"}}


def test_the_execution_s_context_is_read_as_data(tmp_path: Path) -> None:
    files = LocalFiles(tmp_path)
    text = (
        "from kestra import context\nprint([context.inputs.name, context.inputs.files[0].name, context['vars']['n']])"
    )
    given = {"script": f"{text}\nprint(sorted(context), context.to_dict()['vars'])", "execution_context": True}
    ran = attempt(SCRIPT, {**given, "output_files": ["**", ".kestra*"]}, variables=VARIABLES, files=files)
    assert ran.said == [("INFO", """["a\\n'b'", 'first', 42]"""), ("INFO", "['inputs', 'vars'] {'n': 42}")]
    assert (ran.result.outputs or {})["outputFiles"] == {}


def test_every_language_finds_the_context_in_a_file_that_is_gone_afterwards(tmp_path: Path) -> None:
    command = 'cat .kestra-execution-context.json; echo; echo "$KESTRA_EXECUTION_CONTEXT_FILE"'
    shell = "io.kestra.plugin.scripts.shell.Commands"
    ran = attempt(shell, {"commands": [command], "execution_context": True}, variables=VARIABLES)
    assert json.loads(ran.said[0][1]) == {name: VARIABLES[name] for name in ("inputs", "vars")}
    assert not Path(ran.said[1][1]).exists()


def test_without_a_context_the_error_says_how_to_get_one() -> None:
    ran = attempt(SCRIPT, {"script": "from kestra import context"})
    assert any("set `executionContext: true` on the task" in message for _, message in ran.said)
