"""An execution as a trigger starts it, on the word of somebody who says what the trigger has seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from difflib import get_close_matches

import msgspec

from kapell.errors import KapellError, Refused
from kapell.model.execution import ExecutionTrigger
from kapell.model.flow import Flow, Trigger
from kapell.sdk.condition import read_labels
from kapell.sdk.prop import unrendered
from kapell.sdk.registry import find
from kapell.sdk.shape import Expression, Render
from kapell.sdk.trigger import ScheduleTrigger, TriggerType

UNNAMED = "trigger"
"""Id and type where nobody says which trigger it was."""
WHOLE = frozenset({"id", "type", "variables", "logFile"})


@dataclass(frozen=True, slots=True)
class Given:
    """What a trigger of a flow gives the executions that it starts, beside its variables."""

    inputs: Mapping[str, object]
    labels: Mapping[str, str]


def origin(flow: Flow, told: Mapping[str, object]) -> ExecutionTrigger:
    """Who started it, from `{id, type, variables}` as an execution shows it, or from the variables alone.

    The variables alone are those of the flow's trigger where it has only one. Raises `Refused` for an id that no
    trigger of the flow has, unless a type says that it is something else.
    """
    if isinstance(told.get("variables"), Mapping) and told.keys() <= WHOLE:
        return _named(flow, told)
    only = flow.triggers[0] if len(flow.triggers) == 1 else None
    return ExecutionTrigger(
        id=only.id if only else UNNAMED, type=only.type if only else UNNAMED, variables=_plain(told)
    )


def _named(flow: Flow, told: Mapping[str, object]) -> ExecutionTrigger:
    id, type = told.get("id"), told.get("type")
    known = {trigger.id: trigger for trigger in flow.triggers}
    if id is not None and str(id) not in known and type is None:
        near = get_close_matches(str(id), known, n=1)
        hint = f"; did you mean `{near[0]}`?" if near else f"; it has {', '.join(known)}" if known else ""
        raise Refused(f"The flow {flow.namespace}.{flow.id} has no trigger `{id}`{hint}")
    if id is None:
        id = next((trigger.id for trigger in flow.triggers if type in (None, trigger.type)), UNNAMED)
    if type is None:
        type = known[str(id)].type if str(id) in known else UNNAMED
    return ExecutionTrigger(id=str(id), type=str(type), variables=_plain(told["variables"]))


def _plain(variables: object) -> Mapping[str, object]:
    """The variables as a row holds them: dates as texts."""
    try:
        found: Mapping[str, object] = msgspec.to_builtins(variables, str_keys=True)
    except (TypeError, ValueError) as error:
        raise Refused(f"The trigger's variables are not JSON: {error}") from None
    return found


def trigger_of(flow: Flow, started_by: ExecutionTrigger) -> Trigger | None:
    """The flow's trigger that an execution was started by, None where it was something else."""
    return next((trigger for trigger in flow.triggers if trigger.id == started_by.id), None)


def given_by(trigger: Trigger, render: Render) -> Given:
    """Its inputs and labels, with the variables in them; raises `KapellError`."""
    found = find(trigger.type)
    if not issubclass(found, TriggerType):
        raise KapellError(f"{trigger.type} is no trigger")
    bound = found.bind(trigger.properties, unrendered)
    inputs, labels = (_value(getattr(bound, name, None), render) for name in ("inputs", "labels"))
    return Given(inputs if isinstance(inputs, Mapping) else {}, read_labels(labels))


def _value(expression: object, render: Render) -> object:
    return expression.value(render) if isinstance(expression, Expression) else None


def due(started_by: ExecutionTrigger) -> datetime | None:
    """The date that a schedule was due at."""
    date = started_by.variables.get("date")
    if not isinstance(date, str) or not _is_schedule(started_by.type):
        return None
    try:
        moment = datetime.fromisoformat(date.partition("[")[0])
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _is_schedule(type: str) -> bool:
    try:
        return issubclass(find(type), ScheduleTrigger)
    except KapellError:
        return False
