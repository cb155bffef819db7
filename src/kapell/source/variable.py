"""The variables of expressions, as far as they are known while a flow is written: at each place in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import get_type_hints

from kapell.model.input import Input
from kapell.source.nodes import MapNode
from kapell.source.outputs import output_of
from kapell.source.page import type_text
from kapell.source.parse import Parsed
from kapell.source.scope import Scope
from kapell.source.tasks import Site
from kapell.source.types import told

_TRIGGER = "io.kestra.plugin.core.trigger."
_DATES = {"date": "The date it fired for.", "next": "The date after that.", "previous": "The date before that."}
_OF_TRIGGERS: Mapping[str, Mapping[str, str]] = {
    f"{_TRIGGER}Schedule": _DATES,
    f"{_TRIGGER}ScheduleOnDates": _DATES,
    f"{_TRIGGER}Webhook": {
        "body": "The body of the request: JSON as what it is, all else as text.",
        "headers": "The headers of the request, lists by name.",
        "parameters": "The query of the request, lists by name.",
        "uri": "The body as a file, with `fetchType: STORE`.",
    },
    f"{_TRIGGER}Flow": {
        "executionId": "The execution that fired it.",
        "namespace": "The namespace of that execution's flow.",
        "flowId": "The flow of that execution.",
        "flowRevision": "The revision of that flow.",
        "state": "The state of that execution.",
        "executionLabels": "The labels of that execution.",
        "outputs": "The outputs of that execution.",
    },
}
_ITEM = {"value": "The value of this iteration.", "index": "Its number, from 0.", "key": "Its key in a map."}
_FIXED: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "flow": (
        "The flow.",
        {"id": "Its id.", "namespace": "Its namespace.", "revision": "Its revision.", "tenantId": "Its tenant."},
    ),
    "execution": (
        "The execution.",
        {
            "id": "Its id.",
            "startDate": "When it was made.",
            "state": "Its state, for `finally` and `afterExecution`.",
            "originalId": "The id of the execution that it is a replay of, or its own.",
        },
    ),
    "task": ("The task.", {"id": "Its id.", "type": "Its type."}),
    "taskrun": (
        "The task run.",
        {
            "id": "Its id.",
            "startDate": "When it was made.",
            "attemptsCount": "How many attempts there have been.",
            "value": "The value of the turn of a loop that it is in.",
            "iteration": "The number of that turn, from 0.",
            "parentId": "The id of the task run that it is inside of.",
        },
    ),
    "item": ("The iteration of a Loop.", {**_ITEM, "parent": "The iteration around it.", "parents": "All around it."}),
    "parent": ("The task run around this one.", {"task": "Its task.", "taskrun": "It.", "outputs": "Its outputs."}),
    "parents": ("The task runs around this one, nearest first.", {}),
    "envs": ("Environment variables of the server that begin with ENV_ or KESTRA_, in small letters.", {}),
    "globals": ("Values that the server gives to all flows.", {}),
    "kestra": ("The server.", {"environment": "Its name and colour.", "url": "Its address."}),
}


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable, or a member of one: a few words about it, its doc, and how to find its members."""

    detail: str = ""
    doc: str = ""
    below: Callable[[], Mapping[str, Variable]] | None = None
    is_task: bool = False

    def members(self) -> Mapping[str, Variable]:
        """Its members by name; none where they are not known."""
        return self.below() if self.below else {}


def in_flow(parsed: Parsed, pointer: str) -> Mapping[str, Variable]:
    """The variables by name, at the place in a flow that a JSON pointer names."""
    site = _site_at(parsed, pointer)
    flow = parsed.flow
    known = {
        "outputs": Variable("by task", "What tasks before this one have given back.", lambda: _outputs(parsed, site)),
        "inputs": Variable("", "The inputs of the execution.", lambda: _inputs(flow.inputs)),
        "vars": Variable("", "The variables of the flow.", lambda: _values(flow.variables)),
        "labels": Variable("", "The labels of the execution.", lambda: _nested(_labels(flow.labels))),
        "trigger": Variable("", "What the trigger says.", lambda: _trigger(parsed, pointer)),
        "tasks": Variable("by task", "The states of tasks.", lambda: _tasks(parsed, site)),
    }
    return known | {name: Variable("", doc, _told(members)) for name, (doc, members) in _FIXED.items()}


def _told(members: Mapping[str, str]) -> Callable[[], Mapping[str, Variable]]:
    return lambda: {name: Variable("", doc) for name, doc in members.items()}


def _site_at(parsed: Parsed, pointer: str) -> Site | None:
    around = [site for site in parsed.sites if f"{pointer}/".startswith(f"{site.place.pointer}/")]
    return max(around, key=lambda site: len(site.place.pointer), default=None)


def _before(parsed: Parsed, site: Site | None) -> Iterator[Site]:
    """The tasks whose outputs can be there for the task at `site`, nearest first: not those that it is inside of."""
    scope = Scope(parsed.flow)
    here = site.task.id if site else None
    inside = f"{site.place.pointer}/" if site else ""
    for other in reversed(parsed.sites):
        id = other.task.id
        if not id or other.task.disabled or id not in scope.trails or inside.startswith(f"{other.place.pointer}/"):
            continue
        if not scope.hidden(id, here):
            yield other


def _outputs(parsed: Parsed, site: Site | None) -> Mapping[str, Variable]:
    found = {}
    for other in _before(parsed, site):
        doc = told(other.type)[0] if other.type else ""
        found[other.task.id] = Variable(other.task.type, doc, partial(_of_task, other), True)
    return found


def _of_task(site: Site) -> Mapping[str, Variable]:
    output = output_of(site.type) if site.type else None
    if output is None:
        return {}
    hints = get_type_hints(output)
    keys = zip(output.__struct_fields__, output.__struct_encode_fields__, strict=True)
    return {key: Variable(type_text(hints[name]), "", _written(site, key)) for name, key in keys}


def _written(site: Site, key: str) -> Callable[[], Mapping[str, Variable]] | None:
    """Where a task has a map of the name of its output (`values`), that names what is in the output."""
    node = site.node.get(key)
    if not isinstance(node, MapNode):
        return None
    names = list(node.entries)
    return lambda: {name: Variable() for name in names}


def _tasks(parsed: Parsed, site: Site | None) -> Mapping[str, Variable]:
    state = {"state": Variable("text", "The state of its last task run.")}
    return {other.task.id: Variable(other.task.type, "", lambda: state, True) for other in _before(parsed, site)}


def _inputs(inputs: tuple[Input, ...], prefix: str = "") -> Mapping[str, Variable]:
    leaves = dict(_leaves(inputs, prefix))
    return _nested(leaves)


def _leaves(inputs: tuple[Input, ...], prefix: str) -> Iterator[tuple[str, Variable]]:
    for found in inputs:
        if found.type == "FORM":
            yield from _leaves(found.inputs, f"{prefix}{found.id}.")
        else:
            yield prefix + found.id, Variable(found.type, found.description or found.display_name)


def _labels(labels: Mapping[str, str]) -> dict[str, Variable]:
    return {key: Variable(value) for key, value in labels.items()}


def _nested(leaves: Mapping[str, Variable]) -> Mapping[str, Variable]:
    """Names with dots as members of one another."""
    groups: dict[str, dict[str, Variable]] = {}
    found: dict[str, Variable] = {}
    for name, leaf in leaves.items():
        first, dot, rest = name.partition(".")
        if dot:
            groups.setdefault(first, {})[rest] = leaf
            found.setdefault(first, Variable("group", "", partial(_nested, groups[first])))
        else:
            found[first] = leaf
    return found


def _values(value: object) -> Mapping[str, Variable]:
    if not isinstance(value, Mapping):
        return {}
    return {str(key): Variable(_kind(item), "", partial(_values, item)) for key, item in value.items()}


def _kind(value: object) -> str:
    if isinstance(value, Mapping):
        return "map"
    return "list" if isinstance(value, list | tuple) else str(value)[:40]


def _trigger(parsed: Parsed, pointer: str) -> Mapping[str, Variable]:
    """What the trigger at this place says or, anywhere else, what any trigger of the flow says."""
    inside = [site for site in parsed.triggers if f"{pointer}/".startswith(f"{site.place.pointer}/")]
    types = dict.fromkeys(site.trigger.type for site in inside or parsed.triggers)
    return {
        name: Variable(type.rpartition(".")[2], doc)
        for type in types
        for name, doc in _OF_TRIGGERS.get(type, {}).items()
    }
