"""FilterItems and DeduplicateItems: tables, row by row."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

import pytest

from attempts import FOLDER, Ran, attempt, named
from kapell.adapters.files.local import LocalFiles
from kapell.model.state import State
from kapell.sdk.rows import read_rows

STORAGE = "io.kestra.plugin.core.storage."
ROWS = b'{id:1,k:"a"}\n{id:2,k:"b"}\n{id:1,k:"c"}\n{id:3}\n'
A, B, C, LAST = {"id": 1, "k": "a"}, {"id": 2, "k": "b"}, {"id": 1, "k": "c"}, {"id": 3}


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "storage")


def run(files: LocalFiles, type: str, content: bytes = ROWS, **written: object) -> Ran:
    source = files.put(f"{FOLDER}/rows.ion", io.BytesIO(content))
    return attempt(f"{STORAGE}{type}", named(f"{STORAGE}{type}", {"from": source, **written}), files=files)


def made(files: LocalFiles, ran: Ran) -> bytes:
    assert ran.result.state is State.SUCCESS, ran.result.error
    with files.open(str((ran.result.outputs or {})["uri"])) as file:
        return file.read()


def rows(files: LocalFiles, ran: Ran) -> list[object]:
    return list(read_rows(io.BytesIO(made(files, ran))))


def counts(ran: Ran) -> Mapping[str, object]:
    return {key: value for key, value in (ran.result.outputs or {}).items() if key != "uri"}


def test_the_last_row_of_each_key_is_kept(files: LocalFiles) -> None:
    ran = run(files, "DeduplicateItems", expr="{{ id }}")
    assert rows(files, ran) == [B, C, LAST]
    assert counts(ran) == {"numKeys": 3, "processedItemsTotal": 4, "droppedItemsTotal": 1}


def test_rows_are_written_as_kestra_writes_them(files: LocalFiles) -> None:
    ran = run(files, "DeduplicateItems", expr="{{ id }}")
    recorded = "4AEA6uqBg9eHtYJpZIFr1oohAouBYuABAOrqgYPXh7WCaWSBa9aKIQGLgWPgAQDq6IGD1Yezgmlk04ohAw=="
    assert b64encode(made(files, ran)).decode() == recorded


def test_a_row_without_a_key_fails(files: LocalFiles) -> None:
    ran = run(files, "DeduplicateItems", expr="{{ k }}")
    assert str(ran.result.error).startswith("Unable to find `k` used in the expression `{{ k }}`")


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ({"filterCondition": "{{ id == 1 }}"}, [A, C]),
        ({"filterCondition": "{{ id == 1 }}", "filterType": "EXCLUDE"}, [B, LAST]),
        ({"filterCondition": "{{ k == 'a' }}", "errorOrNullBehavior": "INCLUDE"}, [A, LAST]),
        ({"filterCondition": "{{ k == 'a' }}", "errorOrNullBehavior": "EXCLUDE"}, [A]),
        (
            {"filterCondition": "{{ k == 'a' }}", "errorOrNullBehavior": "EXCLUDE", "filterType": "EXCLUDE"},
            [B, C],
        ),
    ],
)
def test_rows_are_kept_by_a_condition(files: LocalFiles, written: Mapping[str, str], kept: list[object]) -> None:
    ran = run(files, "FilterItems", **written)
    assert rows(files, ran) == kept
    assert counts(ran) == {"processedItemsTotal": 4, "droppedItemsTotal": 4 - len(kept)}


def test_a_condition_that_can_not_be_evaluated_fails(files: LocalFiles) -> None:
    ran = run(files, "FilterItems", filterCondition="{{ k == 'a' }}")
    assert ran.result.state is State.FAILED
    assert str(ran.result.error).startswith("Could not perform equals comparison")


def test_what_was_filtered_can_be_filtered_again(files: LocalFiles) -> None:
    once = made(files, run(files, "FilterItems", filterCondition="{{ id < 3 }}"))
    assert rows(files, run(files, "FilterItems", once, filterCondition="{{ k != 'b' }}")) == [A, C]


def test_lines_of_json_are_rows(files: LocalFiles) -> None:
    content = b'{"id": 1, "t": null}\n{"id": 2.5, "t": [{"a": true}]}\n'
    assert rows(files, run(files, "FilterItems", content, filterCondition="{{ t is not null }}"))[0]["id"] == 2.5


@pytest.mark.parametrize(
    ("content", "error"),
    [(b"{id:1}\n{id:", "Row 2 is neither Ion nor JSON: "), (b"1 2", "`1` is not a map: an expression sees nothing")],
)
def test_what_is_no_table_fails(files: LocalFiles, content: bytes, error: str) -> None:
    assert str(run(files, "FilterItems", content, filterCondition="true").result.error).startswith(error)
