"""What a transition costs among ten task runs and among ten thousand: the same, in the file and in the engine."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import pytest

from factories import MINUTE, created, execution
from kapell.adapters.memory.feed import MemoryFeed
from kapell.adapters.sqlite.query import Session, Value
from kapell.adapters.sqlite.store import SqliteStore
from kapell.clock import ManualClock
from kapell.expr import Env
from kapell.expr.environment import nothing_to_read
from kapell.ids import derived_id
from kapell.model.messages import RunTask, TaskFinished
from kapell.model.state import State
from kapell.ports.flows import StoredFlow
from kapell.services.executor import Executor
from kapell.services.flow_cache import FlowCache
from kapell.services.stepper import Surroundings
from stores import with_store

SHELL = "io.kestra.plugin.scripts.shell.Script"
HEAD = "id: hello\nnamespace: company.team\ntasks:\n"

FEW, MANY = 10, 10_000
DIGITS = 64
"""Bytes that longer numbers may take: a task run's, the next one's, an instant's."""


def script(id: str) -> str:
    return f"{{id: {id}, type: {SHELL}, script: echo}}"


def parallel(count: int) -> str:
    """Many scripts at once, and beside them two sequences in which one begins when another has ended."""
    alone = [script(f"alone-{number}") for number in range(count)]
    pairs = [
        f"{{id: {name}, type: io.kestra.plugin.core.flow.Sequential, "
        f"tasks: [{script(f'first-{name}')}, {script(f'second-{name}')}]}}"
        for name in ("left", "right")
    ]
    lines = "".join(f"      - {task}\n" for task in pairs + alone)
    return f"{HEAD}  - id: all\n    type: io.kestra.plugin.core.flow.Parallel\n    tasks:\n{lines}"


def for_each(count: int) -> str:
    """A loop in whose every turn one script begins when another has ended."""
    loop = "{id: all, type: io.kestra.plugin.core.flow.ForEach, concurrencyLimit: 0,"
    tasks = f"[{script('first')}, {script('second')}]"
    return f"{HEAD}  - {loop} values: '{{{{ range(1, {count}) }}}}', tasks: {tasks}}}\n"


class Cost(NamedTuple):
    """What one transition takes: statements, bytes of their values, lines of Python that the engine's thread runs."""

    statements: int
    bytes: int
    lines: int


class Meter:
    """Counts while it is on."""

    def __init__(self) -> None:
        self.statements = self.bytes = self.lines = 0

    def statement(self, _cursor: object, _statement: str, values: tuple[Value, ...] | None) -> bool:
        self.statements += 1
        self.bytes += sum(len(value) if isinstance(value, str | bytes) else 8 for value in values or ())
        return True

    def line(self, _frame: FrameType, what: str, _given: object) -> object:
        self.lines += what == "line"
        return self.line

    async def around(self, store: SqliteStore, executor: Executor) -> Cost:
        """The cost of the executor's next turn."""
        await store._database.write(lambda session: self._listen(session, on=True))
        before = sys.gettrace()
        sys.settrace(self.line)
        try:
            await executor.turn()
        finally:
            sys.settrace(before)
        await store._database.write(lambda session: self._listen(session, on=False))
        return Cost(self.statements, self.bytes, self.lines)

    def _listen(self, session: Session, *, on: bool) -> None:
        session.connection.exec_trace = self.statement if on else None


def finished(task: RunTask, clock: ManualClock) -> TaskFinished:
    job = task.job
    return TaskFinished(
        id=derived_id("finished", job.id),
        execution_id=job.execution_id,
        at=clock.now(),
        task_run_id=job.task_run_id,
        attempt=job.attempt,
        state=State.SUCCESS,
        outputs={"exitCode": 0},
    )


async def cost_of_one_more(store: SqliteStore, source: str, count: int) -> Cost:
    """Begin all, let a task end that another waits for, and measure that when it happens once more."""
    clock = ManualClock()
    await store.flows.save(StoredFlow(namespace="company.team", id="hello", revision=0, source=source))
    around = Surroundings(FlowCache(store.flows), None, {}, nothing_to_read, Env(now=clock.now))
    executor = Executor(store, MemoryFeed(), clock, around)
    await store.executions.create([new := created(execution(id="0" * 22))])
    await executor.turn()
    begun = await store.executions.get(new.execution.id)
    assert begun is not None
    assert begun.state is State.RUNNING
    claims = await store.queue.claim("worker", "", 2 * count, clock.now(), MINUTE)
    assert len(claims) >= count
    warm, measured = [claim.task for claim in claims if claim.task.job.task_id.startswith("first")][:2]
    await executor.receive([finished(warm, clock)])
    await executor.turn()
    await executor.receive([finished(measured, clock)])
    return await Meter().around(store, executor)


@pytest.mark.parametrize("flow", [parallel, for_each])
def test_a_transition_costs_the_same_among_ten_and_among_ten_thousand(
    tmp_path: Path, flow: Callable[[int], str]
) -> None:
    few, many = (
        with_store(tmp_path / f"{count}.db", lambda store, count=count: cost_of_one_more(store, flow(count), count))
        for count in (FEW, MANY)
    )
    assert few.statements == many.statements < 30
    assert abs(few.bytes - many.bytes) < DIGITS
    assert few.bytes < 10_000
    assert many.lines < 1.1 * few.lines
