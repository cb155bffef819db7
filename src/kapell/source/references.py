"""Expressions in a flow, read but not run: syntax, names, and whether what they refer to can be there.

Kestra accepts them all when a flow is saved, so nothing here is more than a warning.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import NamedTuple

from kapell.errors import RenderError
from kapell.expr import registry
from kapell.expr.meta import Meta, NameUse, VariableUse, meta
from kapell.model.input import Input
from kapell.source.nodes import ListNode, MapNode, Node, Place, ScalarNode, is_expression
from kapell.source.outputs import PARTS, output_keys
from kapell.source.parse import Parsed
from kapell.source.problem import TOP, Findings, did_you_mean
from kapell.source.read import Spot
from kapell.source.scope import Scope
from kapell.source.tasks import Site
from kapell.source.values import CALLS

MOST_CHARACTERS = 1_000_000
LONGEST_PATH = 256
VARIABLES = frozenset(
    (
        *("flow", "execution", "task", "taskrun", "parent", "parents", "item", "iteration", "inputs", "outputs"),
        *("tasks", "vars", "labels", "trigger", "envs", "globals", "kestra", "namespace", "response"),
        *("workingDir", "outputDir", "outputFiles", "count", "files", "loop"),
    )
)
FOR_EACH_ITEM = "io.kestra.plugin.core.flow.ForEachItem"
SET_VARIABLES = "io.kestra.plugin.core.execution.SetVariables"
_FOR_PEOPLE = frozenset({"id", "type", "description", "displayName"})
_NOT_IN_AN_EXECUTION = ("/triggers/", "/pluginDefaults/", "/taskDefaults/", "/inputs/", "/checks/")


class Text(NamedTuple):
    """A text that holds expressions; `site` is the task that it belongs to."""

    node: ScalarNode
    value: str
    place: Place
    site: Site | None


def check_references(parsed: Parsed, findings: Findings) -> None:
    """Report what an expression can't mean."""
    registry.load()
    checker = _Checker(parsed, findings)
    spent = 0
    for text in _texts(parsed):
        if findings.full("warning"):
            return
        spent += len(text.value)
        if spent > MOST_CHARACTERS:
            message = f"expressions behind the first {MOST_CHARACTERS:,} characters of them were not looked at"
            findings.info("not-checked", message, TOP, text.node)
            return
        checker.text(text)


class _Checker:
    def __init__(self, parsed: Parsed, findings: Findings) -> None:
        self.findings = findings
        self.scope = Scope(parsed.flow)
        self.sites = {site.task.id: site for site in parsed.sites}
        self.inputs = _input_ids(parsed.flow.inputs)
        self.groups = {id[:end] for id in self.inputs for end, letter in enumerate(id[:LONGEST_PATH]) if letter == "."}
        self.variables = _variable_names(parsed)
        self.made = {
            f"{site.task.id}_{part}" for site in parsed.sites if site.task.type == FOR_EACH_ITEM for part in PARTS
        }
        self.known: dict[str, Meta | RenderError] = {}

    def text(self, text: Text) -> None:
        found = self.known.get(text.value)
        if found is None:
            found = self.known[text.value] = _meta(text.value)
        if isinstance(found, RenderError):
            self.warn(text, "bad-expression", found.message, found, found.remedy)
            return
        self.names(text, found.filters, registry.FILTERS, "Filter [{}] does not exist.", "unknown-filter")
        functions = "Function or Macro [{}] does not exist."
        self.names(text, found.functions, registry.FUNCTIONS, functions, "unknown-function")
        self.names(text, found.tests, registry.TESTS, "Test [{}] does not exist.", "unknown-test")
        for use in found.variables:
            self.variable(text, use)

    def names(
        self, text: Text, uses: tuple[NameUse, ...], table: Mapping[str, object], message: str, code: str
    ) -> None:
        for use in uses:
            if use.name not in table:
                self.warn(text, code, message.format(use.name), use, did_you_mean(use.name, table))

    def variable(self, text: Text, use: VariableUse) -> None:
        root, second = use.path[0], use.path[1] if len(use.path) > 1 else None
        if not isinstance(root, str):
            return
        if root not in VARIABLES and not use.guarded and get_close_matches(root, VARIABLES, n=1, cutoff=0.75):
            self.warn(text, "unknown-variable", f"there is no variable `{root}`", use, did_you_mean(root, VARIABLES))
        if not isinstance(second, str) or text.place.pointer.startswith(_NOT_IN_AN_EXECUTION):
            return
        if _is_of_the_called_flow(text):
            return
        if root == "outputs" and second not in self.made:
            self.output(text, use, second)
        elif root == "tasks" and second not in self.sites and not use.guarded:
            self.warn(text, "undefined-task", f"there is no task `{second}`", use, did_you_mean(second, self.sites))
        elif root == "inputs" and not use.guarded:
            self.input(text, use)
        elif root == "vars" and self.variables is not None and second not in self.variables and not use.guarded:
            remedy = did_you_mean(second, self.variables)
            self.warn(text, "undefined-variable", f"the flow has no variable `{second}`", use, remedy)

    def output(self, text: Text, use: VariableUse, id: str) -> None:
        if use.guarded:
            return
        site = self.sites.get(id)
        if site is None:
            remedy = did_you_mean(id, self.sites)
            self.warn(text, "undefined-output", f"there is no task `{id}`, so `outputs.{id}` is missing", use, remedy)
            return
        hidden = self.scope.hidden(id, text.site.task.id if text.site else None) if id in self.scope.trails else None
        if site.task.disabled:
            hidden = "it is disabled"
        if hidden:
            self.warn(text, "undefined-output", f"`outputs.{id}` is not there: {hidden}", use)
        elif len(use.path) > 2 and not self.scope.by_value(id):
            self.output_property(text, use, site, use.path[2])

    def output_property(self, text: Text, use: VariableUse, site: Site, key: str | int | None) -> None:
        keys = output_keys(site.type)
        if isinstance(key, str) and keys is not None and key not in keys:
            has = f"its outputs are {', '.join(sorted(keys))}" if keys else "it has no outputs"
            message = f"`outputs.{site.task.id}.{key}` is not there: {has}"
            self.warn(text, "undefined-output", message, use, did_you_mean(key, keys))

    def input(self, text: Text, use: VariableUse) -> None:
        parts = []
        for part in use.path[1:]:
            if not isinstance(part, str):
                break
            parts.append(part)
            if ".".join(parts) in self.inputs:
                return
        path = ".".join(parts)
        if path not in self.groups:
            message = f"there is no input `{parts[0]}`"
            self.warn(text, "undefined-input", message, use, did_you_mean(parts[0], self.inputs))

    def warn(
        self, text: Text, code: str, message: str, use: NameUse | VariableUse | RenderError, remedy: str = ""
    ) -> None:
        self.findings.warning(code, message, text.place, _spot(text.node, use.line, use.column), remedy)


def _meta(text: str) -> Meta | RenderError:
    try:
        return meta(text)
    except RenderError as error:
        return error
    except RecursionError:
        return RenderError("The template is nested too deeply", line=1, column=1)


def _spot(node: ScalarNode, line: int, column: int) -> Spot:
    """Where in the source the place of a template lies; in a block its column is not known."""
    line, column = max(line, 1), max(column, 1)
    if node.style in ("|", ">"):
        return Spot(node.line + line, 1)
    if line > 1:
        return Spot(node.line + line - 1, 1)
    return Spot(node.line, node.column + len(node.style) + column - 1)


def _is_of_the_called_flow(text: Text) -> bool:
    """Kestra: the old `outputs` of a Subflow are evaluated among the outputs of the flow that it calls."""
    site = text.site
    return (
        site is not None and site.task.type in CALLS and text.place.pointer.startswith(f"{site.place.pointer}/outputs/")
    )


def _texts(parsed: Parsed) -> Iterator[Text]:
    sites = {site.place.pointer: site for site in parsed.sites}
    yield from _below(parsed.root, TOP, None, sites)


def _below(node: Node, place: Place, site: Site | None, sites: Mapping[str, Site]) -> Iterator[Text]:
    if isinstance(node, ScalarNode):
        if isinstance(node.value, str) and is_expression(node.value):
            yield Text(node, node.value, place, site)
    elif isinstance(node, ListNode):
        for index, item in enumerate(node.items):
            id = item.text("id") if isinstance(item, MapNode) else None
            yield from _below(item, place.item(index, id), site, sites)
    else:
        own = sites.get(place.pointer)
        silent = _FOR_PEOPLE if own is not None or place.pointer.count("/") < 3 else frozenset()
        for key, entry in node.entries.items():
            if key not in silent:
                yield from _below(entry.value, place.key(key), own or site, sites)


def _input_ids(inputs: tuple[Input, ...], prefix: str = "") -> frozenset[str]:
    ids = {prefix + found.id for found in inputs}
    for found in inputs:
        ids |= _input_ids(found.inputs, f"{prefix}{found.id}.")
    return frozenset(ids)


def _variable_names(parsed: Parsed) -> frozenset[str] | None:
    """The flow's variables and those that its tasks set; None where a task's are only known when it runs."""
    names = set(parsed.flow.variables)
    for site in parsed.sites:
        if site.task.type == SET_VARIABLES:
            node = site.node.get("variables")
            if not isinstance(node, MapNode):
                return None
            names.update(node.entries)
    return frozenset(names)
