"""Whether a trigger fires for an execution, and what its windows are then: pure, as far as its expressions are."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

import msgspec

from kapell.ids import derived_id
from kapell.model.window import Arrival, Window, WindowKey
from kapell.sdk.condition import ConditionContext
from kapell.sdk.listening import Gate
from kapell.sdk.shape import Render
from kapell.services.scheduler.listeners import Listener
from kapell.services.scheduler.upstream import Upstream


@dataclass(frozen=True, slots=True)
class Verdict:
    """`outputs` are those of all that has come; `windows` are those that have changed."""

    fires: bool
    outputs: Mapping[str, object]
    windows: tuple[Window, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """What an execution means to one gate: `come` is all that counts now, with the execution itself."""

    name: str
    gate: Gate
    window: Window
    execution_id: str
    come: Mapping[str, Arrival]
    fired: datetime | None
    met: bool

    @property
    def is_open(self) -> bool:
        """Whether the trigger may fire for this execution."""
        return self.met and self.gate.opens(self.come)

    def after(self, fires: bool, now: datetime) -> Window | None:
        """The window as it is to be kept; None where it stays as it was."""
        gate = self.gate
        spent = (fires and self.met and gate.resets) or gate.least < 2
        come = {} if spent else self.come
        fired = now if fires and self.met and gate.once else self.fired
        if (come, fired) == (self.window.come, self.window.fired):
            return None
        follows = self.window.version
        version = derived_id(follows, self.execution_id, now)
        return msgspec.structs.replace(self.window, come=come, fired=fired, version=version, follows=follows)


def judge(
    listener: Listener,
    upstream: Upstream,
    windows: Mapping[WindowKey, Window],
    *,
    now: datetime,
    zone: tzinfo,
    render: Render,
) -> Verdict | None:
    """What an execution's state means to a trigger; None where it does not concern it at all.

    Raises `NeedsRead`, and as conditions do.
    """
    flow = {"namespace": listener.flow.namespace, "id": listener.flow.id}
    ctx = ConditionContext(render, upstream.facts, flow)
    if not listener.trigger.hears(ctx):
        return None
    arrival = Arrival(execution_id=upstream.execution.id, at=now, outputs=upstream.facts["outputs"])
    passages = [
        _pass(name, gate, _window(listener, name, windows), arrival, ctx, zone) for name, gate in listener.gates.items()
    ]
    satisfied: dict[str, Collection[str]] = {one.name: one.come if one.met else () for one in passages}
    fires = all(one.is_open for one in passages if not one.name)
    fires = fires and listener.trigger.passes(replace(ctx, satisfied=satisfied))
    changed = (one.after(fires, now) for one in passages)
    return Verdict(fires, _outputs(passages, arrival), tuple(window for window in changed if window is not None))


def _window(listener: Listener, name: str, windows: Mapping[WindowKey, Window]) -> Window:
    fresh = listener.window(name)
    known = windows.get(fresh.key)
    if known is None or known.definition == fresh.definition:
        return known or fresh
    return msgspec.structs.replace(fresh, version=known.version)


def _pass(name: str, gate: Gate, window: Window, arrival: Arrival, ctx: ConditionContext, zone: tzinfo) -> Passage:
    since = gate.since(arrival.at, zone)
    if since is None:
        return Passage(name, gate, window, arrival.execution_id, {}, None, met=False)
    fired = window.fired if window.fired is not None and window.fired >= since else None
    met = frozenset() if gate.once and fired is not None else gate.met(ctx)
    before = {key: one for key, one in window.come.items() if one.at >= since and key not in met}
    come = {**before, **dict.fromkeys(sorted(met), arrival)}
    return Passage(name, gate, window, arrival.execution_id, come, fired, met=bool(met))


def _outputs(passages: Collection[Passage], arrival: Arrival) -> Mapping[str, object]:
    """Of all that has come, the latest last."""
    found: dict[str, object] = {}
    for one in sorted((one for passage in passages for one in passage.come.values()), key=lambda one: one.at):
        found |= one.outputs
    return {**found, **arrival.outputs}
