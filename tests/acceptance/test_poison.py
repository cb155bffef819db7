"""An execution that the engine can't handle ends FAILED and says why; whoever waits for it hears, others go on."""

from __future__ import annotations

from importlib import import_module

import pytest

import kapell
from acceptance.story import children, flow, logs, run, runs, state
from kapell.engine.draft import Draft
from kapell.model.messages import Event, TaskFinished

POISON = flow("poison", "  - {id: a, type: LOG, message: a}\n")
CALLS = flow("calls", "  - {id: call, type: FLOW.Subflow, namespace: company.team, flowId: poison}\n")
LOOPS = flow("loops", "  - {id: loop, type: FLOW.Loop, values: [1, 2], tasks: [{id: a, type: LOG, message: a}]}\n")
WELL = flow("well", "  - {id: b, type: LOG, message: b}\n")


@pytest.fixture(autouse=True)
def _engine_that_stumbles(monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine with a defect: it raises where a task `a` has finished."""
    engine = import_module("kapell.engine.step")
    handle = engine.answer

    def stumble(draft: Draft, event: Event) -> bool:
        if isinstance(event, TaskFinished) and draft.the(event.task_run_id).task_id == "a":
            raise ZeroDivisionError("nobody has thought of that")
        return handle(draft, event)

    monkeypatch.setattr(engine, "answer", stumble)


def test_poison_ends_one_execution_and_says_why() -> None:
    with kapell.Local() as local:
        id = run(local, POISON)
        assert state(local, id) == "CREATED RUNNING FAILED"
        why = "The engine could not handle TaskFinished: ZeroDivisionError: nobody has thought of that"
        assert f"ERROR {why}" in logs(local, id)
        well = run(local, WELL)
        assert state(local, well) == "CREATED RUNNING SUCCESS"


@pytest.mark.parametrize(("source", "task"), [(CALLS, "call"), (LOOPS, "loop")])
def test_whoever_waits_for_a_poisoned_execution_hears_of_its_end(source: str, task: str) -> None:
    with kapell.Local() as local:
        id = run(local, POISON, source)
        assert runs(local, id) == {task: "CREATED RUNNING FAILED"}
        assert [str(one.state) for one in children(local, id)] == ["FAILED"]
