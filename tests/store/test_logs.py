"""Logs: lines in order, each once."""

from __future__ import annotations

from factories import NOW, SECOND, created, execution, line, metric, step, task_run
from kapell.model.log import Level
from kapell.ports.store import Store
from lease import all_shards

RUN = task_run(execution())
OTHER = task_run(execution(), "other")


async def messages(store: Store, **asked: object) -> list[str]:
    return [found.message for found in await store.logs.read(RUN.execution_id, **asked)]


async def test_lines_and_metrics_can_be_read_back_as_they_were(store: Store) -> None:
    lines = [line(RUN, "a\x00ü", thread="t", attempt=2)]
    await store.logs.append(lines, [metric(RUN, "one"), metric(RUN, "two")])
    assert await store.logs.read(RUN.execution_id) == lines
    assert await store.logs.metrics(RUN.execution_id) == [metric(RUN, "one"), metric(RUN, "two")]


async def test_lines_come_in_the_order_of_their_instants(store: Store) -> None:
    late, early = line(RUN, "late", at=NOW + SECOND), line(task_run(execution(id=RUN.execution_id), "x"), "early")
    await store.logs.append([late])
    await store.logs.append([early])
    assert await messages(store) == ["early", "late"]


async def test_lines_of_one_attempt_keep_the_order_of_their_numbers(store: Store) -> None:
    lines = [line(RUN, "second", number=2), line(RUN, "first", number=1), line(RUN, "third", number=3, at=NOW - SECOND)]
    await store.logs.append(lines)
    assert await messages(store) == ["first", "second", "third"]


async def test_a_line_that_is_there_already_is_left_out(store: Store) -> None:
    await store.logs.append([line(RUN, "one", number=1)])
    await store.logs.append([line(RUN, "again", number=1), line(RUN, "two", number=2), line(RUN, "two", number=2)])
    await store.logs.append([line(RUN, "next try", number=1, attempt=1, at=NOW + SECOND)])
    assert await messages(store) == ["one", "two", "next try"]


async def test_lines_of_the_execution_itself_are_all_kept(store: Store) -> None:
    own = [line(RUN, text, task_run_id=None, task_id=None) for text in ("a", "b")]
    await store.logs.append(own)
    assert await messages(store) == ["a", "b"]


async def test_a_step_brings_its_lines_once_with_those_of_a_worker(store: Store) -> None:
    new = created()
    run = task_run(new.execution)
    await store.executions.create([new])
    await store.logs.append([line(run, number=1)])
    steps = [step(new.execution, new.event, logs=(line(run, number=1), line(run, "inline", number=2)))]
    await store.executions.apply(steps, await all_shards(store))
    assert await store.logs.read(new.execution.id) == [line(run, number=1), line(run, "inline", number=2)]


async def test_reading_is_narrowed_by_task_run_level_and_number(store: Store) -> None:
    other = task_run(execution(id=RUN.execution_id), "other")
    await store.logs.append(
        [
            line(RUN, "debug", level=Level.DEBUG, number=1),
            line(RUN, "warn", level=Level.WARN, number=2),
            line(other, "error", level=Level.ERROR, at=NOW + SECOND),
        ]
    )
    assert await messages(store, task_run_id=RUN.id) == ["debug", "warn"]
    assert await messages(store, at_least=Level.WARN) == ["warn", "error"]
    assert await messages(store, limit=1) == ["debug"]
    assert await messages(store, task_run_id=other.id, at_least=Level.DEBUG) == ["error"]


async def test_other_executions_are_not_seen(store: Store) -> None:
    await store.logs.append([line(OTHER)], [metric(OTHER)])
    assert await messages(store) == []
    assert await store.logs.metrics(RUN.execution_id) == []
