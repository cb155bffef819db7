from __future__ import annotations

import enum
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
from msgspec import Struct

from attempts import LOG, Ran, attempt
from kapell.model.messages import ExecutionChange
from kapell.model.read import NeedsRead, Read
from kapell.model.state import State
from kapell.sdk import Output, RunContext, RunnableTask, TaskFailed, Templated, UpdatingTask, Void, prop
from kapell.services import attempt as attempt_module
from kapell.services.attempt import plain

TYPE = "com.acme.Try"


class Answer(Output, frozen=True, kw_only=True):
    some_value: object = None


def trying(monkeypatch: pytest.MonkeyPatch, do: Callable[[RunContext], Output], **given: object) -> Ran:
    """An attempt at a task that does `do`."""

    class Try(RunnableTask[Output]):
        value: Templated[int] | None = prop("A number.", default=None)

        def run(self, ctx: RunContext) -> Output:
            return do(ctx)

    monkeypatch.setattr(attempt_module, "find_task", lambda _name: Try)
    return attempt(TYPE, given.pop("properties", None), **given)


def raising(error: BaseException) -> Callable[[RunContext], Output]:
    def do(ctx: RunContext) -> Output:
        raise error

    return do


def test_outputs_come_by_kestra_s_keys_as_plain_values(monkeypatch: pytest.MonkeyPatch) -> None:
    value = {"at": datetime(2026, 1, 1, tzinfo=UTC), "pair": (1, 2.5), 3: None}
    ran = trying(monkeypatch, lambda ctx: Answer(some_value=value))
    assert ran.result.state is State.SUCCESS
    assert ran.result.outputs == {"someValue": {"at": "2026-01-01T00:00:00Z", "pair": [1, 2.5], "3": None}}


def test_no_outputs_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert trying(monkeypatch, lambda ctx: Void()).result.outputs is None


def test_a_task_that_fails_says_why_and_keeps_its_outputs(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = trying(monkeypatch, raising(TaskFailed("no luck", Answer(some_value=1))))
    assert ran.result.state is State.FAILED
    assert (ran.result.error, ran.result.outputs) == ("no luck", {"someValue": 1})
    assert ran.said == [("ERROR", "no luck")]


@pytest.mark.parametrize("error", [ValueError("odd"), SystemExit("odd")])
def test_an_unexpected_error_is_named_and_its_traceback_is_for_those_who_debug(
    monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    ran = trying(monkeypatch, raising(error))
    assert ran.result.error == f"{type(error).__name__}: odd"
    assert ran.said[0] == ("ERROR", ran.result.error)
    assert ran.said[1][0] == "DEBUG"
    assert "in do\n" in ran.said[1][1]


def test_a_property_of_the_wrong_shape_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = trying(monkeypatch, lambda ctx: Void(), properties={"value": "{{ 'many' }}"})
    assert ran.result.error == "value: `many` is not a valid integer"


def test_an_unknown_type_fails_the_task() -> None:
    assert (attempt("io.kestra.plugin.core.log.Lgo").result.error or "").startswith(
        "Invalid type: io.kestra.plugin.core.log.Lgo"
    )


def test_a_flowable_does_no_work() -> None:
    ran = attempt("io.kestra.plugin.core.flow.Sequential", {"tasks": ()})
    assert ran.result.state is State.FAILED


def test_a_task_cancelled_before_it_began_is_killed_and_does_nothing() -> None:
    ran = attempt(LOG, {"message": "hello"}, prepare=lambda ctx: ctx.cancel())
    assert (ran.result.state, ran.lines) == (State.KILLED, [])


def test_a_cancelled_task_is_killed_however_it_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    def give_up(ctx: RunContext) -> Output:
        ctx.cancel()  # type: ignore[attr-defined]
        raise TaskFailed("interrupted", Answer(some_value=1))

    def finish(ctx: RunContext) -> Output:
        ctx.cancel()  # type: ignore[attr-defined]
        return Answer(some_value=1)

    for do in (give_up, finish):
        ran = trying(monkeypatch, do)
        assert (ran.result.state, ran.result.outputs, ran.lines) == (State.KILLED, {"someValue": 1}, [])


def test_what_has_to_be_read_first_goes_through() -> None:
    def reader(read: Read) -> object:
        raise NeedsRead(read)

    with pytest.raises(NeedsRead) as caught:
        attempt(LOG, {"message": "{{ secret('TOKEN') }}"}, reader=reader)
    assert caught.value.read.name == "TOKEN"


def test_an_updating_task_gives_its_change(monkeypatch: pytest.MonkeyPatch) -> None:
    class Label(UpdatingTask):
        def change(self, ctx: RunContext) -> ExecutionChange:
            return ExecutionChange(labels={"a": "b"})

    monkeypatch.setattr(attempt_module, "find_task", lambda _name: Label)
    result = attempt(TYPE).result
    assert (result.state, result.changes) == (State.SUCCESS, ExecutionChange(labels={"a": "b"}))


def test_the_working_folder_is_removed_when_the_task_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    folders: list[Path] = []

    def do(ctx: RunContext) -> Output:
        folders.append(ctx.working_dir)
        raise TaskFailed("no")

    trying(monkeypatch, do)
    assert not folders[0].exists()


class Colour(enum.Enum):
    RED = "red"


class Number(int):
    pass


class Point(Struct, rename="camel"):
    x_value: tuple[int, ...]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Colour.RED, "red"),
        (State.FAILED, "FAILED"),
        (Number(3), 3),
        (date(2026, 1, 2), "2026-01-02"),
        (timedelta(minutes=1), "PT60S"),
        (b"ab", "YWI="),
        (Path("/a"), "/a"),
        (MappingProxyType({"a": {1}}), {"a": [1]}),
        (Point((1, 2)), {"xValue": [1, 2]}),
        ("\ud800", "?"),
        (2**80, 2**80),
    ],
)
def test_every_value_becomes_plain(value: object, expected: object) -> None:
    result = plain(value)
    assert result == expected
    assert type(result) is type(expected)
