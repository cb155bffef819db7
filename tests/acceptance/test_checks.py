"""Checks of a flow, in a whole kapell: an execution is refused, fails at once, or is made all the same."""

from __future__ import annotations

import asyncio

import pytest

import kapell
from kapell.assembly.runtime import Runtime
from kapell.assembly.settings import Settings
from kapell.services.creator import Form

FLOW = """
id: guarded
namespace: company.team
inputs: [{id: n, type: INT, defaults: 5}]
checks:
  - {when: "{{ inputs.n > 0 }}", message: Not one}
  - {when: "{{ inputs.n > 1 }}", message: Too few, behavior: FAIL_EXECUTION, style: ERROR}
  - {when: "{{ inputs.n > 2 }}", message: Few, behavior: CREATE_EXECUTION, style: WARNING}
tasks: [{id: a, type: io.kestra.plugin.core.debug.Return, format: a}]
afterExecution: [{id: z, type: io.kestra.plugin.core.debug.Return, format: z}]
"""


@pytest.fixture
def local() -> kapell.Local:
    with kapell.Local() as local:
        local.apply(FLOW)
        yield local


def test_a_blocked_execution_is_never_made(local: kapell.Local) -> None:
    with pytest.raises(kapell.Refused, match="Failed checks: Not one, Too few, Few"):
        local.create("company.team", "guarded", {"n": 0})
    assert local.executions() == []


def test_a_failed_check_is_an_execution_that_has_run_nothing(local: kapell.Local) -> None:
    done = local.settled(local.create("company.team", "guarded", {"n": 1}))
    assert [change.state for change in done.row.history] == ["CREATED", "FAILED"]
    assert (list(done.task_runs), done.inputs) == ([], {"n": 1})
    assert [(line.level, line.message) for line in local.logs(done.id)] == [("ERROR", "Too few")]


@pytest.mark.parametrize("n", [2, 5])
def test_what_only_warns_and_what_holds_runs(local: kapell.Local, n: int) -> None:
    assert local.settled(local.create("company.team", "guarded", {"n": n})).state == "SUCCESS"


def test_wrong_inputs_are_told_before_any_check(local: kapell.Local) -> None:
    with pytest.raises(kapell.InputError, match="Cannot convert value 'x' to Integer"):
        local.create("company.team", "guarded", {"n": "x"})


def test_a_form_shows_the_checks_that_do_not_hold_yet() -> None:
    async def form(n: int) -> Form:
        runtime = Runtime(Settings())
        await runtime.start()
        try:
            return await runtime.creator.check(await runtime.apply(FLOW), {"n": n}, {})
        finally:
            await runtime.stop()

    shown = asyncio.run(form(1))
    assert shown.resolved.values == {"n": 1}
    assert [(check.message, check.style, check.behavior) for check in shown.checks] == [
        ("Too few", "ERROR", "FAIL_EXECUTION"),
        ("Few", "WARNING", "CREATE_EXECUTION"),
    ]
