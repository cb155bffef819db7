from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from attempts import Ran, attempt, job, named
from factories import execution, line, task_run
from kapell.adapters.files.local import LocalFiles
from kapell.model.log import Level
from store_doors import opened

TYPE = "io.kestra.plugin.core.log.Fetch"
RUN = task_run(execution(), "hello")
OTHER = task_run(execution(id=RUN.execution_id), "other")


def fetched(tmp_path: Path, **properties: object) -> tuple[Ran, list[dict[str, object]]]:
    files = LocalFiles(tmp_path)
    with opened() as around:
        lines = [
            line(RUN, "one", number=1),
            line(RUN, "quiet", number=2, level=Level.DEBUG),
            line(OTHER, "bad", level=Level.ERROR),
        ]
        asyncio.run_coroutine_threadsafe(around.store.logs.append(lines), around.loop).result(5)
        given = named(TYPE, {"executionId": RUN.execution_id} | properties)
        ran = attempt(TYPE, given, doors=around.doors, files=files)
    outputs = ran.result.outputs
    assert outputs is not None
    with files.open(str(outputs["uri"])) as content:
        rows = [json.loads(row) for row in content.read().splitlines()]
    assert outputs["size"] == len(rows)
    return ran, rows


@pytest.mark.parametrize(
    ("properties", "messages"),
    [
        ({}, ["one", "bad"]),
        ({"level": "DEBUG"}, ["one", "quiet", "bad"]),
        ({"level": "ERROR"}, ["bad"]),
        ({"tasksId": ["hello"]}, ["one"]),
        ({"flowId": "another"}, []),
        ({"namespace": "company.team", "flowId": "hello"}, ["one", "bad"]),
    ],
)
def test_lines_are_chosen_by_level_task_and_flow(
    tmp_path: Path, properties: dict[str, object], messages: list[str]
) -> None:
    _, rows = fetched(tmp_path, **properties)
    assert [row["message"] for row in rows] == messages


def test_a_line_names_where_it_was_written(tmp_path: Path) -> None:
    _, [row] = fetched(tmp_path, level="ERROR")
    assert (row["taskId"], row["executionId"], row["level"]) == ("other", RUN.execution_id, "ERROR")


def test_without_an_execution_it_is_the_task_s_own(tmp_path: Path) -> None:
    _, rows = fetched(tmp_path, executionId=None)
    assert rows == []
    assert job().execution_id != RUN.execution_id
