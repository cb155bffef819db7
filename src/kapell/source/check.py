"""The whole way of a source: read, parsed, and what was parsed held against itself."""

from __future__ import annotations

from dataclasses import replace

from kapell.model.execution import MAIN
from kapell.model.flow import Flow
from kapell.model.problem import InvalidFlow, Problem
from kapell.source.calls import FlowLookup, check_calls
from kapell.source.consistency import check_consistency
from kapell.source.nodes import MapNode
from kapell.source.parse import Parsed, parse
from kapell.source.problem import TOP, Findings
from kapell.source.read import REFUSED, read
from kapell.source.references import check_references
from kapell.source.sentence import tell_as_one


def load(text: str, *, tenant: str = MAIN, revision: int = 1) -> Flow:
    """The flow that `text` describes, with its warnings in `problems`; raises `InvalidFlow` when there is any error."""
    parsed, findings = _parsed(text, None, tenant, revision)
    if parsed is None or findings.failed:
        raise InvalidFlow(findings.in_order())
    return replace(parsed.flow, problems=tuple(findings.in_order()))


def check(text: str, flows: FlowLookup | None = None) -> list[Problem]:
    """All problems of a source, errors first, by line; with `flows` also what does not fit other flows."""
    _, findings = _parsed(text, flows, MAIN, 1)
    return findings.in_order()


def examined(text: str) -> tuple[Parsed | None, Findings]:
    """The flow as far as it can be read, with the places of its parts, and all that is wrong with it alone."""
    return _parsed(text, None, MAIN, 1)


def _parsed(text: str, flows: FlowLookup | None, tenant: str, revision: int) -> tuple[Parsed | None, Findings]:
    findings = Findings()
    root = read(text, findings)
    if root is None:
        return None, findings
    if not isinstance(root, MapNode):
        findings.error("yaml", REFUSED + "a flow is a map with id, namespace and tasks", TOP, root)
        return None, findings
    parsed = parse(root, text, findings, tenant=tenant, revision=revision)
    check_consistency(parsed, findings)
    tell_as_one(findings)
    check_references(parsed, findings)
    if flows is not None:
        check_calls(parsed, flows, findings)
    return parsed, findings
