"""Purging from a flow, while other executions go on, in a file and in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import kapell
from kapell.model.state import State

CHILD = """
id: child
namespace: tests
tasks:
  - {id: write, type: io.kestra.plugin.core.storage.Write, content: text}
  - {id: count, type: io.kestra.plugin.core.metric.Publish, metrics: [{name: rows, type: counter, value: 1}]}
"""
PARENT = """
id: parent
namespace: tests
tasks:
  - {id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: tests, flowId: child}
  - {id: wait, type: io.kestra.plugin.core.flow.Pause}
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: [1, 2]
    tasks:
      - {id: write, type: io.kestra.plugin.core.storage.Write, content: text}
"""
PURGE = """
id: purge
namespace: system
tasks:
  - id: purge
    type: io.kestra.core.tasks.storages.Purge
    endDate: "{{ now() }}"
"""
VERSIONS = """
id: versions
namespace: tests
tasks:
  - {id: one, type: io.kestra.plugin.core.storage.Write, content: first}
  - {id: two, type: io.kestra.plugin.core.storage.Write, content: second}
  - {id: put_one, type: io.kestra.plugin.core.namespace.UploadFiles, filesMap: {"a.txt": "{{ outputs.one.uri }}"}}
  - {id: put_two, type: io.kestra.plugin.core.namespace.UploadFiles, filesMap: {"a.txt": "{{ outputs.two.uri }}"}}
  - id: old
    type: io.kestra.plugin.core.debug.Return
    format: "{{ read(fileURI('a.txt', revision=1)) }} {{ read(fileURI('a.txt')) }}"
  - {id: purge, type: io.kestra.plugin.core.namespace.PurgeFiles, namespaces: [tests]}
  - id: now
    type: io.kestra.plugin.core.debug.Return
    format: "{{ fileExists('nsfile:///a.txt') }} {{ read(fileURI('a.txt', revision=2)) }}"
"""


@pytest.fixture(params=["memory", "file"])
def local(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[kapell.Local]:
    with kapell.Local(state_dir=tmp_path if request.param == "file" else None) as found:
        found.apply(CHILD, PARENT, PURGE, VERSIONS)
        yield found


def run(local: kapell.Local, flow: str, namespace: str = "tests") -> kapell.Execution:
    execution = local.settled(local.create(namespace, flow))
    assert execution.state is State.SUCCESS, [log.message for log in execution.logs]
    return execution


def purged(local: kapell.Local) -> dict[str, object]:
    return dict(run(local, "purge", "system").task_outputs("purge"))


def test_what_has_ended_is_purged_and_what_runs_keeps_all_that_it_has(local: kapell.Local) -> None:
    run(local, "child")
    id = local.create("tests", "parent")
    local.wait(id, timeout=10, states=("PAUSED",))
    assert purged(local) == {"executionsCount": 1, "logsCount": 0, "storagesCount": 1, "metricsCount": 1}
    # The flow that purges has ended by now, and is purged by the next one.
    kept = {one.row.flow_id for one in local.executions()}
    assert kept == {"parent", "child", "purge"}
    local.resume(id)
    parent = local.settled(id)
    assert parent.state is State.SUCCESS
    counts = purged(local)
    assert counts["executionsCount"] == 3
    assert counts["storagesCount"] == 3
    assert [one.row.flow_id for one in local.executions()] == ["purge"]


def test_an_old_version_of_a_namespace_file_is_read_and_purged(local: kapell.Local) -> None:
    execution = run(local, "versions")
    assert execution.task_outputs("old") == {"value": "first second"}
    assert execution.task_outputs("purge") == {"size": 1}
    assert execution.task_outputs("now") == {"value": "true second"}


def test_after_a_purge_the_file_opens_again(tmp_path: Path) -> None:
    with kapell.Local(state_dir=tmp_path) as local:
        local.apply(CHILD, PURGE)
        run(local, "child")
        purged(local)
    with kapell.Local(state_dir=tmp_path) as local:
        assert purged(local)["executionsCount"] == 1
        run(local, "child")
