"""Triggers: what all have in common, and by its type what only one has."""

from __future__ import annotations

from typing import NamedTuple

from kapell.model.flow import Trigger
from kapell.sdk.prop import Properties, properties
from kapell.sdk.registry import canonical
from kapell.sdk.task import TaskType
from kapell.source.fields import Fields
from kapell.source.nodes import MapNode, Place, plain
from kapell.source.tasks import Tasks, log_level, read_id
from kapell.source.values import Values, look_up

_COMMON = (
    "inputs",
    "labels",
    "when",
    "conditions",
    "stopAfter",
    "logToFile",
    "failOnTriggerError",
    "allowConcurrent",
    "workerGroup",
    "workerSelector",
    "assets",
    "policyRefs",
    "version",
    "description",
)


class TriggerSite(NamedTuple):
    """A trigger with its place in the text, and the class of its type where there is one."""

    trigger: Trigger
    node: MapNode
    place: Place
    type: type[Properties] | None


def read_triggers(flow: Fields, tasks: Tasks) -> tuple[TriggerSite, ...]:
    """The triggers of a flow."""
    return tuple(_trigger(node, place, tasks) for node, place in flow.maps("triggers"))


def _trigger(node: MapNode, place: Place, tasks: Tasks) -> TriggerSite:
    type_name = node.text("type")
    fields = Fields(tasks.defaults.apply(node, type_name) if type_name else node, place, tasks.findings)
    found = look_up(fields, fields.text("type"), None)
    if found is not None and issubclass(found, TaskType):
        fields.wrong("type", f"Invalid type: {type_name}", "unknown-type", "a task can't be a trigger")
        found = None
    values = Values(tasks.findings, tasks.defaults, tasks.task)
    own = _own(fields, found, values)
    log_level(fields)
    log_level(fields, "minLogLevel")
    fields.text("description")
    trigger = Trigger(
        id=read_id(fields, "Trigger"),
        type=canonical(type_name or ""),
        properties=own,
        disabled=fields.boolean("disabled"),
    )
    if found is not None:
        fields.refuse_unknown(trigger.type, _COMMON)
    return TriggerSite(trigger, fields.map, place, found)


def _own(fields: Fields, found: type[Properties] | None, values: Values) -> dict[str, object]:
    """What the type declares by its names in Python, all else by Kestra's."""
    declared = values.of(found, fields) if found is not None else {}
    taken = {prop.key for prop in properties(found).values()} if found is not None else set()
    rest = fields.map.entries.keys() - taken - {"id", "type", "disabled", "logLevel", "minLogLevel"}
    common = {key: plain(node) for key in sorted(rest) if (node := fields.map.get(key)) is not None}
    if "conditions" not in taken:
        common |= _conditions(fields, values)
    return common | declared


def _conditions(fields: Fields, values: Values) -> dict[str, object]:
    conditions = [values.plugin(node, place) for node, place in fields.maps("conditions")]
    return {"conditions": conditions} if conditions else {}
