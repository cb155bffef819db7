"""jq programs: which run in this process, and what becomes of those that want too much."""

from __future__ import annotations

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep

import pytest

from kapell.errors import RenderError
from kapell.expr import jqprocess
from kapell.expr.budget import Budget, OverBudget
from kapell.expr.environment import Limits
from kapell.expr.jq import is_simple, run_jq


def results(program: str, value: object, **limits: float) -> list[object]:
    return run_jq(program, value, Budget(Limits(**limits)))  # type: ignore[arg-type]  # names of limits


@pytest.mark.parametrize(
    "program",
    [
        ".",
        ".a.b",
        '.["a-b"][0]',
        ".items[].id",
        '.[] | select(.age > 30 and .name != "x") | .name',
        "map(.v) | add",
        "group_by(.n) | map(length)",
        '{id: .a, "name": .b // "none"}',
        "[.[0], .[-1], .[1:3]]",
        "to_entries",
    ],
)
def test_a_plain_program_runs_in_this_process(program: str) -> None:
    assert is_simple(program, '{"a":1}')


@pytest.mark.parametrize(
    "program",
    [
        "def f: f; f",
        "..",
        "[1] | .[536870911] = 1",
        '"x" * 99999',
        ". + .",
        "env",
        "$ENV",
        "input",
        "[.[]?] | combinations",
        "range(9)",
        "tojson | tojson",
        'test("(a+)+$")',
        "implode",
        "{env}",
        "first.first." * 40 + "*",
        ".a" * 200,
    ],
)
def test_any_other_program_gets_a_process_of_its_own(program: str) -> None:
    assert not is_simple(program, "{}")


def test_two_walks_over_much_input_are_not_plain() -> None:
    assert is_simple(".[] == .[]", "[" + "1," * 400 + "1]")
    assert not is_simple(".[] == .[]", "[" + "1," * 4000 + "1]")


@pytest.mark.parametrize(
    ("program", "words"),
    [
        ("[1] | .[536870911] = 1", "memory"),
        ('reduce range(40) as $i ("x"; . + .)', "memory"),
        ("until(false; .)", "too long"),
        ("[range(1000000000)] | length", "too long"),
        ("def f: f; f", "too long"),
        ('"x" * 300000', "characters"),
        ("[range(100000)]", "characters"),
    ],
)
def test_a_program_that_wants_too_much_is_stopped(program: str, words: str) -> None:
    started = monotonic()
    with pytest.raises(OverBudget, match=words):
        results(program, {}, seconds=8 if words != "too long" else 0.8, output_chars=100_000)
    assert monotonic() - started < 15


@pytest.mark.parametrize("program", ['import "a" as a; .', 'include "a"; .', '1) | import "a" as a; (1', "input"])
def test_no_file_and_no_further_input_can_be_read(program: str) -> None:
    with pytest.raises(ValueError, match=r"syntax error|break"):
        results(program, {})


def test_a_program_after_one_that_was_stopped_runs_as_ever() -> None:
    with pytest.raises(OverBudget):
        results("until(false; .)", {}, seconds=0.2)
    assert results(". + 1", 1) == [2]


def test_a_process_that_ended_meanwhile_is_replaced() -> None:
    assert results(". + 1", 1) == [2]
    [child, *_] = jqprocess._pool.idle
    os.kill(child.process.pid, signal.SIGKILL)
    while child.process.poll() is None:
        sleep(0.01)
    assert results(". + 2", 1) == [3]


def test_several_threads_have_a_process_each() -> None:
    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda n: results(f". + {n}", n), range(40)))
    assert found == [[2 * n] for n in range(40)]
    assert len(jqprocess._pool.idle) <= jqprocess.KEPT


def test_a_long_input_and_a_long_answer_pass_the_pipe() -> None:
    rows = [{"id": n, "text": "é" * 20} for n in range(20_000)]
    assert results("[.[] | .id + 1] | length", rows) == [20_000]
    assert results(". + []", rows) == [rows]


def test_an_error_of_the_program_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="boom"):
        results('error("boom")', {})
    with pytest.raises(RenderError, match="100 characters"):
        results("[range(60)] | map(. + 100)", {}, output_chars=100)


def test_a_process_that_can_not_start_is_an_error_that_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jqprocess, "_CHILD", "raise SystemExit(1)")
    monkeypatch.setattr(jqprocess, "_pool", jqprocess._Pool())
    with pytest.raises(RenderError, match="could not be started"):
        results(". + 1", 1)
