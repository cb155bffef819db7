"""The examples of triggers and conditions."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
import yaml

from kapell import check
from kapell.sdk.condition import ConditionType
from kapell.sdk.trigger import TriggerType
from scripts.reference import built_in

TASK = {"id": "t", "type": "io.kestra.plugin.core.log.Log", "message": "m"}
SCHEDULE = {"type": "io.kestra.plugin.core.trigger.Schedule", "cron": "@daily"}


def triggers() -> Iterator[tuple[str, dict[str, object]]]:
    """A trigger for each example, of itself or around a condition."""
    for name, cls in built_in():
        if issubclass(cls, TriggerType | ConditionType):
            for example in cls.examples:
                given = {"type": name, **yaml.load(example.yaml, yaml.BaseLoader)}
                yield name, given if issubclass(cls, TriggerType) else {**SCHEDULE, "conditions": [given]}


def test_every_trigger_and_condition_has_an_example() -> None:
    types = {name for name, cls in built_in() if issubclass(cls, TriggerType | ConditionType)}
    assert len(types) > 20
    assert {name for name, _ in triggers()} == types


@pytest.mark.parametrize(("name", "trigger"), list(triggers()))
def test_an_example_is_a_trigger_that_can_be_saved(name: str, trigger: dict[str, object]) -> None:
    flow = {"id": "x", "namespace": "a.b", "tasks": [TASK], "triggers": [{"id": "t", **trigger}]}
    assert check(json.dumps(flow)) == []
