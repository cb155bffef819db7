"""Conditions as a flow writes them, asked with variables."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime

from kapell.expr import Env, render
from kapell.sdk.condition import ConditionContext, ConditionType, ExecutionFacts
from kapell.sdk.prop import by_name, unrendered
from kapell.sdk.registry import find

FAILED: ExecutionFacts = {
    "namespace": "company.team",
    "flowId": "extract",
    "state": "FAILED",
    "labels": {"owner": "ada", "priority": "1"},
    "outputs": {"rows": 3},
    "attempts": [["SUCCESS"], ["FAILED", "KILLED"]],
}


def bound(type: str, **given: object) -> ConditionType:
    """The condition with these properties, by their names in YAML."""
    found = find(type if "." in type else f"io.kestra.plugin.core.condition.{type}")
    condition = found.bind(by_name(found, given), unrendered)
    assert isinstance(condition, ConditionType)
    return condition


def context(
    variables: Mapping[str, object] | None = None,
    *,
    date: str = "2025-01-15T10:20:30Z",
    execution: ExecutionFacts | None = None,
    flow: Mapping[str, str] | None = None,
    satisfied: Mapping[str, Collection[str]] | None = None,
) -> ConditionContext:
    env = Env(now=lambda: datetime(2025, 1, 15, tzinfo=UTC))
    seen = {"trigger": {"date": date}, **(variables or {})}
    return ConditionContext(
        lambda value, typed: render(value, seen, env, "typed" if typed else "text"), execution, flow, satisfied or {}
    )
