from __future__ import annotations

from datetime import timedelta

import pytest

from attempts import Ran, attempt, named
from factories import NOW, execution, line, metric, task_run
from kapell.model.log import Level
from kapell.model.state import State
from store_doors import Opened, opened

LOGS = "io.kestra.plugin.core.log.PurgeLogs"
METRICS = "io.kestra.plugin.core.metric.PurgeMetrics"
HERE, BELOW = task_run(execution()), task_run(execution())
SUB = {"namespace": "company.team.sub", "at": NOW + timedelta(hours=1)}
END = (NOW + timedelta(days=1)).isoformat()


def run(around: Opened, type: str, properties: dict[str, object]) -> Ran:
    lines = [line(HERE, "info", number=1), line(HERE, "bad", number=2, level=Level.ERROR), line(BELOW, "below", **SUB)]
    around.do(around.store.logs.append(lines, [metric(HERE), metric(BELOW, **SUB)]))
    return attempt(type, named(type, properties), doors=around.doors, clock=around.clock)


@pytest.mark.parametrize(
    ("properties", "left"),
    [
        ({"endDate": END}, []),
        ({"endDate": NOW.isoformat()}, ["below"]),
        ({"endDate": END, "startDate": SUB["at"].isoformat()}, ["info", "bad"]),
        ({"endDate": END, "logLevels": ["INFO", "DEBUG"]}, ["bad"]),
        ({"endDate": END, "executionId": HERE.execution_id}, ["below"]),
        ({"endDate": END, "namespace": "company.team.sub"}, ["info", "bad"]),
        ({"endDate": END, "namespace": "company.team", "flowId": "hello"}, ["below"]),
        ({"endDate": END, "batchSize": 1}, []),
        ({"endDate": END, "purgeExecutionLogs": False}, ["info", "bad", "below"]),
    ],
)
def test_lines_are_purged_by_flow_execution_level_and_date(properties: dict[str, object], left: list[str]) -> None:
    with opened() as around:
        ran = run(around, LOGS, properties)
        lines = [*around.doors.logs.read(HERE.execution_id, Level.TRACE, 9)]
        lines += around.doors.logs.read(BELOW.execution_id, Level.TRACE, 9)
        count = 3 - len(left)
    assert [line.message for line in lines] == left
    assert ran.result.outputs == {"count": count, "executionLogsCount": count, "nonExecutionLogsCount": 0}


@pytest.mark.parametrize(
    ("properties", "count"),
    [
        ({"endDate": END}, 2),
        ({"endDate": NOW.isoformat()}, 1),
        ({"endDate": END, "namespace": "company.team", "flowId": "hello"}, 1),
        ({"endDate": END, "namespace": "elsewhere"}, 0),
        ({"endDate": END, "startDate": END}, 0),
    ],
)
def test_metrics_are_purged_by_flow_and_date(properties: dict[str, object], count: int) -> None:
    with opened() as around:
        ran = run(around, METRICS, properties)
        runs = (HERE, BELOW)
        left = sum(len(around.do(around.store.logs.metrics(run.execution_id))) for run in runs)
    assert ran.result.outputs == {"count": count}
    assert left == 2 - count


def test_metrics_of_a_flow_need_its_namespace() -> None:
    with opened() as around:
        ran = run(around, METRICS, {"endDate": END, "flowId": "hello"})
    assert ran.result.state is State.FAILED
    assert ran.said == [("ERROR", "Property `namespace` is required when `flowId` is set.")]
