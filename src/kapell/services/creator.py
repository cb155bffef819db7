"""A request becomes an execution: made by the engine, stored, and told to the executor if that is in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kapell.clock import Clock
from kapell.engine import new_execution
from kapell.engine.inputs import Resolved
from kapell.errors import InputError, Refused
from kapell.ids import new_id
from kapell.model.execution import ExecutionTrigger
from kapell.model.flow import Flow
from kapell.model.messages import NewExecution
from kapell.ports.executions import Executions
from kapell.services.inputs import Inputs
from kapell.services.stepper import Surroundings


class Creator:
    """Creates executions. `told` hears of each one after it is committed."""

    def __init__(
        self, executions: Executions, around: Surroundings, clock: Clock, told: Callable[[NewExecution], None]
    ) -> None:
        self._executions = executions
        self._inputs = Inputs(around, clock)
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
        now = self._clock.now()
        id = new_id(now)
        resolved = await self._inputs.of_flow(flow, inputs, id=id, now=now, labels=labels, trigger=trigger)
        new = new_execution(flow, resolved, id=id, now=now, labels=labels, trigger=trigger)
        await self._inputs.store(resolved)
        return await self.store(new)

    async def store(self, new: NewExecution) -> str:
        """Commit it and tell of it; the id, which is another one's where the same request was made before."""
        (id,) = await self._executions.create([new])
        if id == new.execution.id:
            self._told(new)
        return id

    async def resolved_inputs(
        self, flow: Flow, inputs: Mapping[str, object], id: str | None = None
    ) -> Mapping[str, object]:
        """What inputs come to, for an execution (of this id) that is made otherwise; raises `InputError`."""
        now = self._clock.now()
        resolved = await self._inputs.of_flow(flow, inputs, id=id or new_id(now), now=now)
        if resolved.problems:
            raise InputError(resolved.problems)
        await self._inputs.store(resolved)
        return resolved.values

    async def check(self, flow: Flow, inputs: Mapping[str, object], labels: Mapping[str, str]) -> Resolved:
        """What a form that is being filled in is to show: every input with its value, choices and errors."""
        now = self._clock.now()
        return await self._inputs.of_flow(flow, inputs, id=new_id(now), now=now, labels=labels)
