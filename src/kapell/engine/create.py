"""Making an execution out of a request: inputs checked and converted, labels gathered, the first row and its event."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from kapell.engine.inputs import Resolved, resolve
from kapell.engine.inputs.resolve import Encrypt
from kapell.engine.variables import Render, nested
from kapell.errors import InputError, Refused
from kapell.ids import derived_id
from kapell.model.address import inputs_folder
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
    """A new execution of a flow that asks for no files and no secrets, not stored yet.

    Raises `InputError` with all that is wrong with the inputs. Labels given win over the flow's own; the correlation id
    is the execution's own unless one is given.
    """
    resolved = resolve_inputs(flow, id=id, now=now, render=render, inputs=inputs or {}, labels=labels, trigger=trigger)
    return new_execution(flow, resolved, id=id, now=now, labels=labels, trigger=trigger)


def refuse_system_labels(labels: Mapping[str, str], free: frozenset[str] = frozenset()) -> None:
    """Raise `Refused` where a person gives a label that is the system's own; those in `free` may be given."""
    for key, value in labels.items():
        if key.startswith("system.") and key not in free:
            raise Refused(f"System labels can only be set by Kestra itself, offending label: {key}={value}")


def resolve_inputs(
    flow: Flow,
    *,
    id: str,
    now: datetime,
    render: Render,
    inputs: Mapping[str, object],
    labels: Mapping[str, str] | None = None,
    trigger: ExecutionTrigger | None = None,
    encrypt: Encrypt | None = None,
) -> Resolved:
    """The inputs of an execution to be, or of a form that is being filled in; raises `NeedsRead`."""
    variables = seen_before(flow, id=id, now=now, labels=labels, trigger=trigger)
    folder = inputs_folder(flow.namespace, flow.id, id)
    return resolve(flow.inputs, inputs, render=render, variables=variables, folder=folder, encrypt=encrypt)


def seen_before(
    flow: Flow,
    *,
    id: str,
    now: datetime,
    labels: Mapping[str, str] | None = None,
    trigger: ExecutionTrigger | None = None,
) -> dict[str, object]:
    """What expressions see that are rendered before there is an execution, without its inputs."""
    variables: dict[str, object] = {
        "flow": {"id": flow.id, "namespace": flow.namespace, "revision": flow.revision, "tenantId": flow.tenant},
        "execution": {"id": id, "startDate": now, "state": State.CREATED.value, "originalId": id},
        "vars": flow.variables,
        "labels": nested({**flow.labels, **(labels or {})}),
    }
    if trigger:
        variables["trigger"] = trigger.variables
    return variables


def new_execution(
    flow: Flow,
    resolved: Resolved,
    *,
    id: str,
    now: datetime,
    labels: Mapping[str, str] | None = None,
    trigger: ExecutionTrigger | None = None,
) -> NewExecution:
    """The first row and its event; raises `InputError` with all that is wrong. New files are the caller's to store."""
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
        labels={**_own_labels(flow), CORRELATION: id, **(labels or {})},
        trigger=trigger,
        original_id=id,
    )
    event = ExecutionCreated(id=derived_id(id, "created"), execution_id=id, at=now, unknown_inputs=resolved.unknown)
    return NewExecution(execution=execution, event=event)


def _own_labels(flow: Flow) -> dict[str, str]:
    """The flow's labels but for those that are about the flow itself."""
    return {key: value for key, value in flow.labels.items() if not key.startswith("system.")}
