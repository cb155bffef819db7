"""`subflow()`: while inputs are resolved a flow is run, and what it has come to is the answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Protocol

from kapell.errors import InputError, KapellError, NotFound, Refused
from kapell.expr.json import parse_json
from kapell.model.execution import CORRELATION, Execution
from kapell.model.flow import Flow
from kapell.model.read import Read, ReadFailed
from kapell.model.state import State
from kapell.sdk.duration import format_duration, parse_duration
from kapell.sdk.kv import plain_text
from kapell.services.flow_cache import FlowCache

DEEPEST = 3
"""How deep flows may call one another from their inputs."""
SPAN = timedelta(minutes=1)
LONGEST = timedelta(minutes=5)
FROM = "system.from"

Wait = Callable[[str, timedelta], Awaitable[Execution | None]]
"""Gives an execution when it has ended, None when it does not within a span."""


class Create(Protocol):
    """Makes the execution of a flow that is called from inputs, which is so deep; its id."""

    async def __call__(
        self, flow: Flow, inputs: Mapping[str, object], labels: Mapping[str, str], *, depth: int
    ) -> str: ...


class Calls:
    """Answers questions of kind `subflow`. Whoever asks waits; the execution goes on where nobody waits any more."""

    def __init__(self, flows: FlowCache, create: Create, wait: Wait) -> None:
        self._flows = flows
        self._create = create
        self._wait = wait

    async def answer(self, read: Read, tenant: str, depth: int) -> Mapping[str, object]:
        """The execution's `id`, `state`, `outputs` and `labels`; raises `ReadFailed` with Kestra's sentence."""
        asked = {name: parse_json(text) for name, text in read.options}
        labels, span = _labels(_map(asked.get("labels"))), _span(asked.get("timeout"))
        if depth >= DEEPEST:
            raise ReadFailed(
                f"The 'subflow' function exceeded the maximum nesting depth of {DEEPEST} (a subflow's inputs likely "
                "call subflow() recursively)."
            )
        name = f"'{read.scope}'.'{read.name}'"
        flow = await self._flow(read, name, tenant, _revision(asked.get("revision")))
        try:
            id = await self._create(flow, _map(asked.get("inputs")), labels, depth=depth + 1)
        except InputError as error:
            raise ReadFailed(f"Invalid inputs for subflow {name}: {error}") from None
        except Refused as error:
            raise ReadFailed(f"Failed to run subflow {name}: {error}") from None
        ended = await self._wait(id, span)
        if ended is None:
            why = f"execution {id} has not ended within {format_duration(span)}"
            raise ReadFailed(f"Failed to run subflow {name}: {why}")
        if ended.state not in (State.SUCCESS, State.WARNING):
            raise ReadFailed(f"Subflow {name} ended in state {ended.state} (execution {id}).")
        return {"id": id, "state": ended.state.value, "outputs": ended.outputs or {}, "labels": dict(ended.labels)}

    async def _flow(self, read: Read, name: str, tenant: str, revision: int | None) -> Flow:
        try:
            flow = await self._flows.get(tenant, read.scope, read.name, revision)
        except NotFound:
            wanted = "" if revision is None else f" with revision {revision}"
            raise ReadFailed(f"Unable to find flow {name}{wanted}.") from None
        except KapellError as error:
            raise ReadFailed(f"Cannot run the invalid flow {name}: {error}") from None
        if flow.disabled:
            raise ReadFailed(f"Cannot run the disabled flow {name}.")
        return flow


def _map(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}


def _labels(given: Mapping[str, object]) -> dict[str, str]:
    for key in given:
        if key.startswith("system.") and key != CORRELATION:
            raise ReadFailed(
                f"The 'subflow' function cannot set the system label '{key}'; system labels are reserved (except "
                f"'{CORRELATION}')."
            )
    return {key: plain_text(value) for key, value in given.items() if value is not None} | {FROM: "subflow"}


def _revision(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise ReadFailed("The 'subflow' function expects the 'revision' argument to be a valid integer.")
    return value


def _span(value: object) -> timedelta:
    if value is None:
        return SPAN
    try:
        span = parse_duration(value) if isinstance(value, str) else None
    except ValueError:
        span = None
    if span is None:
        raise ReadFailed(
            f"The 'subflow' function 'timeout' must be an ISO-8601 duration (e.g. 'PT30S'), got '{plain_text(value)}'."
        )
    if span > LONGEST:
        raise ReadFailed(
            f"The 'subflow' function 'timeout' ({format_duration(span)}) exceeds the maximum allowed "
            f"({format_duration(LONGEST)})."
        )
    return span
