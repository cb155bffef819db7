from __future__ import annotations

from datetime import timedelta

import pytest

from attempts import Ran, attempt, named
from factories import NOW, created, execution
from kapell.model.execution import StateChange
from kapell.model.state import State
from store_doors import Opened, opened

TYPE = "io.kestra.plugin.core.execution.Count"
HOUR = timedelta(hours=1)
START = NOW.isoformat()
HELLO = {"namespace": "company.team", "flowId": "hello"}
NONE = {"namespace": "company.team", "flowId": "none"}


def run(around: Opened, **properties: object) -> Ran:
    early = tuple(StateChange(state, NOW - HOUR) for state in (State.CREATED, State.SUCCESS))
    there = [
        execution(State.SUCCESS),
        execution(State.FAILED),
        execution(State.SUCCESS, history=early),
        execution(State.RUNNING, flow_id="other"),
        execution(State.SUCCESS, namespace="company.team.sub"),
    ]
    around.do(around.store.executions.create([created(one) for one in there]))
    given = {"startDate": START, "expression": "{{ true }}"} | properties
    return attempt(TYPE, named(TYPE, given), doors=around.doors, clock=around.clock)


def row(of: dict[str, str], count: int) -> dict[str, object]:
    return {**of, "count": count}


@pytest.mark.parametrize(
    ("properties", "results"),
    [
        ({"flows": [HELLO, NONE]}, [row(HELLO, 2), row(NONE, 0)]),
        ({"flows": [HELLO, NONE], "expression": "{{ count == 0 }}"}, [row(NONE, 0)]),
        ({"flows": [HELLO], "states": ["FAILED"]}, [row(HELLO, 1)]),
        ({"flows": [HELLO], "startDate": (NOW - HOUR).isoformat()}, [row(HELLO, 3)]),
        (
            {"flows": [HELLO], "startDate": (NOW - HOUR).isoformat(), "endDate": (NOW - HOUR).isoformat()},
            [row(HELLO, 1)],
        ),
        ({"namespaces": ["company.team"]}, [{"namespace": "company.team", "count": 3}]),
        ({"namespaces": ["company"]}, [{"namespace": "company", "count": 0}]),
        ({"flows": [HELLO], "expression": "{{ count > 5 }}"}, []),
    ],
)
def test_executions_are_counted_by_flow_or_namespace(
    properties: dict[str, object], results: list[dict[str, object]]
) -> None:
    with opened() as around:
        ran = run(around, **properties)
    assert ran.result.outputs == {"results": results, "total": sum(int(str(one["count"])) for one in results)}


def test_flows_or_namespaces_must_be_said() -> None:
    with opened() as around:
        ran = run(around)
    assert ran.said == [("ERROR", "You must provide a list of flows or namespaces.")]
