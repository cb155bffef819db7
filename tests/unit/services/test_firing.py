"""What an execution is told of the trigger that is said to have started it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from factories import NOW
from kapell.errors import Refused
from kapell.expr import Env, render
from kapell.model.execution import ExecutionTrigger
from kapell.model.flow import Flow
from kapell.services.firing import due, given_by, origin, trigger_of
from kapell.source import load

SCHEDULE = "io.kestra.plugin.core.trigger.Schedule"
WEBHOOK = "io.kestra.plugin.core.trigger.Webhook"
DAILY = "{id: daily, type: io.kestra.plugin.core.trigger.Schedule, cron: '@daily', inputs: {on: '{{ trigger.date }}'}}"
HOOK = "{id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: k, labels: [{key: a, value: '{{ flow.id }}'}]}"


def flow(*triggers: str) -> Flow:
    task = "{id: t, type: io.kestra.plugin.core.log.Log, message: x}"
    return load(f"id: f\nnamespace: n\ntasks: [{task}]\ntriggers: [{', '.join(triggers)}]\n")


def test_variables_alone_are_those_of_the_only_trigger_and_of_nobody_where_there_are_more() -> None:
    told = {"date": "2026-01-02T00:00:00Z"}
    assert origin(flow(DAILY), told) == ExecutionTrigger(id="daily", type=SCHEDULE, variables=told)
    for several in (flow(), flow(DAILY, HOOK)):
        assert origin(several, told) == ExecutionTrigger(id="trigger", type="trigger", variables=told)


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ({"id": "hook"}, ("hook", WEBHOOK)),
        ({"type": SCHEDULE}, ("daily", SCHEDULE)),
        ({"id": "call", "type": "io.kestra.plugin.core.flow.Subflow"}, ("call", "io.kestra.plugin.core.flow.Subflow")),
        ({}, ("trigger", "trigger")),
    ],
)
def test_a_trigger_is_named_by_its_id_or_its_type(named: dict[str, object], expected: tuple[str, str]) -> None:
    found = origin(flow(DAILY, HOOK), {**named, "variables": {"x": 1}})
    assert ((found.id, found.type), found.variables) == (expected, {"x": 1})


def test_a_name_that_no_trigger_has_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(Refused, match="no trigger `hok`; did you mean `hook`"):
        origin(flow(DAILY, HOOK), {"id": "hok", "variables": {}})
    with pytest.raises(Refused, match="no trigger `x`; it has daily, hook"):
        origin(flow(DAILY, HOOK), {"id": "x", "variables": {}})


def test_variables_with_a_name_of_their_own_are_not_taken_for_one() -> None:
    told = {"id": 7, "variables": {"a": 1}, "body": "x"}
    assert origin(flow(DAILY), told).variables == told


def test_dates_become_texts_and_what_is_no_json_is_refused() -> None:
    found = origin(flow(DAILY), {"date": datetime(2026, 1, 2, tzinfo=UTC), "day": date(2026, 1, 2)})
    assert found.variables == {"date": "2026-01-02T00:00:00Z", "day": "2026-01-02"}
    with pytest.raises(Refused, match="not JSON"):
        origin(flow(DAILY), {"x": object()})


def test_a_trigger_gives_its_inputs_and_labels_rendered() -> None:
    both = flow(DAILY, HOOK)
    seen = {"trigger": {"date": "2026-01-02"}, "flow": {"id": "f"}}
    given = [
        given_by(trigger, lambda value, typed: render(value, seen, Env(now=lambda: NOW), "typed" if typed else "text"))
        for trigger in both.triggers
    ]
    assert [(one.inputs, one.labels) for one in given] == [({"on": "2026-01-02"}, {}), ({}, {"a": "f"})]


def test_only_a_trigger_of_the_flow_is_one() -> None:
    both = flow(DAILY, HOOK)
    assert trigger_of(both, ExecutionTrigger(id="hook", type=WEBHOOK)) is both.triggers[1]
    assert trigger_of(both, ExecutionTrigger(id="call", type="io.kestra.plugin.core.flow.Subflow")) is None


@pytest.mark.parametrize(
    ("type", "told", "expected"),
    [
        (SCHEDULE, "2026-01-02T09:00:00+01:00", datetime(2026, 1, 2, 8, tzinfo=UTC)),
        (SCHEDULE, "2026-01-02T09:00:00+01:00[Europe/Paris]", datetime(2026, 1, 2, 8, tzinfo=UTC)),
        (SCHEDULE, "2026-01-02", datetime(2026, 1, 2, tzinfo=UTC)),
        (SCHEDULE, "some day", None),
        (SCHEDULE, 7, None),
        (WEBHOOK, "2026-01-02T09:00:00Z", None),
        ("trigger", "2026-01-02T09:00:00Z", None),
    ],
)
def test_a_schedule_was_due_at_its_date(type: str, told: object, expected: datetime | None) -> None:
    assert due(ExecutionTrigger(id="t", type=type, variables={"date": told})) == expected
