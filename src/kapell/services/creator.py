"""A request becomes an execution: made by the engine, stored, and told to the executor if that is in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct
from msgspec.structs import replace

from kapell.clock import Clock
from kapell.engine import new_execution
from kapell.engine.check import FailedCheck, checked
from kapell.engine.inputs import Resolved
from kapell.errors import InputError, Refused
from kapell.ids import new_id
from kapell.model.execution import ExecutionTrigger
from kapell.model.flow import Flow
from kapell.model.messages import NewExecution
from kapell.ports.executions import Executions
from kapell.services.call import Calls, Wait
from kapell.services.firing import due, trigger_of
from kapell.services.inputs import Inputs
from kapell.services.stepper import Surroundings


class Form(Struct, frozen=True, kw_only=True):
    """What a form that is being filled in is to show: every input, and the flow's checks that do not hold."""

    resolved: Resolved
    checks: tuple[FailedCheck, ...] = ()


class Creator:
    """Creates executions. `told` hears of each one after it is committed; `wait` is for those that inputs call."""

    def __init__(
        self,
        executions: Executions,
        around: Surroundings,
        clock: Clock,
        told: Callable[[NewExecution], None],
        wait: Wait,
    ) -> None:
        self._executions = executions
        self.inputs = Inputs(around, clock, Calls(around.flows, self.create, wait))
        self._clock = clock
        self._told = told

    async def create(
        self,
        flow: Flow,
        inputs: Mapping[str, object],
        labels: Mapping[str, str],
        trigger: ExecutionTrigger | None = None,
        depth: int = 0,
    ) -> str:
        """The id of a new execution, committed.

        Raises `InputError`, or `Refused` for a flow that is disabled or whose checks block it. `depth` counts the
        executions that wait for this one to resolve their inputs.
        """
        if flow.disabled:
            raise Refused("Cannot execute a disabled flow")
        now = self._clock.now()
        id = new_id(now)
        if trigger is not None and (one := trigger_of(flow, trigger)) is not None:
            own = await self.inputs.of_trigger(flow, one, id=id, now=now, trigger=trigger)
            inputs, labels = {**own.inputs, **inputs}, {**own.labels, **labels}
        resolved = await self.inputs.of_flow(flow, inputs, id=id, now=now, labels=labels, trigger=trigger, depth=depth)
        # What the inputs have called may have taken its time.
        new = new_execution(flow, resolved, id=id, now=self._clock.now(), labels=labels, trigger=trigger)
        failed = await self.inputs.failed_checks(
            flow, resolved, id=id, now=now, labels=labels, trigger=trigger, depth=depth
        )
        new = checked(new, failed)
        if trigger is not None and (date := due(trigger)) is not None:
            new = replace(new, execution=replace(new.execution, schedule_date=date))
        await self.inputs.store(resolved)
        made = None
        try:
            made = await self.store(new)
        finally:
            if made != new.execution.id:
                await self.inputs.forget(resolved)
        return made

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
        resolved = await self.inputs.of_flow(flow, inputs, id=id or new_id(now), now=now)
        if resolved.problems:
            raise InputError(resolved.problems)
        await self.inputs.store(resolved)
        return resolved.values

    async def check(self, flow: Flow, inputs: Mapping[str, object], labels: Mapping[str, str]) -> Form:
        """What a form that is being filled in is to show: inputs with values, choices and errors, and failed checks."""
        now = self._clock.now()
        id = new_id(now)
        resolved = await self.inputs.of_flow(flow, inputs, id=id, now=now, labels=labels)
        return Form(
            resolved=resolved,
            checks=await self.inputs.failed_checks(flow, resolved, id=id, now=now, labels=labels),
        )
