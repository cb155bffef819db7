"""Triggers that listen to executions: what they hear of, and what has to come before they fire."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Protocol

from kapell.model.state import State
from kapell.sdk.condition import ConditionContext
from kapell.sdk.prop import prop
from kapell.sdk.shape import Expression
from kapell.sdk.trigger import TriggerType
from kapell.sdk.window import Days, TimeWindow, Window


class Awaited(Protocol):
    """An execution that is waited for."""

    def holds(self, ctx: ConditionContext) -> bool:
        """Whether the execution is one of those; raises as conditions do."""
        ...


@dataclass(frozen=True, slots=True)
class Gate:
    """Things that must come, `least` of them within one time window; without a window their time does not count.

    `resets` says that all must come anew once the trigger has fired, `once` that it fires once in a window.
    """

    awaited: Mapping[str, Awaited]
    least: int
    window: Window | TimeWindow | Days | None = None
    resets: bool = True
    once: bool = False

    def since(self, now: datetime, zone: tzinfo) -> datetime | None:
        """From when on what has come counts now; None where it is closed."""
        return _ALWAYS if self.window is None else self.window.since(now, zone)

    def met(self, ctx: ConditionContext) -> frozenset[str]:
        """The names of what the execution is that is waited for."""
        return frozenset(name for name, one in self.awaited.items() if one.holds(ctx))

    def opens(self, come: Collection[str]) -> bool:
        """Whether enough has come."""
        return len(self.awaited.keys() & set(come)) >= self.least


class ListeningTrigger(TriggerType):
    """Fires when executions come to a state."""

    inputs: Expression[Mapping[str, object]] | None = prop("Inputs of the executions that it starts.", default=None)

    def flow_ids(self) -> frozenset[str] | None:
        """The ids of the flows whose executions alone it can hear of; None: those of any."""
        return None

    def heard_states(self) -> frozenset[State]:
        """The only states that it hears of."""
        return frozenset(State)

    def names(self, namespace: str, flow_id: str) -> bool:
        """Whether it waits for executions of this flow by name."""
        return False

    def hears(self, ctx: ConditionContext) -> bool:
        """Whether an execution in its present state is to be looked at; raises as conditions do."""
        raise NotImplementedError

    def gates(self) -> Mapping[str, Gate]:
        """What must come, by names that last as long as the trigger stays as it is; `""` is the trigger's own."""
        return {}

    def passes(self, ctx: ConditionContext) -> bool:
        """Whether it may fire now that `satisfied` holds what has come through each gate."""
        return True


_ALWAYS = datetime.min.replace(tzinfo=UTC)
