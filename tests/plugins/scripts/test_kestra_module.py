"""`from kestra import Kestra` in a script, without the package."""

from __future__ import annotations

from attempts import Ran, attempt
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
