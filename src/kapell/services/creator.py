"""A request becomes an execution: made by the engine, stored, and told to the executor if that is in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace

from kapell.clock import Clock
from kapell.engine import create
from kapell.errors import KapellError, Refused
from kapell.expr import render
from kapell.ids import new_id
from kapell.model.execution import ExecutionTrigger
from kapell.model.flow import Flow
from kapell.model.messages import NewExecution
from kapell.model.read import NeedsRead, Read, ReadFailed, from_answers
from kapell.ports.executions import Executions
from kapell.services.stepper import Surroundings


class Creator:
    """Creates executions. `told` hears of each one after it is committed."""

    def __init__(
        self, executions: Executions, around: Surroundings, clock: Clock, told: Callable[[NewExecution], None]
    ) -> None:
        self._executions = executions
        self._around = around
        self._clock = clock
        self._told = told

    async def create(
        self,
        flow: Flow,
        inputs: Mapping[str, object],
        labels: Mapping[str, str],
        trigger: ExecutionTrigger | None = None,
    ) -> str:
        """The id of a new execution, committed; raises `InputError`, or `Refused` for a flow that is disabled."""
        if flow.disabled:
            raise Refused("Cannot execute a disabled flow")
        new = await self._made(flow, inputs, labels, trigger)
        (id,) = await self._executions.create([new])
        if id == new.execution.id:
            self._told(new)
        return id

    async def _made(
        self, flow: Flow, inputs: Mapping[str, object], labels: Mapping[str, str], trigger: ExecutionTrigger | None
    ) -> NewExecution:
        now = self._clock.now()
        id = new_id(now)
        answers: dict[Read, object] = {}
        env = replace(self._around.env, reader=from_answers(answers), now=self._clock.now, namespace=flow.namespace)

        def rendered(value: object, seen: Mapping[str, object], typed: bool) -> object:
            return render(value, {**self._around.shared, **seen}, env, "typed" if typed else "text")

        while True:
            try:
                return create(flow, id=id, now=now, render=rendered, inputs=inputs, labels=labels, trigger=trigger)
            except NeedsRead as needed:
                answers[needed.read] = await self._answer(needed.read)

    async def _answer(self, read: Read) -> object:
        try:
            return await asyncio.to_thread(self._around.outside, read)
        except KapellError as error:
            return ReadFailed(str(error))
