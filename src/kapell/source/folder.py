"""Many sources at once: each is checked for itself and against the others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from kapell.model.flow import Flow
from kapell.model.problem import Problem
from kapell.source.calls import calls_of, check_calls
from kapell.source.check import examined
from kapell.source.circles import circles
from kapell.source.document import Document, documents, in_whole
from kapell.source.parse import Parsed
from kapell.source.problem import TOP, Findings

Key = tuple[str, str]


class FlowFile(NamedTuple):
    """A source and the name that people know it by, such as the path of its file."""

    name: str
    text: str


class _Seen(NamedTuple):
    name: str
    document: Document
    alone: bool
    parsed: Parsed | None
    findings: Findings

    @property
    def where(self) -> str:
        """Its source, with the line that it begins on where that holds others as well."""
        return self.name if self.alone else f"{self.name}:{self.document.line}"


class Together:
    """The flows of several sources, to be found by one another; of two with the same id the first counts."""

    def __init__(self, flows: Iterable[Flow]) -> None:
        self.flows: dict[Key, Flow] = {}
        for flow in flows:
            self.flows.setdefault((flow.namespace, flow.id), flow)
        self.circles = circles({key: tuple(calls_of(flow)) for key, flow in self.flows.items()})

    def find(self, namespace: str, id: str) -> Flow | None:
        """The flow of that name, None where no source has it."""
        return self.flows.get((namespace, id))

    def calls_back(self, called: Key, caller: Key) -> bool:
        """Whether a flow that `caller` calls is in one circle with it."""
        return self.circles.get(called, -1) == self.circles.get(caller, -2)


def check_all(files: Sequence[FlowFile]) -> Iterator[tuple[str, list[Problem]]]:
    """For each flow the name of its source and its problems: those of its own, and with the other flows.

    A source may hold several flows; lines are those of the source.
    """
    seen = [one for file in files for one in _seen(file)]
    named = [(one.where, one.parsed.flow) for one in seen if one.parsed is not None]
    together = Together(flow for _, flow in named)
    names = _names(named)
    for one in seen:
        if one.parsed is not None:
            _twice(one, one.parsed, names)
            check_calls(one.parsed, together, one.findings, together.calls_back)
        yield one.name, in_whole(one.findings.in_order(), one.document)


def _seen(file: FlowFile) -> Iterator[_Seen]:
    parts = documents(file.text)
    for part in parts:
        yield _Seen(file.name, part, len(parts) == 1, *examined(part.text))


def _names(named: Iterable[tuple[str, Flow]]) -> Mapping[Key, list[str]]:
    found: dict[Key, list[str]] = {}
    for name, flow in named:
        if flow.id and flow.namespace:
            found.setdefault((flow.namespace, flow.id), []).append(name)
    return found


def _twice(one: _Seen, parsed: Parsed, names: Mapping[Key, list[str]]) -> None:
    flow = parsed.flow
    others = [name for name in names.get((flow.namespace, flow.id), ()) if name != one.where]
    if others:
        message = f"the flow {flow.namespace}.{flow.id} is in {one.where} and in {', '.join(others)}"
        at = parsed.root.get("id") or parsed.root
        one.findings.error("duplicate-flow", message, TOP.key("id"), at, "give one of them another id")
