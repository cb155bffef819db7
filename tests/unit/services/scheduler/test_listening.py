"""Executions that come to a state, and the flows that hear of it: what is started, when, with what."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from kapell.engine.call import DEEPEST
from kapell.errors import StoreError
from kapell.model.execution import CORRELATION
from kapell.model.messages import Step
from kapell.ports.shards import Lease
from unit.services.scheduler.scene import FAIL, Scene, after, listener, source, variables

HOUR = timedelta(hours=1)
OUTPUT = "outputs: [{id: %s, type: STRING, value: from %s}]"


def test_a_flow_starts_after_the_flow_that_it_listens_to_and_knows_it() -> None:
    scene = Scene(source("a", OUTPUT % ("o", "a")), listener("b", after("a")))
    first = scene.run("a", team="x")
    (started,) = scene.of("b")
    assert (started.state, started.root_id, started.parent_id) == ("SUCCESS", started.id, None)
    assert variables(started) == {
        "executionId": first.id,
        "namespace": "n",
        "flowId": "a",
        "flowRevision": 1,
        "state": "SUCCESS",
        "executionLabels": {"team": "x"},
        "startDate": "2026-01-01T00:00:00Z",
        "endDate": "2026-01-01T00:00:00Z",
        "lastTaskId": "say",
        "outputs": {"o": "from a"},
    }


def test_labels_are_the_flow_s_own_the_trigger_s_and_the_correlation() -> None:
    labels = 'labels: {both: trigger, up: "{{ trigger.flowId }}"}'
    scene = Scene(source("a"), listener("b", f"{labels}, {after('a')}", "labels: {own: b, both: flow}"))
    first = scene.run("a", team="x")
    (started,) = scene.of("b")
    assert started.labels == {"own": "b", "both": "trigger", "up": "a", CORRELATION: first.id}


def test_chains_go_on_and_every_listener_starts_one() -> None:
    scene = Scene(source("a"), listener("b", after("a")), listener("c", after("a")), listener("d", after("b")))
    scene.run("a")
    assert scene.counts("b", "c", "d") == [1, 1, 1]


def test_a_trigger_without_dependencies_hears_of_all_but_its_own_flow() -> None:
    scene = Scene(source("a", tasks=FAIL), source("b"), listener("alert", "states: [FAILED]", tasks=FAIL))
    scene.run("a")
    scene.run("b")
    assert [variables(one)["flowId"] for one in scene.of("alert")] == ["a"]


def test_who_is_disabled_or_a_draft_or_deleted_hears_nothing() -> None:
    scene = Scene(
        source("a"),
        listener("off", f"disabled: true, {after('a')}"),
        listener("gone", after("a"), "disabled: true"),
        listener("draft", after("a"), "draft: true"),
        listener("later_off", after("a")),
        listener("deleted", after("a")),
    )
    scene.save(listener("later_off", f"disabled: true, {after('a')}"))
    scene.listeners.forget("main", "n", "deleted")
    scene.run("a")
    assert scene.counts("off", "gone", "draft", "later_off", "deleted") == [0, 0, 0, 0, 0]


def test_the_revision_before_a_draft_goes_on_listening_also_after_a_restart() -> None:
    scene = Scene(source("a"), listener("b", after("a")))
    scene.save(listener("b", after("other"), "draft: true"))
    scene.run("a")
    scene.restart()
    scene.run("a")
    assert [one.revision for one in scene.of("b")] == [1, 1]


def test_an_end_that_is_retried_at_once_is_none() -> None:
    retry = "retry: {type: constant, interval: PT1S, maxAttempts: 2}"
    tasks = f"tasks: [{{id: ko, type: io.kestra.plugin.core.execution.Fail, {retry}}}]"
    scene = Scene(source("a", tasks=tasks), listener("b", f"states: [FAILED], {after('a')}"))
    scene.run("a")
    assert scene.counts("b") == [0]
    scene.clock.advance(timedelta(seconds=2))
    scene.work()
    assert [change.state for change in scene.of("a")[0].history].count("FAILED") == 2
    assert scene.counts("b") == [1]


def test_iterations_of_loops_are_not_heard_of() -> None:
    loop = (
        "tasks: [{id: l, type: io.kestra.plugin.core.flow.Loop, values: [1, 2], "
        "tasks: [{id: t, type: io.kestra.plugin.core.debug.Return}]}]"
    )
    scene = Scene(source("a", tasks=loop), listener("b", "states: [RUNNING, SUCCESS]"))
    scene.run("a")
    assert sorted(str(variables(one)["state"]) for one in scene.of("b")) == ["RUNNING", "SUCCESS"]


def test_inputs_see_the_trigger_and_are_converted_and_defaults_apply() -> None:
    inputs = "inputs: [{id: n, type: INT}, {id: d, type: STRING, defaults: default}]"
    given = 'inputs: {n: "{{ trigger.outputs.o }}"}'
    scene = Scene(
        source("a", "outputs: [{id: o, type: INT, value: 7}]"), listener("b", f"{given}, {after('a')}", inputs)
    )
    scene.run("a")
    assert scene.of("b")[0].inputs == {"n": 7, "d": "default"}


def test_inputs_may_read_with_the_namespace_of_the_flow_that_listens() -> None:
    text = listener("b", "inputs: {i: \"{{ kv('key') }}\"}, " + after("a"), "inputs: [{id: i, type: STRING}]")
    scene = Scene(source("a"), text.replace("namespace: n\n", "namespace: other\n"))
    new = scene.insert("a")
    asyncio.run(scene.work_and_read())
    assert [(one.namespace, one.inputs) for one in scene.of("b")] == [("other", {"i": "key of other"})]
    assert new.id == variables(scene.of("b")[0])["executionId"]


@pytest.mark.parametrize(
    ("address", "state"),
    [("kestra:///n/a/executions/{{ trigger.executionId }}/f", "SUCCESS"), ("kestra:///m/a/executions/x/f", "FAILED")],
)
def test_inputs_may_read_the_files_of_the_execution_that_was_heard_of_and_no_others(address: str, state: str) -> None:
    given = 'inputs: {i: "{{ read(render(vars.address)) }}"}'
    more = f"variables: {{address: '{address}'}}\ninputs: [{{id: i, type: STRING}}]"
    scene = Scene(source("a"), listener("b", f"{given}, {after('a')}", more))
    scene.insert("a")
    asyncio.run(scene.work_and_read())
    assert [one.state for one in scene.of("b")] == [state]


@pytest.mark.parametrize("given", ['inputs: {n: "{{ trigger.outputs.nosuch }}"}', "inputs: {n: many}", "inputs: {}"])
def test_what_can_t_begin_fails_at_once_and_whoever_listens_to_failures_hears_of_it(given: str) -> None:
    scene = Scene(
        source("a"),
        listener("b", f"{given}, {after('a')}", "inputs: [{id: n, type: INT}]"),
        listener("alert", f"states: [FAILED], {after('b')}"),
    )
    first = scene.run("a")
    (failed,) = scene.of("b")
    assert [change.state for change in failed.history] == ["CREATED", "FAILED"]
    assert variables(failed)["executionId"] == first.id
    assert "WARN Failed to trigger flow n.b for trigger up, invalid inputs" in scene.said(first)
    assert scene.said(failed)[0].startswith("ERROR ")
    assert first.state == "SUCCESS"
    assert scene.counts("alert") == [1]


def test_a_condition_that_can_t_be_told_fires_nothing_unless_asked_to_fail() -> None:
    when = 'when: "{{ labels.nosuch }}"'
    scene = Scene(source("a"), listener("b", when), listener("c", f"failOnTriggerError: true, {when}"))
    first = scene.run("a")
    assert scene.counts("b") == [0]
    assert [one.state for one in scene.of("c")][:1] == ["FAILED"]
    assert any(line.startswith("DEBUG Trigger up of flow n.b could not be evaluated") for line in scene.said(first))


def test_flows_that_trigger_one_another_in_a_circle_come_to_an_end() -> None:
    scene = Scene(listener("a", after("b")), listener("b", after("a")))
    scene.run("a")
    assert sum(scene.counts("a", "b")) == DEEPEST + 1
    last = max([*scene.of("a"), *scene.of("b")], key=lambda one: one.depth)
    assert scene.said(last)[-1].startswith("WARN Trigger up of flow ")
    assert scene.said(last)[-1].endswith("more than 50 levels deep; do flows trigger in a circle?")


# Several dependencies


def test_all_must_have_come_and_then_all_anew() -> None:
    scene = Scene(source("a", OUTPUT % ("x", "a")), source("b", OUTPUT % ("y", "b")), listener("c", after("a", "b")))
    fired = []
    for name in ("a", "a", "b", "b", "a"):
        scene.run(name)
        fired += scene.counts("c")
    assert fired == [0, 0, 1, 1, 2]
    assert [variables(one)["flowId"] for one in scene.of("c")] == ["b", "a"]
    assert variables(scene.of("c")[0])["outputs"] == {"x": "from a", "y": "from b"}


def test_any_or_so_many_will_do_where_the_mode_says_so() -> None:
    names = ("a", "b", "d")
    scene = Scene(
        *map(source, names),
        listener("any", f"mode: ANY, {after(*names)}"),
        listener("two", f"mode: AT_LEAST, minSatisfied: 2, {after(*names)}"),
    )
    for name in names:
        scene.run(name)
    assert scene.counts("any", "two") == [3, 1]


def test_what_came_before_the_window_does_not_count() -> None:
    scene = Scene(
        source("a"),
        source("b"),
        listener("day", after("a", "b")),
        listener("hour", f"window: {{lookback: PT1H}}, {after('a', 'b')}"),
        listener("morning", f'window: {{deadline: "09:00:00"}}, {after("a", "b")}'),
    )
    scene.clock.advance(8 * HOUR)
    scene.run("a")
    scene.clock.advance(2 * HOUR)
    scene.run("b")
    assert scene.counts("day", "hour", "morning") == [1, 0, 0]
    scene.run("a")
    assert scene.counts("day", "hour", "morning") == [1, 1, 0]
    scene.clock.advance(16 * HOUR)
    scene.run("b")
    assert scene.counts("day", "hour", "morning") == [1, 1, 0]


def test_a_window_that_fires_once_does_so_again_in_the_next_one() -> None:
    scene = Scene(source("a"), source("b"), listener("c", f"window: {{every: P1D, fireOnce: true}}, {after('a', 'b')}"))
    for _ in range(2):
        for name in ("a", "b", "a", "b"):
            scene.run(name)
        scene.clock.advance(24 * HOUR)
    assert scene.counts("c") == [2]


def test_preconditions_that_do_not_reset_fire_for_each_that_comes_later() -> None:
    flows = "flows: [{namespace: n, flowId: a}, {namespace: n, flowId: b}]"
    scene = Scene(source("a"), source("b"), listener("c", f"preconditions: {{id: p, resetOnSuccess: false, {flows}}}"))
    for name in ("a", "b", "a"):
        scene.run(name)
    assert scene.counts("c") == [2]


def test_a_multiple_condition_waits_for_all_of_its_own_beside_the_other_conditions() -> None:
    names = ("a", "b")
    inner = ", ".join(
        f"{name}: {{type: io.kestra.plugin.core.condition.ExecutionFlow, namespace: n, flowId: {name}}}"
        for name in names
    )
    conditions = (
        "conditions: [{type: io.kestra.plugin.core.condition.ExecutionStatus, in: [SUCCESS]}, "
        "{type: io.kestra.plugin.core.condition.MultipleCondition, id: both, window: PT12H, "
        f"conditions: {{{inner}}}}}]"
    )
    scene = Scene(source("a"), source("b", tasks=FAIL), source("other"), listener("c", conditions))
    scene.run("a")
    scene.run("b")
    assert scene.counts("c") == [0]
    scene.save(source("b"))
    scene.run("b")
    scene.run("other")
    assert scene.counts("c") == [1]
    scene.run("a")
    assert scene.counts("c") == [1]


def test_what_has_come_is_known_after_a_restart_and_to_the_next_revision() -> None:
    scene = Scene(source("a"), source("b"), listener("c", after("a", "b")))
    scene.run("a")
    scene.restart()
    scene.save(listener("c", after("a", "b"), "description: new"))
    scene.run("b")
    assert [one.revision for one in scene.of("c")] == [2]


def test_of_a_trigger_that_was_changed_nothing_has_come_yet() -> None:
    scene = Scene(source("a"), source("b"), source("d"), listener("c", after("a", "b")))
    scene.run("a")
    scene.save(listener("c", after("d", "b")))
    scene.run("b")
    assert scene.counts("c") == [0]
    scene.run("d")
    assert scene.counts("c") == [1]


# Failures


def test_a_step_that_is_not_committed_fires_nothing_and_the_next_try_fires_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = Scene(source("a"), source("b"), listener("c", after("a", "b")), listener("d", after("b")))
    scene.run("a")
    honest, tries = scene.store.executions.apply, []

    async def apply(steps: Sequence[Step], lease: Lease) -> None:
        if any(step.children for step in steps) and len(tries) < 3:
            tries.append(len(steps))
            raise StoreError("the disk is full")
        await honest(steps, lease)

    monkeypatch.setattr(scene.store.executions, "apply", apply)
    scene.insert("b")
    scene.work()
    assert scene.counts("c", "d") == [0, 0]
    scene.clock.advance(timedelta(minutes=5))
    scene.work()
    assert len(tries) > 1
    assert [len({variables(one)["executionId"] for one in scene.of(id)}) for id in ("c", "d")] == scene.counts("c", "d")
    assert scene.counts("c", "d") == [1, 1]


def test_who_has_not_seen_the_last_change_of_a_window_looks_again() -> None:
    scene = Scene(source("a"), source("b"), listener("c", after("a", "b")))
    scene.run("b")
    scene.executor.live.windows = {}
    scene.run("a")
    assert scene.counts("c") == [1]


def test_without_listeners_no_window_is_read() -> None:
    scene = Scene(source("a"))
    scene.run("a")
    assert scene.executor.live.windows is None


def test_the_labels_that_are_waited_for_may_be_a_list() -> None:
    scene = Scene(source("a"), listener("b", "dependsOn: [{flowId: a, labels: [{key: team, value: x}]}]"))
    scene.run("a", team="y")
    assert scene.counts("b") == [0]
    scene.run("a", team="x")
    assert scene.counts("b") == [1]
