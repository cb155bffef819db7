"""The variables of expressions, as far as they are known while a flow is written: at each place in it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from kapell.model.flow import Flow
from kapell.model.input import Input
from kapell.source.calls import FlowLookup, called
from kapell.source.nodes import ListNode, MapNode, Node, ScalarNode, plain, scalar_text
from kapell.source.outputs import PARTS, outputs_of
from kapell.source.page import type_text
from kapell.source.parse import Parsed
from kapell.source.references import FOR_EACH_ITEM, SET_VARIABLES
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


def in_flow(parsed: Parsed, pointer: str, flows: FlowLookup | None = None) -> Mapping[str, Variable]:
    """The variables by name, at the place in a flow that a JSON pointer names; with `flows` those of called ones."""
    site = _site_at(parsed, pointer)
    flow = parsed.flow
    known = {
        "outputs": Variable(
            "by task", "What tasks before this one have given back.", lambda: _outputs(parsed, site, flows)
        ),
        "inputs": Variable("", "The inputs of the execution.", lambda: _inputs(flow.inputs)),
        "vars": Variable("", "The variables of the flow.", lambda: _vars(parsed)),
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


def _before(parsed: Parsed, site: Site | None, scope: Scope) -> Iterator[Site]:
    """The tasks whose outputs can be there for the task at `site`, nearest first: not those that it is inside of."""
    here = site.task.id if site else None
    inside = f"{site.place.pointer}/" if site else ""
    for other in reversed(parsed.sites):
        id = other.task.id
        if not id or other.task.disabled or id not in scope.trails or inside.startswith(f"{other.place.pointer}/"):
            continue
        if not scope.hidden(id, here):
            yield other


def _outputs(parsed: Parsed, site: Site | None, flows: FlowLookup | None) -> Mapping[str, Variable]:
    found = {}
    scope = Scope(parsed.flow)
    here = site.task.id if site else None
    for other in _before(parsed, site, scope):
        doc = told(other.type)[0] if other.type else ""
        loops = [parsed_site for id in scope.loops_around(other.task.id, here) if (parsed_site := _named(parsed, id))]
        below = partial(_by_value, loops, partial(_of_task, other, parsed, flows))
        found[other.task.id] = Variable(other.task.type, doc, below, True)
        if other.task.type == FOR_EACH_ITEM:
            found |= {f"{other.task.id}_{part}": _of_part(part) for part in PARTS}
    return found


def _named(parsed: Parsed, id: str) -> Site | None:
    return next((site for site in parsed.sites if site.task.id == id), None)


def _of_part(part: str) -> Variable:
    keys = {key: Variable(type_text(given.hint), given.doc) for key, given in PARTS[part].items()}
    return Variable(FOR_EACH_ITEM, "", lambda: keys, True)


def _by_value(loops: Sequence[Site], below: Callable[[], Mapping[str, Variable]]) -> Mapping[str, Variable]:
    """Outputs under the values of the loops that a task is in, as far as these are written in the flow."""
    if not loops:
        return below()
    inner = partial(_by_value, loops[1:], below)
    return {value: Variable("a turn", f"Of the turn of `{loops[0].task.id}`.", inner) for value in _values_of(loops[0])}


def _values_of(loop: Site) -> list[str]:
    node = loop.node.get("values") or loop.node.get("value")
    items: object = plain(node) if node is not None else None
    if isinstance(items, str):
        try:
            items = json.loads(items)
        except (ValueError, RecursionError):
            return []
    return [scalar_text(item) for item in items if isinstance(item, str | int)] if isinstance(items, list) else []


def _of_task(site: Site, parsed: Parsed, flows: FlowLookup | None) -> Mapping[str, Variable]:
    given = outputs_of(site.task.type, site.type)
    return {
        key: Variable(type_text(one.hint), one.doc, _written(site, key, parsed, flows)) for key, one in given.items()
    }


def _written(
    site: Site, key: str, parsed: Parsed, flows: FlowLookup | None
) -> Callable[[], Mapping[str, Variable]] | None:
    """What is known of the inside of an output: from what the task says under its name, or from the flow it calls."""
    if key == "outputs" and (call := called(site, parsed.flow.namespace)):
        return lambda: _of_flow(flows.find(*call) if flows else None)
    node = site.node.get(key)
    if isinstance(node, MapNode):
        names = list(node.entries)
    elif isinstance(node, ListNode):
        names = [name for item in node.items if (name := _name_in(item))]
    else:
        return None
    return lambda: {name: Variable() for name in names}


def _name_in(item: Node) -> str | None:
    """The id of what a person is asked for, or the name of a file that is no pattern."""
    if isinstance(item, MapNode):
        return item.text("id")
    text = scalar_text(item.value) if isinstance(item, ScalarNode) else ""
    return text if text and not set(text) & set("*?[{") else None


def _of_flow(flow: Flow | None) -> Mapping[str, Variable]:
    return {one.id: Variable(one.type, one.description) for one in flow.outputs} if flow is not None else {}


def _tasks(parsed: Parsed, site: Site | None) -> Mapping[str, Variable]:
    state = {"state": Variable("text", "The state of its last task run.")}
    before = _before(parsed, site, Scope(parsed.flow))
    return {other.task.id: Variable(other.task.type, "", lambda: state, True) for other in before}


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


def _vars(parsed: Parsed) -> Mapping[str, Variable]:
    """The variables of the flow, and those that its tasks set."""
    found = dict(_values(parsed.flow.variables))
    for site in parsed.sites:
        node = site.node.get("variables") if site.task.type == SET_VARIABLES else None
        if isinstance(node, MapNode):
            found |= {name: Variable("", f"Set by `{site.task.id}`.") for name in node.entries if name not in found}
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
    types = {site.trigger.type: site.type for site in inside or parsed.triggers}
    return {name: Variable(type.rpartition(".")[2], doc) for type in types for name, doc in _said(type, types[type])}


def _said(type_name: str, cls: type | None) -> list[tuple[str, str]]:
    given = outputs_of(type_name, cls)
    return list(_OF_TRIGGERS.get(type_name, {}).items()) or [(key, one.doc) for key, one in given.items()]
