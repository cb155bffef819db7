"""Who sees every commit and every job that is handed out, and cries out when one must not be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from kapell.model.execution import Execution, Kind
from kapell.model.flow import Flow
from kapell.model.messages import ExecutionCreated, Job, SlotGiven, Step, TimerFired
from kapell.model.state import State
from kapell.model.task_run import Branch, TaskRun
from simulation.faults import Violation

WITHOUT_SLOT = (State.CREATED, State.QUEUED)
STOPPED = (State.KILLING, State.KILLED)


class Witness:
    """Knows the executions as the last commits left them. `count_slots` where one executor owns all of a flow's.

    A restart and what people force need no slot, and do not count when one is looked for.
    """

    def __init__(self, flows: Mapping[str, Flow], *, count_slots: bool) -> None:
        self.executions: dict[str, Execution] = {}
        self._runs: dict[str, TaskRun] = {}
        self._flows = flows
        self._count_slots = count_slots
        self._holders: defaultdict[str, set[str]] = defaultdict(set)
        self._without_asking: set[str] = set()

    def saw(self, steps: Sequence[Step]) -> None:
        """Look at what was committed, in its order."""
        for step in steps:
            if step.changed:
                before = self.executions.get(step.execution.id)
                self._look(before, step)
                self.executions[step.execution.id] = step.execution
                for run in step.runs:
                    self._runs[run.id] = run

    def forget(self, execution_id: str) -> None:
        """An execution was deleted."""
        gone = self.executions.pop(execution_id)
        self._holders[gone.flow_id].discard(execution_id)

    def offered(self, run: TaskRun | None, job: Job) -> None:
        """Durable before visible: a worker may hear only of attempts whose row is there, and that are to be done."""
        if run is None or run.attempt < job.attempt:
            raise Violation(f"job {job.id} was handed out before its task run was stored")
        if run.state.ended or run.state is State.KILLING:
            raise Violation(f"job {job.id} was handed out, and its task run is {run.state}")

    def _look(self, before: Execution | None, step: Step) -> None:
        after = step.execution
        if before is not None and before.state in STOPPED and after.state in STOPPED:
            begun = [run.task_id for run in step.runs if run.id not in self._runs and run.branch is not Branch.AFTER]
            if begun:
                raise Violation(f"{after.id} is {before.state} and begins {begun}")
        for run in step.runs:
            known = self._runs.get(run.id)
            if known is not None and len(run.attempts) < len(known.attempts) and run.attempts:
                raise Violation(f"an attempt of {run.task_id} is forgotten")
        self._watch_slots(before, step)

    def _watch_slots(self, before: Execution | None, step: Step) -> None:
        after, flow = step.execution, self._flows[step.execution.flow_id]
        if flow.concurrency is None or after.kind is Kind.LOOP or not self._count_slots:
            return
        holders = self._holders[flow.id]
        if after.state.ended or after.state in WITHOUT_SLOT:
            holders.discard(after.id)
        elif before is None or before.state.ended or before.state in WITHOUT_SLOT:
            holders.add(after.id)
            asked = isinstance(step.event, ExecutionCreated | SlotGiven | TimerFired)
            (self._without_asking.discard if asked else self._without_asking.add)(after.id)
            if asked and len(holders - self._without_asking) > flow.concurrency.limit:
                raise Violation(f"{len(holders)} executions of {flow.id} run, {flow.concurrency.limit} may")
