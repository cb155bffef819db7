from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from attempts import Ran, attempt, named
from factories import NOW, created, execution, line, metric, step, task_run
from kapell.adapters.files.local import LocalFiles
from kapell.model.address import execution_folder
from kapell.model.execution import Execution, Kind, StateChange
from kapell.model.spilled import values_folder
from kapell.model.state import State
from kapell.ports.executions import Search
from lease import all_shards
from store_doors import Opened, opened

TYPE = "io.kestra.plugin.core.execution.PurgeExecutions"
HOUR = timedelta(hours=1)
END = NOW.isoformat()


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path)


@pytest.fixture
def around(files: LocalFiles) -> Iterator[Opened]:
    with opened(files) as found:
        yield found


def have(around: Opened, files: LocalFiles, state: State = State.SUCCESS, **given: object) -> Execution:
    """An execution with a line, a metric, an output and files, that ended at NOW unless its history says otherwise."""
    one = execution(state, **given)
    run = task_run(one, state=State.SUCCESS)

    async def insert() -> None:
        new = created(one)
        await around.store.executions.create([new])
        lease = await all_shards(around.store)
        said = {"logs": (line(run, namespace=one.namespace),), "metrics": (metric(run, namespace=one.namespace),)}
        await around.store.executions.apply([step(one, new.event, runs=(run,), **said)], lease)

    around.do(insert())
    files.put(f"{execution_folder(one.namespace, one.flow_id, one.id)}/tasks/t/r/a.txt", io.BytesIO(b"a"))
    files.put(f"{values_folder(one.namespace, one.flow_id, one.id)}/v.json", io.BytesIO(b"v"))
    return one


def purge(around: Opened, files: LocalFiles, **properties: object) -> Ran:
    given = named(TYPE, {"endDate": END} | properties)
    return attempt(TYPE, given, doors=around.doors, files=files, clock=around.clock)


def left(around: Opened) -> list[str]:
    return [one.id for one in around.do(around.store.executions.search(Search(loops=True)))]


def ended(at: timedelta) -> tuple[StateChange, ...]:
    return (StateChange(State.CREATED, NOW), StateChange(State.SUCCESS, NOW + at))


def test_what_has_ended_goes_with_its_lines_metrics_and_files(around: Opened, files: LocalFiles) -> None:
    gone = have(around, files)
    running, late = have(around, files, State.RUNNING), have(around, files, history=ended(HOUR))
    ran = purge(around, files)
    assert ran.result.outputs == {"executionsCount": 1, "logsCount": 1, "storagesCount": 1, "metricsCount": 1}
    assert left(around) == [late.id, running.id]
    assert around.do(around.store.logs.read(gone.id)) == []
    assert list(files.walk(execution_folder(gone.namespace, gone.flow_id, gone.id))) == []
    assert len(list(files.walk(execution_folder(late.namespace, late.flow_id, late.id)))) == 2
    assert purge(around, files).result.outputs == dict.fromkeys(ran.result.outputs or (), 0)


@pytest.mark.parametrize(
    ("properties", "gone"),
    [
        ({"namespace": "company"}, "here below other"),
        ({"namespace": "company.team"}, "here below other"),
        ({"namespace": "company.team", "flowId": "hello"}, "here"),
        ({"namespace": "company.team", "flowId": "other"}, "other"),
        ({"states": ["FAILED"]}, "elsewhere"),
        ({"states": "{{ ['FAILED', 'SUCCESS'] }}"}, "here below other elsewhere"),
        ({"startDate": (NOW + HOUR).isoformat(), "endDate": (NOW + 2 * HOUR).isoformat()}, ""),
        ({"endDate": "{{ now() | dateAdd(-1, 'MONTHS') }}"}, ""),
        ({"states": []}, ""),
    ],
)
def test_they_are_chosen_by_flow_state_and_date(
    around: Opened, files: LocalFiles, properties: dict[str, object], gone: str
) -> None:
    there = {
        "here": have(around, files),
        "below": have(around, files, namespace="company.team.sub"),
        "other": have(around, files, flow_id="other"),
        "elsewhere": have(around, files, State.FAILED, namespace="elsewhere"),
    }
    ran = purge(around, files, **properties)
    assert ran.result.state is State.SUCCESS, ran.said
    assert {name for name, one in there.items() if one.id not in left(around)} == set(gone.split())


def test_one_that_has_not_ended_stays_whatever_is_asked(around: Opened, files: LocalFiles) -> None:
    running = have(around, files, State.RUNNING)
    ran = purge(around, files, states=["RUNNING", "PAUSED"])
    assert ran.said[0] == ("WARN", "Executions that have not ended stay: RUNNING, PAUSED can't be purged")
    assert left(around) == [running.id]


@pytest.mark.parametrize("part", ["purgeExecution", "purgeLog", "purgeMetric", "purgeStorage"])
def test_only_the_parts_that_are_asked_for_go(around: Opened, files: LocalFiles, part: str) -> None:
    one = have(around, files)
    parts = dict.fromkeys(("purgeExecution", "purgeLog", "purgeMetric", "purgeStorage"), False)
    outputs = purge(around, files, **(parts | {part: True})).result.outputs or {}
    kept = {
        "purgeExecution": bool(left(around)),
        "purgeLog": bool(around.do(around.store.logs.read(one.id))),
        "purgeMetric": bool(around.do(around.store.logs.metrics(one.id))),
        "purgeStorage": any(address.endswith("a.txt") for address in files.walk("/")),
    }
    assert kept == dict.fromkeys(parts, True) | {part: False}
    assert sorted(outputs.values()) == [0, 0, 0, 1]


def test_values_that_are_kept_in_files_go_with_their_execution_only(around: Opened, files: LocalFiles) -> None:
    have(around, files)
    purge(around, files, purgeExecution=False)
    assert [address.rpartition("/")[2] for address in files.walk("/")] == ["v.json"]
    purge(around, files, purgeStorage=False)
    assert list(files.walk("/")) == []


def test_loops_go_with_their_execution_and_their_files_too(around: Opened, files: LocalFiles) -> None:
    outer = have(around, files)
    have(around, files, kind=Kind.LOOP, root_id=outer.id, parent_id=outer.id)
    outputs = purge(around, files).result.outputs
    assert outputs == {"executionsCount": 1, "logsCount": 2, "storagesCount": 2, "metricsCount": 2}
    assert left(around) == list(files.walk("/")) == []


def test_no_transaction_removes_more_than_a_batch(around: Opened, files: LocalFiles) -> None:
    for _ in range(7):
        have(around, files)
    sizes: list[int] = []
    whole = around.store.executions.purge

    async def counted(ids: list[str]) -> list[str]:
        sizes.append(len(ids))
        return await whole(ids)

    around.store.executions.purge = counted  # type: ignore[method-assign]
    assert (purge(around, files, batchSize=3).result.outputs or {})["executionsCount"] == 7
    assert sizes == [3, 3, 1]
    assert left(around) == []


@pytest.mark.parametrize("wrong", [{"endDate": "yesterday"}, {"endDate": END, "startDate": "x"}, {"batchSize": 0}])
def test_what_is_no_date_or_size_fails_and_removes_nothing(
    around: Opened, files: LocalFiles, wrong: dict[str, object]
) -> None:
    one = have(around, files)
    assert purge(around, files, **wrong).result.state is State.FAILED
    assert left(around) == [one.id]
