from __future__ import annotations

import threading

import pytest

from attempts import LOG, attempt, context
from kapell.clock import ManualClock
from kapell.model.address import slug
from kapell.model.flow import Task
from kapell.model.log import Level, LogLine
from kapell.model.read import Read
from kapell.services.context import LONGEST_MESSAGE

TASK = Task(id="hello", type=LOG)
KEY = "-----BEGIN KEY-----\nabcdefgh\nij\n"


def secrets(read: Read) -> object:
    return {"TOKEN": "s3cret", "LONGER": "s3cret-and-more", "KEY": KEY}[read.name]


def said(*messages: str) -> list[str]:
    ran = attempt(LOG, {"message": messages}, reader=secrets)
    return [line.message for line in ran.lines]


def test_a_line_tells_where_it_comes_from() -> None:
    lines: list[LogLine] = []
    clock = ManualClock()
    ctx = context(TASK, on_log=lines.append, clock=clock)
    ctx.log("INFO", "one")
    ctx.log(Level.WARN, "two")
    assert [(line.level, line.message, line.number) for line in lines] == [("INFO", "one", 1), ("WARN", "two", 2)]
    assert lines[0].at == clock.now()
    assert (lines[0].task_run_id, lines[0].namespace, lines[0].thread) == (
        ctx.task_run_id,
        "company.team",
        "MainThread",
    )
    assert ctx.last_log == 2


def test_lines_below_the_task_s_level_are_dropped_and_not_counted() -> None:
    ran = attempt(LOG, {"message": "quiet", "level": "INFO"}, log_level=Level.WARN)
    assert ran.lines == []
    ran = attempt(LOG, {"message": "loud", "level": "ERROR"}, log_level=Level.WARN)
    assert [(line.message, line.number) for line in ran.lines] == [("loud", 1)]


def test_secrets_are_masked_and_what_was_made_of_them_too() -> None:
    assert said("token {{ secret('TOKEN') }}", "{{ secret('TOKEN') | upper }}!") == ["token ******", "******!"]


def test_of_two_secrets_one_inside_the_other_nothing_is_left() -> None:
    assert said("{{ secret('TOKEN') }} {{ secret('LONGER') }}") == ["****** ******"]


def test_a_secret_of_several_lines_is_masked_line_by_line() -> None:
    ctx = context(TASK, reader=secrets)
    ctx.render_text("{{ secret('KEY') }}")
    assert ctx.masked("abcdefgh and ij") == "****** and ij"


def test_errors_and_metric_tags_are_masked() -> None:
    ran = attempt("io.kestra.plugin.core.execution.Fail", {"error_message": "{{ secret('TOKEN') }}?"}, reader=secrets)
    assert ran.result.error == "******?"
    metrics = []
    ctx = context(TASK, reader=secrets, on_metric=metrics.append)
    ctx.metric("rows", 1, tags={"with": ctx.render_text("x{{ secret('TOKEN') }}")})
    assert "s3cret" not in metrics[0].tags["with"]


def test_a_message_is_cut_with_a_note() -> None:
    lines: list[LogLine] = []
    context(TASK, on_log=lines.append).log("INFO", "a" * (LONGEST_MESSAGE + 5))
    assert lines[0].message == "a" * LONGEST_MESSAGE + "… (5 more characters were cut off)"


def test_the_working_folder_is_made_when_asked_for_and_removed() -> None:
    ctx = context(TASK)
    folder = ctx.working_dir
    assert folder == ctx.working_dir
    (folder / "file").touch()
    ctx.close()
    assert not folder.exists()


def test_what_is_said_after_the_end_is_lost() -> None:
    lines: list[LogLine] = []
    ctx = context(TASK, on_log=lines.append)
    ctx.close()
    ctx.log("INFO", "late")
    ctx.metric("late", 1)
    assert lines == []


def test_a_wish_to_stop_reaches_every_part_of_the_task_once() -> None:
    heard: list[str] = []
    ctx = context(TASK)
    ctx.on_cancel(lambda: heard.append("early"))
    ctx.on_cancel(lambda: 1 / 0)
    ctx.on_cancel(lambda: heard.append("behind a failing one"))
    ctx.cancel()
    ctx.cancel()
    ctx.on_cancel(lambda: heard.append("late"))
    assert heard == ["early", "behind a failing one", "late"]
    assert ctx.cancelled


def test_threads_of_a_task_share_its_line_numbers() -> None:
    lines: list[LogLine] = []
    ctx = context(TASK, on_log=lines.append)
    threads = [threading.Thread(target=lambda: [ctx.log("INFO", "x") for _ in range(100)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [line.number for line in lines] == list(range(1, 401))


@pytest.mark.parametrize(("id", "expected"), [("My_Flow", "my-flow"), ("a--b_", "a-b"), ("é.x", "ex")])
def test_ids_stand_in_storage_addresses_as_kestra_writes_them(id: str, expected: str) -> None:
    assert slug(id) == expected


def test_a_task_s_files_lie_below_its_run() -> None:
    ctx = context(Task(id="My_Task", type=LOG))
    assert ctx.storage_prefix == (f"/company/team/hello/executions/{ctx.execution_id}/tasks/my-task/{ctx.task_run_id}")
