"""What a trigger that waits for several executions has seen of them so far."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from msgspec import Struct

from kapell.model.execution import MAIN
from kapell.model.task_run import Outputs

WindowKey = tuple[str, str, str, str, str]
"""Tenant, namespace, flow, trigger, and the gate of the trigger."""


class Arrival(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An execution that was waited for: when it came to its state, and the outputs that it then had."""

    execution_id: str
    at: datetime
    outputs: Outputs = {}


class Window(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What has come through one gate of a trigger, by the names of what it waits for; `fired` is when it last did.

    `definition` tells triggers apart: of one that was changed nothing has come yet. `version` is the id of the
    last change, made from that of the one before, which is `follows`: equal versions have the same past.
    """

    namespace: str
    flow_id: str
    trigger_id: str
    definition: str
    tenant: str = MAIN
    gate: str = ""
    version: str = ""
    follows: str = ""
    come: Mapping[str, Arrival] = {}
    fired: datetime | None = None

    @property
    def key(self) -> WindowKey:
        """What it belongs to."""
        return (self.tenant, self.namespace, self.flow_id, self.trigger_id, self.gate)
