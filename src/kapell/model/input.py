"""A declared input of a flow (or of a Pause), as it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, eq=False)
class Input:
    """What a flow asks for.

    `properties` holds what only its type has (`min`, `values`, `validator` …), by Kestra's name.
    `defaults` and `prefill` are values or templates, None when absent; `depends_on` are ids of other inputs and
    `condition` the template that must be truthy for this input to exist.
    """

    id: str
    type: str
    required: bool = True
    defaults: object = None
    prefill: object = None
    display_name: str = ""
    description: str = ""
    depends_on: tuple[str, ...] = ()
    condition: str | None = None
    properties: Mapping[str, object] = field(default_factory=dict)
    inputs: tuple[Input, ...] = ()
