"""People who act on executions at any moment, and who in the end see to those that wait for a person."""

from __future__ import annotations

from collections.abc import Callable

from kapell.engine import Tree, replay
from kapell.engine.explain import explain
from kapell.errors import NotFound
from kapell.ids import derived_id
from kapell.model.execution import Execution, Kind
from kapell.model.explanation import Deed, Wait, WaitKind
from kapell.model.messages import (
    Act,
    Decision,
    ForceRunAsked,
    KillAsked,
    LabelsAsked,
    PauseAsked,
    RestartAsked,
    ResumeAsked,
    StateAsked,
    UnqueueAsked,
)
from kapell.model.state import State
from simulation.instant import at_once
from simulation.world import World

Ask = Callable[[str, Execution], Act | None]


class People:
    """What they ask for reaches the inbox once, as an API puts it there; `touched` are the executions it was about."""

    def __init__(self, world: World) -> None:
        self.touched: set[str] = set()
        self._world = world
        self._asked = 0
        self._answered: set[tuple[str, int]] = set()

    def act(self) -> None:
        """Somebody does something to some execution, whether it makes sense or not."""
        chance = self._world.chance
        target = chance.choice(self._world.rows())
        self.touched.add(target.id)
        if chance.random() < 0.1:
            self._replay(target)
            return
        ask: Ask = chance.choice([_kill, _pause, _resume, _force, _restart, _restart, _unqueue, _label, self._correct])
        self._asked += 1
        event = ask(f"act-{self._asked}", target)
        if event is not None:
            self._send(event)

    def attend(self) -> None:
        """Resume what waits for a person and for nothing else, each time it does so once."""
        for row in self._world.rows():
            key = (row.id, row.version)
            asking = [wait for wait in self._waits(row) if _needs_answer(wait)] if row.state is State.PAUSED else []
            if asking and key not in self._answered:
                self._answered.add(key)
                self._send(
                    ResumeAsked(
                        id=derived_id("answer", *key),
                        execution_id=row.id,
                        at=self._world.clock.now(),
                        values={"why": "so"},
                        decision=Decision.APPROVED if Deed.REVIEW in asking[0].deeds else None,
                    )
                )

    def give_up(self) -> None:
        """Kill what somebody has touched and what goes on still."""
        for row in self._world.rows():
            if row.id in self.touched and not row.state.ended:
                self._send(KillAsked(id=derived_id("give up", row.id), execution_id=row.id, at=self._world.clock.now()))

    def _waits(self, row: Execution) -> tuple[Wait, ...]:
        pending = at_once(self._world.store.executions.pending(row.id))
        return (
            explain(pending, self._world.flows[row.flow_id], self._world.clock.now()).waits
            if not pending.events
            else ()
        )

    def _send(self, event: Act) -> None:
        at_once(self._world.store.executions.send([event]))

    def _correct(self, id: str, target: Execution) -> Act | None:
        chance = self._world.chance
        runs = at_once(self._world.store.executions.task_runs(target.id))
        run = chance.choice([None, *runs])
        state = chance.choice([State.SUCCESS, State.FAILED, State.WARNING])
        at = self._world.clock.now()
        return StateAsked(id=id, execution_id=target.id, at=at, state=state, task_run_id=run.id if run else None)

    def _replay(self, target: Execution) -> None:
        """From its start, or from one of its task runs."""
        world = self._world
        if target.kind is Kind.LOOP:
            return
        runs = at_once(world.store.executions.task_runs(target.id))
        new = derived_id("replay", self._asked, target.id)
        self._asked += 1
        chosen = world.chance.choice([None, *runs])
        try:
            made = replay(
                Tree(target, runs),
                at_once(world.store.executions.outputs([run.id for run in runs])),
                world.flows[target.flow_id],
                id=new,
                now=world.clock.now(),
                inputs=target.inputs,
                from_run=chosen.id if chosen else None,
            )
        except NotFound:
            return
        self.touched.add(new)
        at_once(world.store.executions.create([made]))


def _needs_answer(wait: Wait) -> bool:
    return wait.kind is WaitKind.HELD or (wait.kind is WaitKind.PERSON and wait.until is None)


def _kill(id: str, target: Execution) -> Act:
    return KillAsked(id=id, execution_id=target.id, at=target.created, cascade=len(id) % 2 == 0)


def _pause(id: str, target: Execution) -> Act:
    return PauseAsked(id=id, execution_id=target.id, at=target.created)


def _resume(id: str, target: Execution) -> Act:
    decision = (None, *Decision)[len(target.history) % (1 + len(Decision))]
    return ResumeAsked(id=id, execution_id=target.id, at=target.created, values={}, decision=decision)


def _force(id: str, target: Execution) -> Act:
    return ForceRunAsked(id=id, execution_id=target.id, at=target.created)


def _restart(id: str, target: Execution) -> Act:
    return RestartAsked(id=id, execution_id=target.id, at=target.created)


def _unqueue(id: str, target: Execution) -> Act:
    state = (State.RUNNING, State.FAILED, State.CANCELLED)[len(target.history) % 3]
    return UnqueueAsked(id=id, execution_id=target.id, at=target.created, state=state)


def _label(id: str, target: Execution) -> Act:
    return LabelsAsked(id=id, execution_id=target.id, at=target.created, labels={"seen": "yes"})
