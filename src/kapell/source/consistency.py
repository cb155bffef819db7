"""What a flow must hold against itself: ids that are unique, references between its parts that can work."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from kapell.model.flow import Flow
from kapell.model.input import Input
from kapell.source.calls import called
from kapell.source.literal import CHECKED_LATER, bad_literal
from kapell.source.members import Member, input_members, members
from kapell.source.nodes import ListNode, MapNode, Node, Place, ScalarNode
from kapell.source.parse import Parsed
from kapell.source.problem import TOP, Findings
from kapell.source.sentence import INVALID
from kapell.source.tasks import Site
from kapell.source.triggers import TriggerSite

LONGEST_PATH = 256
LONGEST_CIRCLE = 100
_REFERENCES = {
    "input": re.compile(r"\{\{\s*inputs\.([\w.-]+)\s*\}\}", re.ASCII),
    "output": re.compile(r"\{\{\s*outputs\.([\w-]+)\.[^}]+\}\}", re.ASCII),
}
_STARTERS = {
    "io.kestra.plugin.core.trigger.Schedule": "Schedule",
    "io.kestra.plugin.core.trigger.ScheduleOnDates": "ScheduleOnDates",
    "io.kestra.plugin.core.trigger.Webhook": "Webhook",
}


def check_consistency(parsed: Parsed, findings: Findings) -> None:
    """Report all that does not fit together."""
    root = parsed.root
    tasks = [_member(site) for site in parsed.sites if site.task.id]
    inputs = list(input_members(root, TOP))
    _unique("task id", sorted(tasks, key=lambda member: (member.at.line, member.at.column)), findings)
    _unique("trigger id", members(root, TOP, "triggers"), findings)
    _unique("input", inputs, findings)
    _unique("output", members(root, TOP, "outputs"), findings)
    _input_paths(inputs, findings)
    _dependencies(parsed.flow, inputs, findings)
    _dashes(parsed, inputs, findings)
    for site in parsed.sites:
        _recursion(site, parsed.flow, findings)
    for trigger in parsed.triggers:
        _inputs_of(trigger, parsed.flow, findings)
    _own_rules(parsed, findings)


def _member(site: Site) -> Member:
    return Member(site.task.id, site.node, site.place.key("id"), site.node.get("id") or site.node)


def _unique(kind: str, found: Iterable[Member], findings: Findings) -> None:
    by_id: dict[str, list[Member]] = {}
    for member in found:
        by_id.setdefault(member.id, []).append(member)
    for id, (first, *others) in by_id.items():
        for member in others:
            message = f"{INVALID}Duplicate {kind} with name [{id}]"
            remedy = f"the first one is on line {first.at.line}"
            findings.error("duplicate-id", message, Place("", member.place.pointer), member.at, remedy)


def _input_paths(inputs: Iterable[Member], findings: Findings) -> None:
    ids = {member.id for member in inputs if member.node.text("type") != "FORM"}
    for member in inputs:
        if len(member.id) > LONGEST_PATH:
            continue
        for end in (index for index, letter in enumerate(member.id) if letter == "."):
            above = member.id[:end]
            if above in ids:
                message = f"Input path '{above}' conflicts with '{member.id}'; one cannot be nested under the other."
                findings.error("input-path", INVALID + message, Place("", member.place.pointer), member.at)


def _dependencies(flow: Flow, inputs: Iterable[Member], findings: Findings) -> None:
    declared = dict(_all_inputs(flow.inputs))
    circular = _circular({id: set(found.depends_on) & declared.keys() for id, found in declared.items()})
    for member in inputs:
        found = declared.get(member.id)
        if found is None:
            continue
        place = Place("", member.place.pointer)
        for needed in found.depends_on:
            if needed not in declared:
                message = f"Input with id '{member.id}' depends on a non-existent input '{needed}'."
                findings.error("input-dependency", INVALID + message, place, member.at)
        if member.id in circular:
            around = ", ".join(_around(member.id, declared, circular))
            message = f"Cycle dependency detected for input with id '{member.id}': [{around}]"
            findings.error("input-dependency", INVALID + message, place, member.at)


def _all_inputs(inputs: Iterable[Input], prefix: str = "") -> Iterator[tuple[str, Input]]:
    for found in inputs:
        yield prefix + found.id, found
        yield from _all_inputs(found.inputs, f"{prefix}{found.id}.")


def _circular(needs: dict[str, set[str]]) -> set[str]:
    """Those that can never be resolved, since they wait for each other."""
    users: dict[str, list[str]] = {}
    for id, needed in needs.items():
        for other in needed:
            users.setdefault(other, []).append(id)
    waiting = {id: len(needed) for id, needed in needs.items()}
    free = [id for id, count in waiting.items() if not count]
    while free:
        for user in users.get(free.pop(), ()):
            waiting[user] -= 1
            if not waiting[user]:
                free.append(user)
    return {id for id, count in waiting.items() if count}


def _dashes(parsed: Parsed, inputs: Iterable[Member], findings: Findings) -> None:
    """Kestra: `inputs.a-b` reads as a subtraction; it is refused where an input or a task has that name."""
    dashed = {
        "input": {member.id for member in inputs if "-" in member.id},
        "output": {site.task.id for site in parsed.sites if "-" in site.task.id},
    }
    if not dashed["input"] and not dashed["output"]:
        return
    own = {id(site.node) for site in parsed.sites}
    tasks = ((site.task.id, site.node, site.place.pointer, "tasks") for site in parsed.sites)
    outputs = ((found.id, found.node, found.place.pointer, "outputs") for found in members(parsed.root, TOP, "outputs"))
    for name, node, pointer, what in (*tasks, *outputs):
        texts = list(_texts(node, own))
        for kind, names in dashed.items():
            if any(match[1] in names for text in texts for match in _REFERENCES[kind].finditer(text)):
                rule = f"use {kind}s[key-name] instead of {kind}s.key-name"
                rule += " — keys with dashes require bracket notation"
                message = f"{INVALID}Invalid {kind} reference: {rule}, offending {what}: [{name}]"
                findings.error("dash", message, Place("", pointer), node)


def _around(id: str, declared: Mapping[str, Input], circular: set[str]) -> list[str]:
    """The circle that an input is in, or leads to."""
    way: dict[str, None] = {}
    while id not in way and len(way) < LONGEST_CIRCLE:
        way[id] = None
        id = next((other for other in declared[id].depends_on if other in circular), id)
    names = list(way)
    return names[names.index(id) :] if id in way else names


def _texts(node: Node, others: set[int], top: bool = True) -> Iterator[str]:
    """All texts in a node but those of the tasks inside it."""
    if isinstance(node, ScalarNode):
        if isinstance(node.value, str):
            yield node.value
    elif isinstance(node, ListNode):
        for item in node.items:
            yield from _texts(item, others, False)
    elif top or id(node) not in others:
        for entry in node.entries.values():
            yield from _texts(entry.value, others, False)


def _recursion(site: Site, flow: Flow, findings: Findings) -> None:
    if called(site, flow.namespace) == (flow.namespace, flow.id):
        message = f"{INVALID}Recursive call to flow [{flow.namespace}.{flow.id}]"
        findings.error("recursive-call", message, Place("", site.place.pointer), site.node)


def _inputs_of(site: TriggerSite, flow: Flow, findings: Findings) -> None:
    kind = _STARTERS.get(site.trigger.type)
    if kind is None or site.trigger.disabled or flow.disabled:
        return
    node = site.node.get("inputs")
    given = node.entries if isinstance(node, MapNode) else {}
    missing = [id for id, found in _leaves(flow.inputs) if _is_missing(id, found, given)]
    place = Place("", site.place.pointer)
    if missing:
        names = " | ".join(missing)
        message = f"{INVALID}Missing inputs for {kind} Trigger '{site.trigger.id}', missing inputs: '{names}'"
        # Kestra: 1.x took webhooks whose inputs nobody gives, and many flows have such
        report = findings.error if kind == "Schedule" else findings.warning
        report("missing-input", message, place, site.node, "give them a default, or a value in the trigger")
    for id, found in _leaves(flow.inputs):
        entry = given.get(id)
        value = entry.value.value if entry and isinstance(entry.value, ScalarNode) else None
        bad = bad_literal(found.type, found.properties, value)
        if entry and bad:
            start = f"{INVALID}Invalid value for input '{id}' supplied by {kind} Trigger '{site.trigger.id}': "
            sure = kind != "ScheduleOnDates" and found.type not in CHECKED_LATER
            report = findings.error if sure else findings.warning
            report("bad-value", start + bad, place, entry)


def _leaves(inputs: Iterable[Input]) -> Iterator[tuple[str, Input]]:
    """The inputs that have a value, those of forms by their whole path."""
    return ((id, found) for id, found in _all_inputs(inputs) if found.type != "FORM")


def _is_missing(id: str, found: Input, given: Iterable[str]) -> bool:
    optional = not found.required or found.defaults is not None or bool(found.depends_on)
    return not optional and found.condition is None and id not in given and id.split(".")[0] not in given


def _own_rules(parsed: Parsed, findings: Findings) -> None:
    """Ask the types themselves, about those tasks whose properties are each right."""
    wrong = _places_with_errors(parsed, findings)
    for site in parsed.sites:
        if site.type is None or site.place.pointer in wrong:
            continue
        for path, message in site.type.check(site.task):
            _report(site.place, site.node, path, message, findings)
    for trigger in parsed.triggers:
        rule = getattr(trigger.type, "check", None)
        if callable(rule) and trigger.place.pointer not in wrong:
            for path, message in rule(trigger.trigger):
                _report(trigger.place, trigger.node, path, message, findings)


def _report(place: Place, node: MapNode, path: str, message: str, findings: Findings) -> None:
    at = node.get(re.split(r"[.\[]", path)[0]) if path else None
    joint = "" if not path or path.startswith("[") else "."
    findings.error("rule", message, Place(f"{place.path}{joint}{path}", place.pointer), at or node)


def _places_with_errors(parsed: Parsed, findings: Findings) -> set[str]:
    """The pointers of the tasks and triggers that an error was found in, the innermost of each."""
    known = {site.place.pointer for site in parsed.sites} | {site.place.pointer for site in parsed.triggers}
    wrong = set()
    for problem in findings.problems:
        pointer = problem.pointer if problem.severity == "error" else ""
        while pointer and pointer not in known:
            pointer = pointer.rpartition("/")[0]
        wrong.add(pointer)
    return wrong
