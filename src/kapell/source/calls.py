"""Calls of other flows: whether the flow is there, takes the inputs that it is given, and does not call back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Protocol

from kapell.model.flow import Flow
from kapell.source.literal import bad_literal
from kapell.source.nodes import MapNode, is_expression, plain
from kapell.source.parse import Parsed
from kapell.source.problem import Findings, did_you_mean
from kapell.source.tasks import Site
from kapell.source.values import CALLS

_OWN_NAMESPACE = re.compile(r"\{\{\s*flow\.namespace\s*\}\}")
FURTHEST = 1000
Call = tuple[str, str]
CallsBack = Callable[[Call, Call], bool]


class FlowLookup(Protocol):
    """Where the checker looks for flows that a flow names."""

    def find(self, namespace: str, id: str) -> Flow | None:
        """The latest revision of a flow, None where there is none."""
        ...


def called(site: Site, namespace: str) -> Call | None:
    """Namespace and id of the flow that a task calls, None where it calls none or which is not known yet."""
    return call_of(site.node, namespace) if site.task.type in CALLS else None


def call_of(node: MapNode, namespace: str) -> Call | None:
    """The same of a task as it is written, in a flow of that namespace."""
    return _call(node.text("namespace"), node.text("flowId"), namespace)


def check_calls(parsed: Parsed, flows: FlowLookup, findings: Findings, calls_back: CallsBack | None = None) -> None:
    """Report calls that will not work as other flows are now. Kestra: that is no reason to refuse a flow.

    `calls_back` tells whether the first of two flows, which the second calls, calls that one; without it `flows` are
    followed.
    """
    own = (parsed.flow.namespace, parsed.flow.id)
    reach = cache(lambda call: _reachable(call, flows))
    for site in parsed.sites:
        call = called(site, parsed.flow.namespace)
        if call is None or call == own:
            continue
        target = flows.find(*call)
        place = site.place.key("flowId")
        at = site.node.get("flowId") or site.node
        if target is None:
            message = f"The subflow '{call[1]}' not found in namespace '{call[0]}'."
            findings.warning("unknown-flow", message, place, at)
            continue
        if target.disabled:
            findings.warning("disabled-flow", f"the flow '{call[1]}' is disabled", place, at)
        _inputs(site, target, findings)
        if calls_back(call, own) if calls_back else own in reach(call):
            findings.warning("cycle", f"the flow '{call[1]}' calls this flow in its turn", place, at)


def _inputs(site: Site, target: Flow, findings: Findings) -> None:
    node = site.node.get("inputs")
    place = site.place.key("inputs")
    at = node or site.node
    given = plain(node) if isinstance(node, MapNode) else {}
    if not isinstance(given, Mapping) or (node is not None and not isinstance(node, MapNode)):
        return
    declared = {found.id: found for found in target.inputs}
    for id, found in declared.items():
        if found.required and found.defaults is None and id.split(".")[0] not in given and id not in given:
            message = f"the flow '{target.id}' needs the input `{id}`"
            findings.warning("missing-input", message, place, at)
    for id, value in given.items():
        entry = node.entries.get(str(id), at) if isinstance(node, MapNode) else at
        if id in declared:
            bad = bad_literal(declared[id].type, declared[id].properties, value)
            if bad:
                findings.warning("bad-value", bad, place.key(id), entry)
        elif not any(other.startswith(f"{id}.") for other in declared):
            message = f"the flow '{target.id}' has no input `{id}`"
            findings.warning("unknown-input", message, place.key(id), entry, did_you_mean(str(id), declared))


def _reachable(start: Call, flows: FlowLookup) -> set[Call]:
    """All flows that `start` calls, directly or not."""
    seen: set[Call] = set()
    waiting = [start]
    while waiting and len(seen) < FURTHEST:
        call = waiting.pop()
        flow = flows.find(*call)
        for further in calls_of(flow) if flow else ():
            if further not in seen:
                seen.add(further)
                waiting.append(further)
    return seen


def calls_of(flow: Flow) -> Iterator[Call]:
    """The flows that a flow calls, as far as that is written in it."""
    for task in flow.all_tasks():
        if task.type in CALLS:
            properties = task.properties
            call = _call(properties.get("namespace"), properties.get("flow_id"), flow.namespace)
            if call:
                yield call


def _call(namespace: object, id: object, own: str) -> Call | None:
    if not isinstance(namespace, str) or not isinstance(id, str):
        return None
    namespace = _OWN_NAMESPACE.sub(own, namespace)
    return None if is_expression(namespace) or is_expression(id) else (namespace, id)
