"""The flows of the simulation, and what is known of those whose end depends on who comes first."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from kapell.model.flow import Flow
from kapell.model.state import State
from kapell.ports.flows import StoredFlow
from kapell.services.flow_cache import FlowCache
from kapell.source import load

SOURCES = {file.stem: file.read_text() for file in sorted((Path(__file__).parent / "flows").glob("*.yaml"))}
STARTED_BY_OTHERS = frozenset({"item", "heard", "paired"})
LOOSE: Mapping[str, frozenset[State]] = {
    "interrupting": frozenset({State.FAILED, State.CANCELLED}),
    "promised": frozenset({State.FAILED}),
    "turned_away": frozenset({State.SUCCESS, State.CANCELLED}),
    "refused": frozenset({State.SUCCESS, State.FAILED}),
}
"""Flows whose task runs depend on who comes first, with the states in which they may end."""

FILES = {
    "kestra:///sim/items.txt": "a\nb\nc\n",
    "kestra:///sim/splits.txt": "".join(f"kestra:///sim/batch-{number}.txt\n" for number in range(3)),
}
"""What internal storage holds."""


@lru_cache
def read(source: str, revision: int) -> Flow:
    """A flow, read once for all runs of the simulation."""
    return load(source, revision=revision)


class KnownFlows(FlowCache):
    """Flows by revision, as an executor reads them."""

    def read(self, stored: StoredFlow) -> Flow:
        flow = self._known[stored.tenant, stored.namespace, stored.id, stored.revision] = read(
            stored.source, stored.revision
        )
        return flow
