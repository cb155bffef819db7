"""`io.kestra.plugin.core.condition.HasRetryAttempt`."""

from __future__ import annotations

from collections.abc import Sequence

from kapell.sdk import ConditionContext, ConditionType, Example, Expression, State, prop


class HasRetryAttempt(ConditionType):
    """Holds for executions in which a task was tried more than once, with an attempt in one of some states."""

    in_: Expression[Sequence[State]] | None = prop(
        "The states of the attempt; none at all where this is absent.", default=None
    )
    not_in: Expression[Sequence[State]] | None = prop("States that are none of them.", default=None)

    aliases = (
        "io.kestra.core.models.conditions.types.HasRetryAttemptCondition",
        "io.kestra.plugin.core.condition.HasRetryAttemptCondition",
    )
    examples = (Example("Where an attempt failed", "in: [FAILED]"),)

    def holds(self, ctx: ConditionContext) -> bool:
        """Look at the attempts of the tasks that have several."""
        # Kestra: without `in` no attempt will do.
        wanted = set(self.in_.value(ctx.render) if self.in_ else ())
        unwanted = set(self.not_in.value(ctx.render) if self.not_in else ())
        retried = (attempts for attempts in ctx.of_execution().get("attempts", ()) if len(attempts) > 1)
        return any(state in wanted - unwanted for attempts in retried for state in attempts)
