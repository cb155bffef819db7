"""`io.kestra.plugin.core.condition.TimeBetween`."""

from __future__ import annotations

from datetime import time, timedelta

from kapell.sdk import ConditionContext, DateCondition, Example, Expression, IllegalCondition, prop


class TimeBetween(DateCondition):
    """Holds after one time of day and before another; one of the two will do, neither is included.

    Times are compared within a day: a span over midnight is two conditions under an Or.
    """

    after: Expression[str] | None = prop("A time with an offset, such as `16:19:12-08:00`.", default=None)
    before: Expression[str] | None = prop("A time with an offset, such as `16:19:12-08:00`.", default=None)

    aliases = (
        "io.kestra.core.models.conditions.types.TimeBetweenCondition",
        "io.kestra.plugin.core.condition.TimeBetweenCondition",
    )
    examples = (Example("In the afternoon", 'after: "12:00:00Z"\nbefore: "18:00:00Z"'),)

    def holds(self, ctx: ConditionContext) -> bool:
        """Compare instants of a day."""
        if self.after is None and self.before is None:
            raise IllegalCondition("Invalid condition with no before nor after")
        instant = _instant(self.moment(ctx).timetz())
        late = self.after is None or instant > _read(self.after.value(ctx.render))
        return late and (self.before is None or instant < _read(self.before.value(ctx.render)))


def _read(text: str) -> timedelta:
    try:
        found = time.fromisoformat(text)
    except ValueError:
        found = time()
    if found.tzinfo is None:
        raise IllegalCondition(f"`{text}` is not a time with an offset, such as 16:19:12-08:00")
    return _instant(found)


def _instant(moment: time) -> timedelta:
    """Since midnight in UTC; below zero and above a day where the offset makes it so."""
    local = timedelta(hours=moment.hour, minutes=moment.minute, seconds=moment.second, microseconds=moment.microsecond)
    return local - (moment.utcoffset() or timedelta())
