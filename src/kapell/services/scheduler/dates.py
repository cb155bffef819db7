"""The dates of a schedule: those that its type knows, as far as its `when` and its conditions let them pass."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo

from msgspec.structs import replace

from kapell.errors import KapellError
from kapell.expr import Env, render
from kapell.model.problem import InvalidFlow, Problem
from kapell.sdk.condition import ConditionContext
from kapell.sdk.prop import unrendered
from kapell.sdk.registry import find
from kapell.sdk.shape import Render
from kapell.sdk.trigger import ScheduleTrigger
from kapell.sdk.truth import truthy
from kapell.source import load

MOST_TRIED = 10_000
FARTHEST = timedelta(days=3652)
_ID = "schedule"


@dataclass(frozen=True, slots=True)
class Dates:
    """The dates of one schedule; `variables` are what its expressions see beside `trigger` and `schedule`."""

    schedule: ScheduleTrigger
    env: Env
    variables: Mapping[str, object] = field(default_factory=dict)

    @property
    def zone(self) -> tzinfo:
        """The time zone that its dates are told in."""
        return self.schedule.zone(self.env.zone)

    def after(self, moment: datetime) -> datetime | None:
        """The first date later than `moment` that passes; None where 10,000 candidates or ten years have none.

        One whose conditions can't be evaluated passes: whoever fires it finds the error again. Raises `RenderError`
        or `BadDates` where there are no candidates to be had.
        """
        found = self._after(moment)
        previous = self._before(found) if found and self._is_held_to_something() else None
        for _ in range(MOST_TRIED):
            if found is None or found - moment > FARTHEST:
                return None
            following = self._after(found)
            if self._may_pass(found, previous, following):
                return found
            previous, found = found, following
        return None

    def fires_at(self, moment: datetime) -> bool:
        """Whether a candidate passes; raises `RenderError`, `Mismatch`, `IllegalCondition` where that can't be told."""
        return self._passes(moment, self._before(moment), self._after(moment))

    def _may_pass(self, moment: datetime, previous: datetime | None, following: datetime | None) -> bool:
        try:
            return self._passes(moment, previous, following)
        except KapellError:
            # Kestra: an execution that fails at once tells about it.
            return True

    def _passes(self, moment: datetime, previous: datetime | None, following: datetime | None) -> bool:
        dates = {"date": moment, "previous": previous, "next": following}
        if not truthy(self.schedule.when.value(self._render(dates, self.zone))):
            return False
        # Kestra: conditions see the date in the server's time zone, and so its weekday.
        ctx = ConditionContext(self._render(dates, self.env.zone))
        return all(condition.holds(ctx) for condition in self.schedule.conditions)

    def _is_held_to_something(self) -> bool:
        return bool(self.schedule.conditions) or self.schedule.when.source != "true"

    def _render(self, dates: Mapping[str, datetime | None], zone: tzinfo) -> Render:
        shown = {name: _iso(moment, zone) for name, moment in dates.items() if moment is not None}
        variables = {**self.variables, "trigger": shown, "schedule": shown}
        return lambda value, typed: render(value, variables, self.env, "typed" if typed else "text")

    def _after(self, moment: datetime) -> datetime | None:
        return self.schedule.after(moment, self.zone, self._render({}, self.zone))

    def _before(self, moment: datetime) -> datetime | None:
        return self.schedule.before(moment, self.zone, self._render({}, self.zone))


def next_dates(trigger: Mapping[str, object], after: datetime, count: int) -> list[datetime]:
    """The next `count` dates of a trigger as in YAML, its `id` aside: later than `after`, with their zone's offset.

    There are fewer where it has no more. Raises `InvalidFlow`, as the check of a flow with this trigger would.
    """
    found: list[datetime] = []
    try:
        dates = Dates(read_schedule(trigger), Env(now=lambda: after))
        while len(found) < count and (moment := dates.after(found[-1] if found else after)) is not None:
            found.append(moment)
    except InvalidFlow:
        raise
    except KapellError as error:
        raise InvalidFlow([Problem(code="bad-dates", message=str(error), path=f"triggers[{_ID}]")]) from None
    return found


def read_schedule(trigger: Mapping[str, object]) -> ScheduleTrigger:
    """A trigger as in YAML, its `id` aside; raises `InvalidFlow`, or `Mismatch` where only its use finds one."""
    task = {"id": "none", "type": "io.kestra.plugin.core.log.Log", "message": ""}
    flow = {"id": "none", "namespace": "none", "tasks": [task], "triggers": [{**trigger, "id": _ID}]}
    try:
        read = load(json.dumps(flow, default=_written)).triggers[0]
    except InvalidFlow as invalid:
        # the places are those of the text made here, which nobody has seen
        raise InvalidFlow([replace(problem, line=0, column=0) for problem in invalid.problems]) from None
    found = find(read.type)
    if not issubclass(found, ScheduleTrigger):
        message = f"{read.type} does not fire at dates"
        raise InvalidFlow([Problem(code="no-schedule", message=message, path=f"triggers[{_ID}].type")])
    return found.bind(read.properties, unrendered)


def _written(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _iso(moment: datetime, zone: tzinfo) -> str:
    return moment.astimezone(zone).isoformat().replace("+00:00", "Z")
