"""`kapell explain` beside a kapell that works, and `Local.explain` within one."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from acceptance.processes import SHELL, flow, kapell, started
from kapell import Local, NotFound

NAP = "{id: nap, type: io.kestra.plugin.core.flow.Sleep, duration: PT1M}"
WORK = f"{{id: work, type: {SHELL}, script: sleep 60}}"


@pytest.fixture
def state(tmp_path: Path) -> Iterator[Path]:
    """The folder of a kapell whose execution sleeps and waits for a script."""
    state = tmp_path / "state"
    both = f"{{id: both, type: io.kestra.plugin.core.flow.Parallel, tasks: [{NAP}, {WORK}]}}"
    process = started("run", flow(tmp_path, both), "--state-dir", state)
    assert process.stdout is not None
    seen = ""
    while not re.search("RUNNING +work", seen):
        line = process.stdout.readline()
        assert line, process.communicate()
        seen += line
    yield state
    process.kill()
    process.communicate()


def explain(*arguments: str | Path, status: int = 0) -> str:
    ended = kapell("explain", *arguments)
    assert ended.returncode == status, ended.stderr
    return ended.stderr if status else ended.stdout


def test_it_reads_what_another_process_works_on(state: Path) -> None:
    [line] = explain("--state-dir", state).splitlines()
    id, execution_state = line.split()[:2]
    assert execution_state == "RUNNING"
    assert "acceptance.flow  `both / nap` sleeps, and 1 more" in line
    told = explain(id, "--state-dir", state)
    assert ", at most another " in told
    assert "  freed by its time; only kill ends it sooner\n" in told
    assert re.search(r"`both / work` runs on worker (worker-\d+)\n  for .*\n  held by \1\n", told)
    assert "Note:" not in told


def test_it_gives_json(state: Path) -> None:
    [one] = json.loads(explain("--state-dir", state, "--json"))
    assert (one["flowId"], one["state"], one["stuck"]) == ("flow", "RUNNING", False)
    assert [wait["kind"] for wait in one["waits"]] == ["SLEEP", "WORKER"]
    assert one["waits"][0]["path"] == ["both", "nap"]
    assert json.loads(explain(one["executionId"], "--state-dir", state, "--json"))["executionId"] == one["executionId"]


def test_where_there_is_nothing_to_explain_it_says_so(state: Path, tmp_path: Path) -> None:
    assert explain("nothing", "--state-dir", state, status=2) == "There is no execution nothing\n"
    assert explain("--state-dir", tmp_path / "none", status=2).startswith("there is no ")
    assert not (tmp_path / "none").exists()


CALLED = """
id: called
namespace: n
tasks:
  - {id: ask, type: io.kestra.plugin.core.flow.Pause}
"""
CALLING = """
id: calling
namespace: n
concurrency: {limit: 1}
tasks:
  - {id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: n, flowId: called, wait: true}
"""


def test_a_chain_of_waits_can_be_followed_to_its_end() -> None:
    with Local() as local:
        local.apply(CALLED, CALLING)
        first, second = local.create("n", "calling"), local.create("n", "calling")
        local.wait(second, 10, states=["QUEUED"])
        [queued] = local.explain(second).waits
        assert (queued.kind, queued.holders) == ("QUEUE", (first,))
        [call] = local.explain(first).waits
        assert call.kind == "CHILD"
        [child] = call.holders
        local.wait(child, 10, states=["PAUSED"])
        assert local.explain(child).headline == "`ask` waits for a person to resume the execution"
        local.resume(child)
        local.wait(first, 10)
        assert local.explain(first).headline == "It has ended SUCCESS"
        assert local.runtime.stuck == 0
        with pytest.raises(NotFound):
            local.explain("nothing")
