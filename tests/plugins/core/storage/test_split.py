"""Split: one file into several."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from attempts import FOLDER, Ran, attempt, named
from kapell.adapters.files.local import LocalFiles
from kapell.model.state import State
from kapell.plugins.core.storage import _file
from kapell.plugins.core.storage.split import size_in_bytes
from kapell.sdk.rows import read_rows, row_bytes

SPLIT = "io.kestra.plugin.core.storage.Split"


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "storage")


def run(files: LocalFiles, content: bytes, name: str = "a.txt", **written: object) -> Ran:
    source = files.put(f"{FOLDER}/{name}", io.BytesIO(content))
    return attempt(SPLIT, named(SPLIT, {"from": source, **written}), files=files)


def parts(files: LocalFiles, ran: Ran) -> list[bytes]:
    assert ran.result.state is State.SUCCESS, ran.result.error
    found = []
    for uri in (ran.result.outputs or {})["uris"]:
        with files.open(uri) as file:
            found.append(file.read())
    return found


def test_a_new_file_begins_after_so_many_lines(files: LocalFiles) -> None:
    assert parts(files, run(files, b"1\n2\n3", rows=2)) == [b"1\n2\n", b"3\n"]


def test_a_new_file_begins_once_one_is_large_enough(files: LocalFiles) -> None:
    assert parts(files, run(files, b"aa\nbb\ncc\n", bytes="4")) == [b"aa\nbb\n", b"cc\n"]


def test_lines_are_dealt_out_and_files_without_any_left_out(files: LocalFiles) -> None:
    assert parts(files, run(files, b"1\n2\n3\n", partitions=2)) == [b"1\n3\n", b"2\n"]
    assert parts(files, run(files, b"1\n", partitions=8)) == [b"1\n"]


def test_lines_are_put_together_by_what_a_group_finds(files: LocalFiles) -> None:
    ran = run(files, b"ERR a\nINF b\nnone\nERR c\n", regexPattern="^(ERR|INF)")
    assert parts(files, ran) == [b"ERR a\nERR c\n", b"INF b\n"]
    assert parts(files, run(files, b"ERR a\n", regexPattern="^ERR")) == []


def test_more_parts_than_files_may_be_open(files: LocalFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_file, "MOST_OPEN", 2)
    lines = [f"{number % 5}" for number in range(20)]
    assert parts(files, run(files, "\n".join(lines).encode(), regexPattern="(.)")) == [
        f"{number}\n".encode() * 4 for number in range(5)
    ]


def test_lines_keep_their_bytes_and_get_the_separator(files: LocalFiles) -> None:
    assert parts(files, run(files, b"\xff\r\n\xc3\xa9\r", rows=1, separator="|")) == [b"\xff|", b"\xc3\xa9|"]


def test_parts_have_the_file_s_extension(files: LocalFiles) -> None:
    for name, ending in (("a.b.csv", ".csv"), ("plain", ".tmp")):
        ran = run(files, b"1", name, rows=1)
        assert [uri.endswith(ending) for uri in (ran.result.outputs or {})["uris"]] == [True]


def test_binary_rows_are_not_cut(files: LocalFiles) -> None:
    rows = [{"id": number, "text": "a\nb"} for number in range(3)]
    made = parts(files, run(files, b"".join(map(row_bytes, rows)), "a.ion", rows=2))
    assert [list(read_rows(io.BytesIO(part))) for part in made] == [rows[:2], rows[2:]]


def test_an_empty_file_has_no_parts(files: LocalFiles) -> None:
    assert parts(files, run(files, b"", rows=1)) == []


def test_who_does_not_say_how_fails(files: LocalFiles) -> None:
    error = "Invalid configuration with no size, count, rows, nor regexPattern"
    assert run(files, b"").result.error == error
    assert run(files, b"", bytes="many").result.error == "Invalid size with value 'many'"


@pytest.mark.parametrize(("text", "size"), [("100", 100), ("2 KB", 2048), ("10mb", 10 << 20), ("1GB", 1 << 30)])
def test_a_size_has_a_unit_or_none(text: str, size: int) -> None:
    assert size_in_bytes(text) == size


def test_a_pattern_that_backtracks_is_stopped(files: LocalFiles) -> None:
    ran = run(files, b"a" * 50_000 + b"!\n", regexPattern="^((?:a|aa)+)$")
    assert ran.result.state is State.FAILED
    assert "timed out" in (ran.result.error or "")
