"""What is seen of an execution, and what a terminal has place for."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from msgspec.structs import replace

from factories import NOW, child, created, execution, line, step, task_run
from kapell.assembly.following import at_birth
from kapell.assembly.view import Execution
from kapell.cli.picture import Picture, Sight, duration_text
from kapell.cli.tree import live_tree
from kapell.engine.person import PAUSED_SECONDS, PAUSED_TO
from kapell.model.execution import Execution as Row
from kapell.model.execution import LoopRun
from kapell.model.log import LogLine
from kapell.model.state import State
from kapell.model.task_run import TaskRun

WAITS = {PAUSED_TO: "RUNNING", PAUSED_SECONDS: None}


def picture(of: Row, *runs: TaskRun) -> Picture:
    return Picture(of.id, [Execution(of, runs, {}, (), NOW)])


def told(seen: Picture) -> list[str]:
    return [item.message if isinstance(item, LogLine) else f"{item.task_id} {item.state}" for item in seen.news()]


def test_news_are_told_once_and_a_line_comes_before_the_end_of_its_task_run() -> None:
    one = execution(State.RUNNING)
    seen = picture(one)
    run = task_run(one, "a", state=State.SUCCESS)
    seen.take(Sight([step(one, runs=(run,))], [line(run, "hi"), line(run, "ho", number=1)]))
    assert told(seen) == ["hi", "ho", "a SUCCESS"]
    seen.take(Sight([step(one, runs=(run,))], [line(run, "hi")]))
    assert told(seen) == []


def test_what_belongs_to_other_executions_is_passed_over() -> None:
    one, other = execution(State.RUNNING), execution(State.RUNNING)
    seen = picture(one)
    run = task_run(other, "b")
    seen.take(Sight([step(other, runs=(run,))], [line(run)]))
    assert (told(seen), list(seen.executions)) == ([], [one.id])


def test_it_is_over_when_nothing_of_it_and_of_what_it_has_started_is_under_way() -> None:
    one = execution(State.RUNNING)
    run = task_run(one, "call", state=State.RUNNING)
    below = child(one, parent_run_id=run.id)
    seen = picture(one)
    seen.take(Sight([step(one, runs=(run,), children=(created(below),))], []))
    ended = step(replace(one, version=1), to=State.SUCCESS, runs=(run.to(State.SUCCESS, NOW),))
    seen.take(Sight([ended], []))
    assert not seen.over
    seen.take(Sight([step(replace(below, state=State.RUNNING), to=State.SUCCESS)], []))
    assert seen.over


def test_task_runs_of_what_was_started_stand_below_who_has_started_it() -> None:
    one = execution(State.RUNNING)
    call = task_run(one, "call", state=State.RUNNING)
    called = child(one, parent_run_id=call.id)
    loop = LoopRun(parent_id=one.id, task_id="call", task_run_id=call.id, index=2, value="x")
    iteration = child(one, parent_run_id=call.id, loop_run=loop)
    runs = [task_run(called, "inner"), task_run(iteration, "turn")]
    seen = picture(one, call)
    seen.take(Sight([step(called, runs=(runs[0],)), step(iteration, runs=(runs[1],))], []))
    assert [run.task_id for run in seen.children(None)] == ["call"]
    assert [seen.label(run) for run in seen.children(call.id)] == ["inner", "turn[x]"]
    assert seen.count == 1


def test_who_waits_without_an_end_is_asked_and_who_waits_for_a_time_is_not() -> None:
    one = execution(State.RUNNING)
    asked, timed = task_run(one, "a", state=State.PAUSED, memo=WAITS), task_run(one, "b", state=State.PAUSED)
    timed = replace(timed, memo={**WAITS, PAUSED_SECONDS: 3})
    seen = picture(one)
    seen.take(Sight([step(one, runs=(asked, timed))], []))
    assert [run.task_id for run in seen.waiting] == ["a"]
    seen.take(Sight([step(replace(one, version=1), runs=(asked.to(State.SUCCESS, NOW),))], []))
    assert seen.waiting == []


def test_an_execution_that_is_tried_again_anew_is_followed() -> None:
    one = execution(State.RUNNING, original_id="first")
    again = execution(original_id="first")
    seen = picture(one)
    seen.take(Sight([step(replace(one, state=State.FAILED), to=State.RETRIED, children=(created(again),))], []))
    assert (seen.id, seen.over) == (again.id, False)
    seen.take(Sight([step(replace(again, state=State.RUNNING), to=State.SUCCESS)], []))
    assert (seen.execution.state, seen.over) == (State.SUCCESS, True)


def test_a_task_run_that_is_removed_is_gone() -> None:
    one = execution(State.RUNNING)
    run = task_run(one, "a", state=State.PAUSED, memo=WAITS)
    seen = picture(one, run)
    seen.take(Sight([step(one, to=State.SUCCESS, removed_runs=(run.id,))], []))
    assert (seen.waiting, seen.children(None), seen.count, seen.over) == ([], [], 0, True)


def test_what_has_happened_before_one_looks_is_told_from_the_birth_on() -> None:
    one = execution(State.SUCCESS)
    run = task_run(one, "a", state=State.SUCCESS)
    seen = Picture(one.id, [at_birth(Execution(replace(one, version=5), (run,), {}, (), NOW))])
    assert (seen.execution.state, seen.count, seen.over) == (State.CREATED, 0, False)
    seen.take(Sight([step(replace(one, version=4), runs=(run,))], []))
    assert (seen.over, told(seen)) == (True, ["a SUCCESS"])


def drawn(seen: Picture, monkeypatch: pytest.MonkeyPatch, *, columns: int = 80, rows: int = 24) -> list[str]:
    """The rows of the tree that stays in the end."""
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("LINES", str(rows))
    out = io.StringIO()
    with live_tree(seen, out) as draw:
        draw()
    return out.getvalue().splitlines()


def test_what_is_under_way_and_what_has_failed_is_shown_first(monkeypatch: pytest.MonkeyPatch) -> None:
    one = execution(State.RUNNING)
    each = task_run(one, "each", state=State.RUNNING)
    states = {7: State.FAILED, 90: State.RUNNING}
    runs = [
        task_run(one, f"t{n}", number=n, parent_id=each.id, state=states.get(n, State.SUCCESS)) for n in range(1, 301)
    ]
    rows = drawn(picture(one, each, *runs), monkeypatch, rows=10)
    assert len(rows) <= 10
    assert any("▶ t90 " in row for row in rows)
    assert any("✗ t7 " in row for row in rows)
    assert any("✓ t300 " in row for row in rows)
    assert rows[-1].split("└── ")[1].startswith("and 29")


def test_a_row_is_cut_where_the_terminal_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    one = execution(State.RUNNING)
    rows = drawn(picture(one, task_run(one, "a" * 100)), monkeypatch, columns=20)
    assert [len(row) <= 20 for row in rows] == [True, True]
    assert rows[1].endswith("…")


def test_every_state_has_a_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    for state in State:
        one = execution(state)
        assert any(state.value in row for row in drawn(picture(one, task_run(one, "a", state=state)), monkeypatch))


def test_a_long_message_and_one_with_commands_for_a_terminal_are_tamed(monkeypatch: pytest.MonkeyPatch) -> None:
    one = execution(State.RUNNING)
    run = task_run(one, "a")
    seen = picture(one, run)
    seen.take(Sight([], [line(run, "x" * 3000), line(run, "\x1b[2J\x1b]0;title\x07[bold]so[/bold]", number=1)]))
    text = "\n".join(drawn(seen, monkeypatch, columns=200))
    assert "… and 1,000 characters more" in text
    assert "\x1b[2J" not in text
    assert "[bold]so[/bold]" in text


@pytest.mark.parametrize(
    ("span", "text"),
    [(0.0004, "0 ms"), (0.25, "250 ms"), (1.5, "1.5 s"), (123, "2 min 03 s"), (3723, "62 min 03 s")],
)
def test_spans_are_written_as_people_read_them(span: float, text: str) -> None:
    assert duration_text(timedelta(seconds=span)) == text
