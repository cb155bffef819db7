"""Tasks of io.kestra.plugin.kestra that ask: acts need an executor, and are in test_acts.py."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from attempts import Ran, attempt, named
from factories import NOW, child, created, execution, line, step, task_run
from kapell.adapters.files.local import LocalFiles
from kapell.model.execution import Execution, ExecutionTrigger
from kapell.model.state import State
from kapell.ports.executions import Search
from kapell.sdk.rows import read_rows
from lease import all_shards
from store_doors import Opened, opened

KESTRA = "io.kestra.plugin.kestra."
HOUR = timedelta(hours=1)
PARENT = execution(State.SUCCESS, trigger=ExecutionTrigger(id="t", type="a.b", variables={"x": 1}))
THERE = {
    "parent": PARENT,
    "child": child(PARENT, state=State.FAILED),
    "live": execution(State.RUNNING, flow_id="other", labels={"team": "data"}, inputs={"day": 1}),
    "below": execution(State.SUCCESS, namespace="company.team.sub"),
    "system": execution(State.SUCCESS, namespace="system"),
}


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path)


@pytest.fixture
def around(files: LocalFiles) -> Iterator[Opened]:
    with opened(files) as found:
        for one in THERE.values():
            found.do(insert(found, one))
        yield found


async def insert(around: Opened, one: Execution) -> None:
    new = created(one)
    await around.store.executions.create([new])
    await around.store.executions.apply([step(one, new.event)], await all_shards(around.store))


def run(around: Opened, name: str, files: LocalFiles, properties: Mapping[str, object] | None = None) -> Ran:
    type = f"{KESTRA}{name}"
    variables = {"kestra": {"url": "http://own:8080"}}
    given = named(type, properties or {})
    return attempt(type, given, doors=around.doors, clock=around.clock, files=files, variables=variables)


def names(rows: object) -> str:
    """The executions that rows are of."""
    assert isinstance(rows, list)
    known = {one.id: name for name, one in THERE.items()}
    return " ".join(known[str(row["id"])] for row in rows)


@pytest.mark.parametrize(
    ("properties", "found"),
    [
        ({}, "system below live child parent"),
        ({"namespace": "company"}, "below live child parent"),
        ({"namespace": "company.team", "flowId": "hello"}, "child parent"),
        ({"states": ["SUCCESS", "RUNNING"]}, "system below live parent"),
        ({"labels": {"team": "data"}}, "live"),
        ({"labels": {"team": "none"}}, ""),
        ({"triggerExecutionId": PARENT.id}, "child"),
        ({"childFilter": "CHILD"}, "child"),
        ({"childFilter": "MAIN"}, "system below live parent"),
        ({"flowScopes": ["SYSTEM"]}, "system"),
        ({"flowScopes": ["USER"]}, "below live child parent"),
        ({"startDate": (NOW + HOUR).isoformat()}, ""),
        ({"endDate": (NOW - HOUR).isoformat()}, ""),
        ({"startDate": NOW.isoformat(), "endDate": NOW.isoformat()}, "system below live child parent"),
        ({"timeRange": "PT1H"}, "system below live child parent"),
        ({"startDate": (NOW - 2 * HOUR).isoformat(), "timeRange": "PT1H"}, ""),
        ({"size": 2, "page": 1}, "system below"),
        ({"size": 2, "page": 3}, "parent"),
        ({"size": 2, "page": 4}, ""),
    ],
)
def test_executions_are_found_by_all_that_is_said(
    around: Opened, files: LocalFiles, properties: dict[str, object], found: str
) -> None:
    ran = run(around, "executions.Query", files, {"fetchType": "FETCH"} | properties)
    assert ran.result.state is State.SUCCESS, ran.said
    outputs = ran.result.outputs or {}
    assert names(outputs["rows"]) == found
    assert outputs["size"] == (5 if "page" in properties else len(found.split()))


def test_they_are_stored_as_a_table_or_the_first_is_given_back(around: Opened, files: LocalFiles) -> None:
    stored = run(around, "executions.Query", files).result.outputs or {}
    with files.open(str(stored["uri"])) as content:
        rows = list(read_rows(content))
    assert names(rows) == "system below live child parent"
    assert stored.keys() == {"size", "uri"}
    one = run(around, "executions.Query", files, {"fetchType": "FETCH_ONE", "labels": {"team": "data"}}).result.outputs
    assert (one or {})["row"] == {
        "id": THERE["live"].id,
        "namespace": "company.team",
        "flowId": "other",
        "flowRevision": 1,
        "state": {
            "current": "RUNNING",
            "histories": [{"state": state, "date": "2026-01-01T09:00:00Z"} for state in ("CREATED", "RUNNING")],
            "startDate": "2026-01-01T09:00:00Z",
        },
        "labels": [{"key": "team", "value": "data"}],
        "inputs": {"day": 1},
        "originalId": THERE["live"].id,
        "metadata": {"attemptNumber": 1, "originalCreatedDate": "2026-01-01T09:00:00Z"},
    }
    none = run(around, "executions.Query", files, {"fetchType": "NONE"}).result.outputs
    assert none == {"size": 5}
    nobody = {"fetchType": "FETCH_ONE", "flowId": "nobody"}
    assert run(around, "executions.Query", files, nobody).result.outputs == {"size": 0}


def test_an_ended_one_says_when_and_by_which_trigger(around: Opened, files: LocalFiles) -> None:
    given = {"fetchType": "FETCH_ONE", "flowId": "hello", "childFilter": "MAIN", "namespace": "company.team"}
    row = (run(around, "executions.Query", files, given).result.outputs or {})["row"]
    assert isinstance(row, dict)
    assert row["state"]["endDate"] == "2026-01-01T09:00:00Z"
    assert row["trigger"] == {"id": "t", "type": "a.b", "variables": {"x": 1}}


@pytest.mark.parametrize(
    ("properties", "count"),
    [
        ({}, 5),
        ({"namespaces": ["company.team"]}, 3),
        ({"namespaces": ["company.team", "system"], "states": ["SUCCESS"]}, 2),
        ({"flowId": "hello"}, 4),
        ({"namespaces": ["company.team"], "flowId": "other"}, 1),
        ({"endDate": NOW.isoformat()}, 4),
        ({"startDate": (NOW + HOUR).isoformat()}, 0),
        ({"expression": "{{ count > 4 }}"}, 5),
        ({"expression": "{{ count > 5 }}"}, 0),
    ],
)
def test_executions_are_counted(around: Opened, files: LocalFiles, properties: dict[str, object], count: int) -> None:
    assert run(around, "executions.Count", files, properties).result.outputs == {"count": count}


def test_one_that_has_ended_is_deleted_and_what_it_started_stays(around: Opened, files: LocalFiles) -> None:
    around.do(around.store.logs.append([line(task_run(PARENT))]))
    kept = run(around, "executions.Delete", files, {"executionId": PARENT.id, "deleteLogs": False})
    assert kept.result.state is State.SUCCESS, kept.said
    assert around.doors.executions.get(PARENT.id) is None
    assert around.doors.executions.get(THERE["child"].id) is not None
    assert len(around.do(around.store.logs.read(PARENT.id))) == 1


@pytest.mark.parametrize(
    ("id", "told"),
    [
        (THERE["live"].id, f"Execution {THERE['live'].id} is not in a terminate state (RUNNING)"),
        ("nothing", "Execution nothing not found"),
        ("e", "It's not allowed to delete the current execution e"),
        ("{{ ' ' }}", "The execution ID is required."),
    ],
)
def test_others_are_not_deleted(around: Opened, files: LocalFiles, id: str, told: str) -> None:
    ran = run(around, "executions.Delete", files, {"executionId": id})
    assert ran.said == [("ERROR", told)]
    assert sum(row.count for row in around.doors.executions.count(Search())) == len(THERE)


def test_a_log_is_fetched(around: Opened, files: LocalFiles) -> None:
    around.do(around.store.logs.append([line(task_run(PARENT))]))
    ran = run(around, "logs.Fetch", files, {"executionId": PARENT.id, "kestraUrl": "http://localhost:8080"})
    assert (ran.result.outputs or {})["size"] == 1


@pytest.mark.parametrize(
    ("server", "told"),
    [
        ({"kestraUrl": "http://localhost:8080"}, None),
        ({"kestraUrl": "http://own:8080/"}, None),
        ({"kestraUrl": "{{ kestra.url }}", "tenantId": "main", "auth": {"username": "a", "password": "b"}}, None),
        (
            {"kestraUrl": "http://own"},
            "`kestraUrl` http://own names another server, and only this one can be asked: leave it out",
        ),
        (
            {"kestraUrl": "https://other:8080"},
            "`kestraUrl` https://other:8080 names another server, and only this one can be asked: leave it out",
        ),
        ({"tenantId": "other"}, "There is no tenant 'other': the only one is 'main'"),
    ],
)
def test_only_the_own_server_is_asked(
    around: Opened, files: LocalFiles, server: dict[str, object], told: str | None
) -> None:
    ran = run(around, "executions.Count", files, server)
    assert (ran.result.outputs == {"count": 5}) is (told is None)
    assert told is None or ran.said == [("ERROR", told)]
