"""Making an execution out of a request: inputs checked and converted, labels gathered, the first row and its event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from kapell.engine.inputs import resolve
from kapell.engine.variables import Render
from kapell.errors import InputError
from kapell.ids import derived_id
from kapell.model.execution import CORRELATION, Execution, ExecutionTrigger, StateChange
from kapell.model.flow import Flow
from kapell.model.messages import ExecutionCreated, NewExecution
from kapell.model.state import State


def create(
    flow: Flow,
    *,
    id: str,
    now: datetime,
    render: Render,
    inputs: Mapping[str, object] | None = None,
    labels: Mapping[str, str] | None = None,
    trigger: ExecutionTrigger | None = None,
) -> NewExecution:
    """A new execution of a flow, not stored yet.

    Raises `InputError` with all that is wrong with the inputs. Labels given win over the flow's own; the correlation id
    is the execution's own unless one is given.
    """
    resolved = resolve(flow, inputs or {}, render)
    if resolved.problems:
        raise InputError(resolved.problems)
    execution = Execution(
        id=id,
        root_id=id,
        tenant=flow.tenant,
        namespace=flow.namespace,
        flow_id=flow.id,
        revision=flow.revision,
        state=State.CREATED,
        history=(StateChange(State.CREATED, now),),
        inputs=resolved.values,
        variables=flow.variables,
        labels={**flow.labels, CORRELATION: id, **(labels or {})},
        trigger=trigger,
        original_id=id,
    )
    event = ExecutionCreated(id=derived_id(id, "created"), execution_id=id, at=now)
    return NewExecution(execution=execution, event=event)
