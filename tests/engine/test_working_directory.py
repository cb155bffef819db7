"""Tasks that share a folder: what is done to it before and after; failures, kills, restarts."""

from __future__ import annotations

from engine.play import Play
from kapell.engine import replay
from kapell.model.messages import PauseAsked, RestartAsked, ResumeAsked
from kapell.model.state import State

LOG = "io.kestra.plugin.core.log.Log"
SHELL = "io.kestra.plugin.scripts.shell.Commands"
FLOW = f"""
id: shared
namespace: company.team
tasks:
  - id: folder
    type: io.kestra.plugin.core.flow.WorkingDirectory
    {{properties}}
    tasks:
      - {{{{id: one, type: {SHELL}, commands: [ls]}}}}
      - {{{{id: two, type: {SHELL}, commands: [ls]}}}}
    errors:
      - {{{{id: alert, type: {LOG}, message: alert}}}}
    finally:
      - {{{{id: tidy, type: {LOG}, message: tidy}}}}
"""


def play(*properties: str) -> Play:
    return Play(FLOW.format(properties="\n    ".join(properties))).start()


def with_files() -> Play:
    return play("inputFiles: {a.txt: a}", "outputFiles: [b.txt]")


def restart(one: Play) -> None:
    one.tell(RestartAsked(id="restart", execution_id=one.tree.execution.id, at=one.clock.now()))


def test_without_files_there_is_nothing_to_do_but_the_tasks() -> None:
    one = play()
    assert one.waiting == ["one"]
    one.finish("one")
    one.finish("two")
    one.finish("tidy")
    assert one.runs == ["folder SUCCESS", "one SUCCESS", "two SUCCESS", "tidy SUCCESS"]
    assert one.state == "CREATED RUNNING SUCCESS"


def test_the_folder_is_filled_before_the_first_task_and_kept_after_all() -> None:
    one = with_files()
    orders = []
    for task in ("folder", "one", "two", "tidy", "folder"):
        assert one.waiting == [task]
        orders.append((task, one.job(task).work, bool(one.job(task).folder)))
        one.finish(task, **({"outputFiles": {"b.txt": "kestra:///b"}} if one.job(task).work == "keep" else {}))
    assert orders == [
        ("folder", "fill", True),
        ("one", "run", True),
        ("two", "run", True),
        ("tidy", "run", False),
        ("folder", "keep", True),
    ]
    run = one.tree.runs[one.tree.by_task["folder"][0]]
    assert one.tree.outputs[run.id] == {"outputFiles": {"b.txt": "kestra:///b"}}
    assert one.state == "CREATED RUNNING SUCCESS"


def test_all_jobs_of_a_folder_name_it_by_its_task_run() -> None:
    one = with_files()
    folder = one.tree.by_task["folder"][0]
    assert one.job("folder").folder == folder
    one.finish("folder")
    assert one.job("one").folder == folder


def test_a_task_in_the_folder_is_never_seen_submitted_once_it_runs() -> None:
    one = play()
    one.begin("one")
    assert one.history("one") == "CREATED RUNNING"
    one.finish("one")
    one.finish("two")
    assert one.history("two") == "CREATED RUNNING SUCCESS"


def test_a_failing_task_skips_the_rest_and_what_was_made_is_kept() -> None:
    one = with_files()
    one.finish("folder")
    one.fail("one")
    for task in ("alert", "tidy", "folder"):
        assert one.waiting == [task]
        one.finish(task)
    assert "two" not in one.tree.by_task
    assert one.history("folder") == "CREATED RUNNING FAILED"
    assert one.history("alert") == "CREATED SUBMITTED RUNNING SUCCESS"


def test_a_folder_that_can_not_be_filled_fails_without_a_task() -> None:
    one = with_files()
    one.fail("folder")
    assert one.runs == ["folder FAILED"]
    assert one.state == "CREATED RUNNING FAILED"


def test_what_can_not_be_kept_fails_it() -> None:
    one = with_files()
    for task in ("folder", "one", "two", "tidy"):
        one.finish(task)
    one.fail("folder")
    assert one.runs == ["folder FAILED", "one SUCCESS", "two SUCCESS", "tidy SUCCESS"]


def test_what_is_told_twice_changes_nothing() -> None:
    one = with_files()
    filled = one.finish("folder")
    assert not one.tell(filled).changed
    for task in ("one", "two", "tidy"):
        one.finish(task)
    assert not one.tell(filled).changed
    assert one.waiting == ["folder"]


def test_a_kill_while_the_folder_is_filled_ends_it_at_once() -> None:
    one = with_files()
    one.kill()
    assert one.cancelled == ["folder"]
    assert one.runs == ["folder KILLED"]
    assert (one.state, one.waiting) == ("CREATED RUNNING KILLING KILLED", [])


def test_after_a_kill_nothing_is_kept() -> None:
    one = with_files()
    one.finish("folder")
    one.begin("one")
    one.kill()
    one.finish("one", State.KILLED)
    assert one.runs == ["folder KILLED", "one KILLED"]
    assert one.waiting == []


def test_a_restart_begins_the_folder_anew() -> None:
    one = with_files()
    filled = one.finish("folder")
    one.finish("one")
    one.fail("two")
    for task in ("alert", "tidy", "folder"):
        one.finish(task)
    restart(one)
    assert (one.waiting, one.job("folder").work) == (["folder"], "fill")
    assert not one.tell(filled).changed
    for task in ("folder", "one", "two", "tidy", "folder"):
        one.finish(task)
    assert one.state == "CREATED RUNNING FAILED RESTARTED RUNNING SUCCESS"
    assert one.runs == ["folder SUCCESS", "one SUCCESS", "two SUCCESS", "tidy SUCCESS"]


def test_a_replay_from_within_a_folder_begins_it_anew() -> None:
    one = play()
    for task in ("one", "two", "tidy"):
        one.finish(task)
    chosen = one.tree.by_task["two"][0]
    new = replay(one.tree, {}, one.flow, id="r" * 22, now=one.clock.now(), inputs={}, from_run=chosen)
    assert [(run.task_id, run.state) for run in new.event.runs] == [("folder", State.RESTARTED)]


def test_a_pause_while_the_folder_is_filled_holds_the_tasks_back() -> None:
    one = with_files()
    id, now = one.tree.execution.id, one.clock.now()
    one.tell(PauseAsked(id="pause", execution_id=id, at=now))
    one.finish("folder")
    assert one.waiting == []
    one.tell(ResumeAsked(id="resume", execution_id=id, at=now))
    assert one.waiting == ["one"]
