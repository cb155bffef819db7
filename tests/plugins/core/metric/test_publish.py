from __future__ import annotations

from attempts import attempt
from kapell.model.state import State

TYPE = "io.kestra.plugin.core.metric.Publish"


def test_counters_timers_and_gauges_are_published_with_their_tags() -> None:
    metrics = [
        {"type": "counter", "name": "rows", "value": "{{ 1 + 2 }}", "tags": {"table": "{{ 'orders' }}"}},
        {"type": "timer", "name": "load", "value": "PT1.5S"},
        {"type": "gauge", "name": "size", "value": 2.5},
    ]
    ran = attempt(TYPE, {"metrics": metrics})
    assert [(m.kind, m.name, m.value, m.tags) for m in ran.metrics] == [
        ("counter", "rows", 3.0, {"table": "orders"}),
        ("timer", "load", 1500.0, {}),
        ("gauge", "size", 2.5, {}),
    ]


def test_a_value_that_is_none_fails_and_nothing_is_published() -> None:
    good, bad = ({"type": "counter", "name": name, "value": name} for name in ("1", "x"))
    ran = attempt(TYPE, {"metrics": [good, bad]})
    assert ran.result.state is State.FAILED
    assert ran.said == [("ERROR", "metrics: the value `x` of `x` is not a number")]
    assert ran.metrics == []
