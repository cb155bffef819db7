"""The declared keys of flows are those that the reader knows: no more, no fewer."""

from __future__ import annotations

from typing import get_args

import pytest

from kapell.sdk.prop import properties
from kapell.source import check
from kapell.source.fields import Fields
from kapell.source.inputs import OWN
from kapell.source.vocabulary import (
    CheckKeys,
    ConcurrencyKeys,
    DefaultKeys,
    DependsOnKeys,
    FlowKeys,
    InputKeys,
    InputOwnKeys,
    InputType,
    LabelKeys,
    ListenerKeys,
    OutputKeys,
    RetryKeys,
    SlaKeys,
    TaskKeys,
)
from unit.source.sources import LOG, flow

SOURCE = f"""\
labels: [{{key: a, value: b}}]
inputs: [{{id: a, type: STRING, dependsOn: {{inputs: []}}}}]
outputs: [{{id: o, type: STRING, value: x}}]
retry: {{type: constant, interval: PT1S}}
concurrency: {{limit: 1}}
sla: [{{id: s, type: MAX_DURATION, duration: PT1S, behavior: FAIL}}]
checks: [{{when: "true", message: m}}]
pluginDefaults: [{{type: x.y, values: {{}}}}]
listeners: [{{tasks: [{LOG.replace("id: t", "id: l")}]}}]
"""
KEYS = {
    "io.kestra.core.models.flows.Flow": FlowKeys,
    "io.kestra.core.models.Label": LabelKeys,
    "io.kestra.core.models.flows.input.StringInput": InputKeys,
    "io.kestra.core.models.flows.DependsOn": DependsOnKeys,
    "io.kestra.core.models.flows.Output": OutputKeys,
    "io.kestra.core.models.tasks.retrys.Constant": RetryKeys,
    "io.kestra.core.models.flows.Concurrency": ConcurrencyKeys,
    "io.kestra.core.models.flows.sla.SLA": SlaKeys,
    "io.kestra.core.models.flows.check.Check": CheckKeys,
    "io.kestra.core.models.flows.PluginDefault": DefaultKeys,
    "io.kestra.core.models.listeners.Listener": ListenerKeys,
    "io.kestra.plugin.core.log.Log": TaskKeys,
}
ONLY_OF_SOME = {
    "io.kestra.core.models.flows.input.StringInput": {"validator"},
    "io.kestra.plugin.core.log.Log": {"message", "level"},
    "io.kestra.core.models.flows.sla.SLA": {"assert", "duration"},
    "io.kestra.core.models.listeners.Listener": {"conditions"},
    "io.kestra.core.models.flows.Flow": {"quotas"},
}


def names(keys: type) -> set[str]:
    return {name for prop in properties(keys).values() for name in (prop.key, *prop.aliases)}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """By the name of each class that the reader reads, the keys that it asks for."""
    found: dict[str, set[str]] = {}

    def note(fields: Fields, owner: str, more: tuple[str, ...] = ()) -> None:
        found.setdefault(owner, set()).update(fields.known, more)

    monkeypatch.setattr(Fields, "refuse_unknown", note)
    assert [problem for problem in check(flow(SOURCE)) if problem.severity == "error"] == []
    return found


def test_the_reader_asks_for_the_declared_keys(asked: dict[str, set[str]]) -> None:
    for owner, keys in KEYS.items():
        only = ONLY_OF_SOME.get(owner, set())
        assert asked[owner] | only == names(keys) | only, owner


def test_every_type_of_input_is_declared_with_what_only_it_has() -> None:
    assert set(get_args(InputType)) == set(OWN)
    assert {key for own in OWN.values() for key in own} == names(InputOwnKeys)


REST = sorted({prop.key for prop in properties(FlowKeys).values()} - {"id", "namespace", "tasks"})


@pytest.mark.parametrize("key", REST)
def test_no_declared_key_of_a_flow_is_unknown(key: str) -> None:
    assert "unknown-property" not in {problem.code for problem in check(flow(f"{key}: ''"))}
