"""`io.kestra.plugin.core.condition.DateTimeBetween`."""

from __future__ import annotations

from kapell.sdk import ConditionContext, DateCondition, Example, Expression, IllegalCondition, prop, read_moment


class DateTimeBetween(DateCondition):
    """Holds after one date and before another; one of the two will do, neither is included."""

    after: Expression[str] | None = prop("An ISO date with an offset; the date must be later.", default=None)
    before: Expression[str] | None = prop("An ISO date with an offset; the date must be earlier.", default=None)

    aliases = (
        "io.kestra.core.models.conditions.types.DateTimeBetweenCondition",
        "io.kestra.plugin.core.condition.DateTimeBetweenCondition",
    )
    examples = (Example("In the first half of 2025", "after: 2025-01-01T00:00:00Z\nbefore: 2025-07-01T00:00:00Z"),)

    def holds(self, ctx: ConditionContext) -> bool:
        """Compare instants."""
        if self.after is None and self.before is None:
            raise IllegalCondition("Invalid condition with no before nor after")
        moment = self.moment(ctx)
        late = self.after is None or moment > read_moment(self.after.value(ctx.render))
        return late and (self.before is None or moment < read_moment(self.before.value(ctx.render)))
