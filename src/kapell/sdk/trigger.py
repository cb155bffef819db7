"""Kinds of trigger: what all have in common, and those whose dates are known beforehand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from typing import ClassVar, Literal

from kapell.model.flow import Trigger
from kapell.model.state import State
from kapell.sdk.condition import ConditionType
from kapell.sdk.prop import Properties, prop
from kapell.sdk.shape import Expression, Render
from kapell.sdk.task import Example
from kapell.sdk.zone import parse_zone

Recovery = Literal["ALL", "LAST", "NONE"]


class TriggerType(Properties):
    """A type of trigger. None of its expressions is rendered when it is bound: each has its time."""

    when: Expression[str] = prop("An expression; the trigger fires only where it is true.", default="true")
    conditions: Sequence[ConditionType] = prop(
        "Conditions that must all hold; `when` says the same shorter.", default=()
    )
    labels: Expression[Mapping[str, object] | Sequence[object]] | None = prop(
        "Labels of the executions that it starts.", default=None
    )
    stop_after: Sequence[State] = prop(
        "It is disabled once an execution that it started ends in one of these states.", default=()
    )
    log_to_file: bool = prop("Whether its log lines are kept in a file.", default=False)
    fail_on_trigger_error: bool = prop(
        "Whether an error while it is evaluated starts a FAILED execution.", default=False
    )
    allow_concurrent: bool = prop("Whether it may fire while an execution that it started runs.", default=False)

    examples: ClassVar[tuple[Example, ...]] = ()

    @classmethod
    def check(cls, trigger: Trigger) -> Iterable[tuple[str, str]]:
        """What is wrong with a flow's trigger of this type beyond the shapes of its properties.

        Pairs of a path from the trigger (`""` is the trigger itself) and a message. The properties are as written,
        by their name in Python.
        """
        return ()


class ScheduleTrigger(TriggerType):
    """Fires at dates known beforehand."""

    timezone: str | None = prop("The time zone, such as `Europe/Paris`; the server's by default.", default=None)
    inputs: Expression[Mapping[str, object]] | None = prop("Inputs of the executions that it starts.", default=None)
    recover_missed_schedules: Recovery | None = prop(
        "What becomes of dates missed while the scheduler was down: ALL are made up for, or the LAST, or NONE.",
        default=None,
    )

    @classmethod
    def check(cls, trigger: Trigger) -> Iterable[tuple[str, str]]:
        """Whether the time zone is one."""
        zone = trigger.properties.get("timezone")
        if zone is not None:
            try:
                parse_zone(str(zone))
            except ValueError as error:
                yield "timezone", str(error)

    def zone(self, server: tzinfo = UTC) -> tzinfo:
        """Its time zone."""
        return server if self.timezone is None else parse_zone(self.timezone)

    def after(self, moment: datetime, zone: tzinfo, render: Render) -> datetime | None:
        """The first date later than `moment`, conditions left aside, with the offset that `zone` then has."""
        raise NotImplementedError

    def before(self, moment: datetime, zone: tzinfo, render: Render) -> datetime | None:
        """The last date earlier than `moment`, likewise."""
        raise NotImplementedError
