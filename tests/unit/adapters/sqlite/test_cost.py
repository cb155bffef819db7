"""What a transition costs: as much among two thousand task runs as among ten."""

from __future__ import annotations

from pathlib import Path

from factories import created, execution, finished, job, line, step, task_run
from kapell.adapters.sqlite.query import Session, Value
from kapell.adapters.sqlite.store import SqliteStore
from kapell.model.execution import Execution
from kapell.model.messages import Step
from kapell.model.state import State
from lease import all_shards
from stores import with_store

FIRST = 1_000
"""Numbers of task runs begin here, so that all have as many digits."""


class Meter:
    """Counts statements and the bytes of their values."""

    def __init__(self) -> None:
        self.statements = 0
        self.bytes = 0

    def trace(self, _cursor: object, _statement: str, values: tuple[Value, ...] | None) -> bool:
        self.statements += 1
        self.bytes += sum(len(value) if isinstance(value, str | bytes) else 8 for value in values or ())
        return True


def transition(before: Execution, number: int) -> Step:
    """One task run has ended, the next begins."""
    done = task_run(before, "t", value=f"{number}", number=number, state=State.SUCCESS, has_outputs=True)
    next_ = task_run(before, "t", value=f"{number + 1}", number=number + 1)
    return step(
        before,
        finished(done, outputs={"value": 1}),
        runs=(done, next_),
        outputs={done.id: {"value": 1}},
        logs=(line(done),),
        jobs=(job(next_),),
        done_jobs=(job(done).id,),
    )


async def cost_among(store: SqliteStore, count: int) -> tuple[int, int]:
    new = created(execution())
    await store.executions.create([new])
    lease = await all_shards(store)
    runs = tuple(task_run(new.execution, "t", value=f"{FIRST + n}", number=FIRST + n) for n in range(count))
    first = step(new.execution, new.event, to=State.RUNNING, runs=runs)
    await store.executions.apply([first], lease)
    meter = Meter()

    def measure(session: Session) -> None:
        session.connection.exec_trace = meter.trace

    await store._database.write(measure)
    await store.executions.apply([transition(first.execution, FIRST + count - 1)], lease)
    measured = (meter.statements, meter.bytes)
    await store._database.write(lambda session: setattr(session.connection, "exec_trace", None))
    return measured


def test_statements_and_bytes_do_not_depend_on_how_many_task_runs_there_are(tmp_path: Path) -> None:
    async def act(store: SqliteStore) -> None:
        few, many = await cost_among(store, 10), await cost_among(store, 2_000)
        assert few == many
        assert few[0] < 30

    with_store(tmp_path / "kapell.db", act)


def test_statements_do_not_grow_with_the_executions_of_a_batch(tmp_path: Path) -> None:
    async def act(store: SqliteStore) -> None:
        lease = await all_shards(store)
        counts = []
        for size in (64, 256):
            new = [created() for _ in range(size)]
            await store.executions.create(new)
            meter = Meter()

            def measure(session: Session, meter: Meter = meter) -> None:
                session.connection.exec_trace = meter.trace

            await store._database.write(measure)
            await store.executions.apply([step(one.execution, one.event) for one in new], lease)
            counts.append(meter.statements)
        assert counts[1] < counts[0] + 3 * (256 // 64)

    with_store(tmp_path / "kapell.db", act)
