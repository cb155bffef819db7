"""A line of an execution's log, and a metric of a task run."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class Level(StrEnum):
    """Severity, in Kestra's words, from the quietest."""

    TRACE = "TRACE"
    DEBUG = "DEBUG"
    INFO = "INFO"
    WARN = "WARN"
    ERROR = "ERROR"

    @property
    def rank(self) -> int:
        """0 for TRACE up to 4 for ERROR."""
        return _RANKS[self]


_RANKS = {level: rank for rank, level in enumerate(Level)}


class LogLine(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """One line; `attempt` counts from 0. Lines of one attempt are ordered by `number`."""

    execution_id: str
    namespace: str
    flow_id: str
    level: Level
    message: str
    at: datetime
    task_id: str | None = None
    task_run_id: str | None = None
    attempt: int = 0
    number: int = 0
    thread: str = ""


class Metric(Struct, frozen=True, gc=False, kw_only=True, omit_defaults=True):
    """A counter, timer (milliseconds) or gauge that a task published."""

    execution_id: str
    task_id: str
    task_run_id: str
    name: str
    kind: str
    value: float
    at: datetime
    namespace: str = ""
    flow_id: str = ""
    tags: Mapping[str, str] = {}
