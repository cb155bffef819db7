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
    whole = isinstance(told.get("variables"), Mapping) and told.keys() <= WHOLE
    variables = _plain(told["variables"] if whole else told)
    id, type = (_text(told.get("id")), _text(told.get("type"))) if whole else (None, None)
    fitting = [trigger for trigger in flow.triggers if id in (None, trigger.id) and type in (None, trigger.type)]
    if not fitting and id is not None and type is None:
        raise Refused(_missing(flow, id))
    only = fitting[0] if len(fitting) == 1 else None
    return ExecutionTrigger(
        id=only.id if only else id or UNNAMED, type=only.type if only else type or UNNAMED, variables=variables
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _missing(flow: Flow, id: str) -> str:
    known = [trigger.id for trigger in flow.triggers]
    near = get_close_matches(id, known, n=1)
    hint = f"; did you mean `{near[0]}`?" if near else f"; it has {', '.join(known)}" if known else ""
    return f"The flow {flow.namespace}.{flow.id} has no trigger `{id}`{hint}"


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
