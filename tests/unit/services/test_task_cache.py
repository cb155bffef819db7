"""`taskCache`: what a task came to is taken for the next one, as long as it is young enough and asks for the same."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import ClassVar

import pytest

import attempts
from kapell.adapters.files.local import LocalFiles
from kapell.clock import ManualClock
from kapell.model.flow import Task
from kapell.model.log import LogLine
from kapell.model.state import State
from kapell.sdk import Output, RunContext, RunnableTask, TaskFailed, Templated, prop
from kapell.services import attempt as attempt_module
from kapell.services.attempt import Result, run_attempt
from kapell.services.task_cache import FOLDER, KEPT, sweep

HOUR = timedelta(hours=1)


class Made(Output):
    number: int
    uri: str | None = None


class Make(RunnableTask[Made]):
    """Counts how often it has run."""

    name: Templated[str] = prop("For whom; `bad` fails, `file` stores one.")
    runs: ClassVar[list[str]] = []

    def run(self, ctx: RunContext) -> Made:
        self.runs.append(self.name)
        if self.name == "bad":
            raise TaskFailed("bad")
        uri = ctx.files.put(f"{ctx.storage_prefix}/a.txt", BytesIO(b"hello")) if self.name == "file" else None
        return Made(number=len(self.runs), uri=uri)


@pytest.fixture(autouse=True)
def make(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempt_module, "find_task", lambda _type: Make)
    Make.runs.clear()


class Place:
    """A storage and a clock, and attempts of one task there; `said` is what the last one said."""

    def __init__(self, root: Path) -> None:
        self.files = LocalFiles(root)
        self.clock = ManualClock()
        self.said: list[str] = []

    def run(self, name: str, id: str = "hello", cache: Mapping[str, object] | None = None, **seen: object) -> Result:
        lines: list[LogLine] = []
        task = Task(id=id, type="make", properties={"name": name}, task_cache=cache or {"enabled": True, "ttl": "PT1H"})
        ctx = attempts.context(task, files=self.files, clock=self.clock, variables=seen, on_log=lines.append)
        result = run_attempt(task, ctx, self.files)
        self.said = [line.message for line in lines]
        return result


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_the_same_task_is_not_run_again_and_says_so(place: Place) -> None:
    first = place.run("{{ inputs.n }}", inputs={"n": "ann"})
    assert place.said[0] == "Task output caching is enabled for task 'hello''"
    assert place.said[1] == "Uploading a cache entry for task 'hello'"
    assert place.said[2].startswith(f"Caching entry uploaded in URI kestra://{FOLDER}/")
    second = place.run("{{ inputs.n }}", inputs={"n": "ann"})
    assert place.said[1:] == ["Skipping task execution for task 'hello' as there is an existing cache entry for it"]
    assert (first.outputs, second.outputs, Make.runs) == ({"number": 1}, {"number": 1}, ["ann"])


def test_another_property_another_task_and_another_value_are_other_results(place: Place) -> None:
    for id, name, value in [
        ("hello", "ann", None),
        ("hello", "bob", None),
        ("other", "ann", None),
        ("hello", "ann", "1"),
    ]:
        place.run(name, id, taskrun={"value": value})
    assert len(Make.runs) == 4


def test_what_is_older_than_the_ttl_is_made_anew(place: Place) -> None:
    place.run("ann")
    place.clock.advance(HOUR)
    assert place.run("ann").outputs == {"number": 1}
    place.clock.advance(timedelta(seconds=1))
    assert place.run("ann").outputs == {"number": 2}
    assert place.run("ann").outputs == {"number": 2}


def test_a_failure_is_never_kept(place: Place) -> None:
    assert [place.run("bad").state, place.run("bad").state] == [State.FAILED] * 2
    assert (Make.runs, list(place.files.walk("/"))) == (["bad", "bad"], [])


def test_a_task_without_a_cache_and_one_whose_cache_is_off_run_each_time(place: Place) -> None:
    for _ in range(2):
        place.run("ann", cache={"enabled": False})
    assert (Make.runs, place.said) == (["ann", "ann"], [])


def test_files_are_kept_with_the_result_and_copied_for_who_takes_it(place: Place) -> None:
    first = place.run("file").outputs or {}
    place.files.delete([str(first["uri"])])
    second = place.run("file").outputs or {}
    assert (second["number"], len(Make.runs)) == (1, 1)
    assert str(second["uri"]).startswith(f"kestra://{attempts.FOLDER}/tasks/hello/")
    with place.files.open(str(second["uri"])) as file:
        assert file.read() == b"hello"


def test_a_result_whose_files_are_gone_is_made_anew(place: Place) -> None:
    place.run("file")
    place.files.delete([address for address in place.files.walk(FOLDER) if address.endswith("a.txt")])
    assert (place.run("file").outputs or {})["number"] == 2


def test_an_entry_that_is_not_understood_is_none(place: Place) -> None:
    place.run("ann")
    (entry,) = place.files.walk(FOLDER)
    place.files.put(entry.removeprefix("kestra://"), BytesIO(b"{"))
    assert (place.run("ann").outputs or {})["number"] == 2


def test_a_storage_that_takes_nothing_does_not_fail_the_task(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_given: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(place.files, "put", full)
    assert place.run("ann").state is State.SUCCESS
    assert "could not be stored" in place.said[-1]


def test_properties_that_can_not_be_rendered_alone_are_run_each_time(place: Place) -> None:
    assert place.run("{{ workingDir }}", workingDir="w").state is State.SUCCESS
    assert len(list(place.files.walk(FOLDER))) == 1


def test_the_janitor_removes_what_was_kept_long_enough_with_its_files(place: Place) -> None:
    place.run("file")
    place.run("ann", cache={"enabled": True})
    place.clock.advance(HOUR)
    assert sweep(place.files, place.clock.now()) == 1
    assert len(list(place.files.walk(FOLDER))) == 1
    place.clock.advance(KEPT)
    assert sweep(place.files, place.clock.now()) == 1
    assert list(place.files.walk(FOLDER)) == []
