"""Shared working folders: when they are there, and when they go."""

from __future__ import annotations

import asyncio
from pathlib import Path
from threading import enumerate as threads

import pytest

import factories
from kapell.model.messages import Step, TaskStarted
from kapell.model.state import State
from kapell.model.task_run import TaskRun
from kapell.services.folders import Folders

EXECUTION = factories.execution(id="e", state=State.RUNNING)


def run_in(state: State) -> TaskRun:
    return factories.task_run(EXECUTION, "folder", state=state)


def filled(folders: Folders) -> Path:
    path = folders.path("e", run_in(State.RUNNING).id)
    path.mkdir(parents=True)
    (path / "a.txt").write_text("a")
    return path


def hear(folders: Folders, *states: State) -> None:
    def step(state: State) -> Step:
        event = TaskStarted(id="s", execution_id="e", at=factories.NOW, task_run_id="r", attempt=0)
        return Step(event=event, execution=EXECUTION, runs=(run_in(state),))

    folders.hear([step(state) for state in states], ())
    for thread in threads():
        if thread.name == "kapell-remove":
            thread.join()


class Past:
    """A store that knows one execution's task runs."""

    def __init__(self, *runs: TaskRun) -> None:
        self.runs = list(runs)

    async def task_runs(self, execution_id: str) -> list[TaskRun]:
        return self.runs if execution_id == "e" else []


def test_a_folder_goes_when_its_task_run_has_ended(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    path = filled(folders)
    hear(folders, State.RUNNING)
    assert (path / "a.txt").exists()
    hear(folders, State.SUCCESS)
    assert list(tmp_path.iterdir()) == []


def test_it_is_the_last_state_that_counts(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    path = filled(folders)
    hear(folders, State.FAILED, State.RESTARTED)
    assert (path / "a.txt").exists()


def test_a_folder_that_nobody_has_made_is_not_missed(tmp_path: Path) -> None:
    folders = Folders(tmp_path)
    folders.path("e", run_in(State.RUNNING).id)
    hear(folders, State.SUCCESS)
    assert list(tmp_path.iterdir()) == []


def test_after_a_crash_what_goes_on_finds_its_folder_and_it_goes_at_the_end(tmp_path: Path) -> None:
    path = filled(Folders(tmp_path))
    folders = Folders(tmp_path)
    asyncio.run(folders.sweep(Past(run_in(State.RUNNING))))
    assert (path / "a.txt").exists()
    hear(folders, State.KILLED)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("past", [Past(), Past(run_in(State.FAILED))], ids=["gone", "ended"])
def test_after_a_crash_what_nobody_needs_any_more_is_swept(tmp_path: Path, past: Past) -> None:
    filled(Folders(tmp_path))
    (tmp_path / ".gone-0-e.r").mkdir()
    folders = Folders(tmp_path)
    asyncio.run(folders.sweep(past))
    hear(folders)
    assert list(tmp_path.iterdir()) == []
