"""What runs after what."""

from __future__ import annotations

from engine.play import LOG, Play
from kapell.model.state import State


def one_task(*lines: str) -> str:
    rest = "".join(f"\n    {line}" for line in lines)
    return f"id: f\nnamespace: tests\ntasks:\n  - id: only\n    type: {LOG}\n    message: hello{rest}\n"


def test_tasks_run_one_after_the_other() -> None:
    play = Play(
        f"id: f\nnamespace: n\ntasks:\n  - {{id: a, type: {LOG}, message: a}}\n  - {{id: b, type: {LOG}, message: b}}\n"
    )
    play.start()
    assert play.waiting == ["a"]
    play.finish("a")
    assert play.waiting == ["b"]
    play.finish("b")
    assert play.state == "CREATED RUNNING SUCCESS"
    assert play.runs == ["a SUCCESS", "b SUCCESS"]


def test_siblings_of_a_parallel_come_before_their_children() -> None:
    play = Play("nested.yaml").start()
    assert [run.split()[0] for run in play.runs] == ["both", "left", "right", "last", "one"]
    assert play.waiting == ["left", "last", "one"]


def test_a_flowable_ends_when_its_last_child_has_ended() -> None:
    play = Play("nested.yaml").start()
    for task in ("left", "last", "one"):
        play.finish(task)
    assert play.history("both") == "CREATED RUNNING"
    play.finish("two")
    assert play.history("both") == "CREATED RUNNING SUCCESS"
    assert play.waiting == ["after"]


def test_a_failed_task_ends_the_flow_and_runs_its_errors_branches_from_the_inside_out() -> None:
    play = Play("nested.yaml").start()
    play.fail("one")
    assert play.waiting == ["left", "last", "inner"]
    for task in ("left", "last", "inner"):
        play.finish(task)
    assert play.history("right") == "CREATED RUNNING FAILED"
    assert play.waiting == ["alert"]
    play.finish("alert")
    play.finish("second_alert")
    assert play.waiting == ["tidy"]
    play.finish("tidy")
    assert play.state == "CREATED RUNNING FAILED"
    assert "two" not in play.tree.by_task
    assert "after" not in play.tree.by_task


def test_an_errors_branch_begins_at_once_and_the_siblings_run_on() -> None:
    play = Play("nested.yaml").start()
    play.fail("left")
    assert play.waiting == ["last", "one"]
    play.finish("one")
    assert play.waiting == ["last", "two"]
    play.finish("last")
    play.finish("two")
    assert play.history("both") == "CREATED RUNNING FAILED"
    assert play.waiting == ["alert"]


def test_a_failing_errors_task_does_not_keep_the_next_one_from_running() -> None:
    play = Play("nested.yaml").start()
    play.fail("left")
    for task in ("last", "one", "two"):
        play.finish(task)
    play.fail("alert")
    assert play.waiting == ["second_alert"]


def test_a_failing_finally_task_does_not_change_the_end() -> None:
    play = Play("nested.yaml").start()
    for task in ("left", "last", "one", "two", "after"):
        play.finish(task)
    play.fail("tidy")
    assert play.state == "CREATED RUNNING SUCCESS"


def test_after_execution_runs_once_the_execution_has_ended() -> None:
    play = Play("nested.yaml").start()
    for task in ("left", "last", "one", "two", "after", "tidy"):
        play.finish(task)
    assert play.state == "CREATED RUNNING SUCCESS"
    assert play.waiting == ["report"]
    play.finish("report")
    assert play.waiting == []
    assert play.state == "CREATED RUNNING SUCCESS"


def test_a_parallel_with_a_limit_starts_the_next_child_when_one_has_ended() -> None:
    tasks = "".join(f"\n      - {{id: t{n}, type: {LOG}, message: m}}" for n in range(4))
    play = Play(
        "id: f\nnamespace: n\ntasks:\n  - id: p\n    type: io.kestra.plugin.core.flow.Parallel\n"
        f"    concurrent: 2\n    tasks:{tasks}\n"
    ).start()
    assert play.waiting == ["t0", "t1"]
    play.finish("t1")
    assert play.waiting == ["t0", "t2"]


def test_a_disabled_task_leaves_no_trace() -> None:
    play = Play(one_task("disabled: true") + f"  - {{id: b, type: {LOG}, message: b}}\n").start()
    assert play.runs == ["b SUBMITTED"]


def test_a_task_whose_run_if_is_false_is_skipped() -> None:
    play = Play(one_task('runIf: "{{ 1 > 2 }}"')).start()
    assert play.history("only") == "CREATED SKIPPED"
    assert play.state == "CREATED RUNNING SUCCESS"


def test_a_run_if_that_can_not_be_rendered_fails_the_task() -> None:
    play = Play(one_task('runIf: "{{ nothing.here }}"')).start()
    assert play.history("only") == "CREATED FAILED"
    assert play.state == "CREATED RUNNING FAILED"
    assert any("Unable to find `nothing`" in line for line in play.logs)


def test_allow_failure_turns_a_failure_into_a_warning() -> None:
    play = Play(one_task("allowFailure: true")).start()
    play.fail("only")
    assert play.history("only") == "CREATED SUBMITTED RUNNING WARNING"
    assert play.state == "CREATED RUNNING WARNING"


def test_allow_failure_and_allow_warning_together_succeed() -> None:
    play = Play(one_task("allowFailure: true", "allowWarning: true")).start()
    play.fail("only")
    assert play.history("only") == "CREATED SUBMITTED RUNNING SUCCESS"
    assert play.state == "CREATED RUNNING SUCCESS"


def test_outputs_of_earlier_tasks_are_seen_by_the_flow_outputs() -> None:
    play = Play(
        f"id: f\nnamespace: n\ntasks:\n  - {{id: a, type: {LOG}, message: a}}\n"
        'outputs:\n  - {id: x, type: STRING, value: "{{ outputs.a.value }}!"}\n'
    ).start()
    play.finish("a", value="yes")
    assert play.tree.execution.outputs == {"x": "yes!"}


def test_flow_outputs_that_can_not_be_made_fail_the_execution_after_its_success() -> None:
    play = Play(
        f"id: f\nnamespace: n\ntasks:\n  - {{id: a, type: {LOG}, message: a}}\n"
        'outputs:\n  - {id: x, type: STRING, value: "{{ outputs.a.nothing }}"}\n'
    ).start()
    play.finish("a")
    assert play.state == "CREATED RUNNING SUCCESS FAILED"


def test_a_killed_child_ends_its_parent_without_errors_tasks() -> None:
    play = Play("nested.yaml").start()
    play.finish("one", State.KILLED)
    for task in ("left", "last"):
        play.finish(task)
    assert play.history("both") == "CREATED RUNNING KILLED"
    assert "inner" not in play.tree.by_task
