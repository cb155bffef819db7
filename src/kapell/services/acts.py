"""What people do to executions: each becomes one event, answered by the step that did it or refused it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

from kapell.clock import Clock
from kapell.engine import Tree, replay
from kapell.engine.inputs import Resolved
from kapell.engine.replay import REPLAY_LABEL
from kapell.engine.restart import RESTARTED_LABEL
from kapell.engine.variables import nested
from kapell.errors import InputError, NotFound, Refused
from kapell.ids import new_id
from kapell.model.address import inputs_folder
from kapell.model.execution import Execution
from kapell.model.flow import Task
from kapell.model.input import Input
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
from kapell.ports.store import Store
from kapell.sdk.pausing import asked_inputs, pausing_type
from kapell.services.creator import Creator
from kapell.services.executor import Executor
from kapell.services.stepper import Surroundings

A = TypeVar("A", bound=Act)


class Asked(NamedTuple):
    """What a person is asked for, what that comes to with the answers so far, and whether the person also decides."""

    inputs: Sequence[Input]
    resolved: Resolved
    decides: bool


class Acts:
    """Every method raises `NotFound`, or `Refused` with Kestra's sentence, and returns when the act is committed."""

    def __init__(self, store: Store, executor: Executor, creator: Creator, around: Surroundings, clock: Clock) -> None:
        self._store = store
        self._executor = executor
        self._creator = creator
        self._around = around
        self._inputs = creator.inputs
        self._clock = clock

    async def kill(self, id: str, cascade: bool = True) -> None:
        """End it now, and with `cascade` what it has started."""
        await self._ask(KillAsked(id=_event_id(), execution_id=id, at=self._clock.now(), cascade=cascade))

    async def pause(self, id: str) -> None:
        """Let nothing new start."""
        await self._ask(PauseAsked(id=_event_id(), execution_id=id, at=self._clock.now()))

    async def resume(self, id: str, given: Mapping[str, object], task_run_id: str | None = None) -> None:
        """Go on; raises `InputError` when what its Pause asks for is not given.

        Without `task_run_id` it is the first task run that waits.
        """
        values = await self._given(id, given, task_run_id)
        now = self._clock.now()
        await self._ask(ResumeAsked(id=_event_id(), execution_id=id, at=now, values=values, task_run_id=task_run_id))

    async def review(
        self,
        id: str,
        decision: Decision,
        given: Mapping[str, object],
        *,
        comment: str | None = None,
        by: str | None = None,
        task_run_id: str | None = None,
    ) -> None:
        """Approve or deny what an Approval asks; raises `InputError` when what it asks for is not given."""
        event = ResumeAsked(
            id=_event_id(),
            execution_id=id,
            at=self._clock.now(),
            values=await self._given(id, given, task_run_id),
            task_run_id=task_run_id,
            decision=decision,
            comment=comment,
            by=by,
        )
        await self._ask(event)

    async def force_run(self, id: str) -> None:
        """Go on whatever it waits for."""
        await self._ask(ForceRunAsked(id=_event_id(), execution_id=id, at=self._clock.now()))

    async def unqueue(self, id: str, state: State) -> None:
        """Leave the queue."""
        await self._ask(UnqueueAsked(id=_event_id(), execution_id=id, at=self._clock.now(), state=state))

    async def set_labels(self, id: str, labels: Mapping[str, str]) -> None:
        """Merge labels into those it has."""
        await self._ask(LabelsAsked(id=_event_id(), execution_id=id, at=self._clock.now(), labels=labels))

    async def change_state(self, id: str, state: State, task_run_id: str | None) -> None:
        """Correct the state of a task run, or of the execution."""
        event = StateAsked(id=_event_id(), execution_id=id, at=self._clock.now(), state=state, task_run_id=task_run_id)
        await self._ask(event)

    async def restart(self, id: str, revision: int | None = None) -> str:
        """Do again what has failed, in the same execution; its id.

        By another `revision` of the flow it is a new execution, which goes on at the first task run that has failed.
        """
        execution = await self._get(id)
        if revision is None or revision == execution.revision:
            await self._ask(RestartAsked(id=_event_id(), execution_id=id, at=self._clock.now()))
            return id
        runs = await self._store.executions.task_runs(id)
        outer = {run.parent_id for run in runs if run.state is State.FAILED}
        failed = next((run for run in runs if run.state is State.FAILED and run.id not in outer), None)
        if execution.state is not State.FAILED or failed is None:
            raise Refused("No task found to restart execution from!")
        return await self.replay(id, failed.id, None, revision, label=RESTARTED_LABEL)

    async def replay(
        self,
        id: str,
        from_run: str | None,
        inputs: Mapping[str, object] | None,
        revision: int | None,
        *,
        label: str = REPLAY_LABEL,
    ) -> str:
        """Do it again as a new execution, whose id is returned; raises `InputError` for new inputs that are wrong."""
        loaded = await self._store.executions.load(id)
        if loaded is None:
            raise NotFound(f"There is no execution {id}")
        old = loaded.execution
        flow = await self._around.flows.get(old.tenant, old.namespace, old.flow_id, revision or old.revision)
        now = self._clock.now()
        replayed = new_id(now)
        new = replay(
            Tree(old, loaded.runs),
            await self._store.executions.outputs([run.id for run in loaded.runs if run.has_outputs]),
            flow,
            id=replayed,
            now=now,
            inputs=old.inputs if inputs is None else await self._creator.resolved_inputs(flow, inputs, replayed),
            from_run=from_run,
            label=label,
        )
        await self._creator.store(new)
        return new.execution.id

    async def _ask(self, event: Act) -> None:
        await self._get(event.execution_id)
        step = await self._executor.ask(event)
        if step.refused is not None:
            raise Refused(step.refused)

    async def _get(self, id: str) -> Execution:
        found = await self._store.executions.get(id)
        if found is None:
            raise NotFound(f"There is no execution {id}")
        return found

    async def form(self, id: str, given: Mapping[str, object], task_run_id: str | None = None) -> Asked:
        """What it asks a person for at present, and what that comes to with these answers; nothing is stored."""
        execution = await self._get(id)
        task = await self._waiting(execution, task_run_id)
        pausing = pausing_type(task) if task else None
        resolved = await self._answers(execution, asked_inputs(task), given)
        return Asked(asked_inputs(task), resolved, decides=pausing is not None and pausing.decides)

    async def _given(self, id: str, given: Mapping[str, object], task_run_id: str | None) -> Mapping[str, object]:
        """What a person answered. Kestra: what was not is missing in the outputs, not null."""
        execution = await self._get(id)
        asked = asked_inputs(await self._waiting(execution, task_run_id))
        resolved = await self._answers(execution, asked, given)
        if resolved.problems:
            raise InputError(resolved.problems)
        await self._inputs.store(resolved)
        return {id: value for id, value in resolved.values.items() if value is not None}

    async def _answers(self, execution: Execution, asked: Sequence[Input], given: Mapping[str, object]) -> Resolved:
        return await self._inputs.of_task(
            asked,
            given,
            namespace=execution.namespace,
            variables={
                "flow": {"id": execution.flow_id, "namespace": execution.namespace},
                "execution": {"id": execution.id},
                "vars": execution.variables,
                "labels": nested(execution.labels),
            },
            folder=inputs_folder(execution.namespace, execution.flow_id, execution.id),
            tenant=execution.tenant,
        )

    async def _waiting(self, execution: Execution, task_run_id: str | None) -> Task | None:
        """The task of a task run that waits; without `task_run_id` of the first one that does."""
        runs = await self._store.executions.task_runs(execution.id)
        paused = (run for run in runs if run.state is State.PAUSED)
        waiting = next((run for run in paused if task_run_id in (None, run.id)), None)
        if waiting is None:
            return None
        flow = await self._around.flows.of(execution)
        return next((task for task in flow.all_tasks() if task.id == waiting.task_id), None)


def _event_id() -> str:
    return f"act-{os.urandom(12).hex()}"
