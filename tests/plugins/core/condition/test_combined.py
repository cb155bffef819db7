"""Conditions made of conditions."""

from __future__ import annotations

import pytest

from kapell.sdk.shape import Mismatch
from plugins.core.condition.conditions import bound, context

WEEKEND = {"type": "io.kestra.plugin.core.condition.Weekend"}
MONDAY = {"type": "io.kestra.plugin.core.condition.DayWeekCondition", "dayOfWeek": "MONDAY"}


@pytest.mark.parametrize(("day", "any_holds"), [("18", True), ("20", True), ("21", False)])
def test_or_needs_one_and_not_needs_none(day: str, any_holds: bool) -> None:
    ctx = context(date=f"2025-01-{day}T09:00:00Z")
    assert bound("Or", conditions=[WEEKEND, MONDAY]).holds(ctx) is any_holds
    assert bound("Not", conditions=[WEEKEND, MONDAY]).holds(ctx) is not any_holds
    nested = {"type": "io.kestra.plugin.core.condition.Or", "conditions": [WEEKEND, MONDAY]}
    assert bound("Not", conditions=[nested]).holds(ctx) is not any_holds


def test_only_conditions_stand_among_conditions() -> None:
    with pytest.raises(Mismatch, match="can't be used here"):
        bound("Or", conditions=[{"type": "io.kestra.plugin.core.log.Log", "message": "m"}])
