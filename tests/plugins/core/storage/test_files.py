"""Write, Concat, Reverse, Size, Delete, LocalFiles, PurgeCurrentExecutionFiles: files in, files out."""

from __future__ import annotations

import io
from collections.abc import Mapping
from pathlib import Path

import pytest

from attempts import FOLDER, Ran, attempt, named
from kapell.adapters.files.local import LocalFiles
from kapell.model.state import State
from kapell.plugins.core.storage import reverse

STORAGE = "io.kestra.plugin.core.storage."


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "storage")


def run(files: LocalFiles, type: str, /, **written: object) -> Ran:
    return attempt(f"{STORAGE}{type}", named(f"{STORAGE}{type}", written), files=files)


def outputs(ran: Ran) -> Mapping[str, object]:
    assert ran.result.state is State.SUCCESS, ran.result.error
    return ran.result.outputs or {}


def put(files: LocalFiles, content: bytes, name: str = "a.txt") -> str:
    return files.put(f"{FOLDER}/{name}", io.BytesIO(content))


def content(files: LocalFiles, address: object) -> bytes:
    with files.open(str(address)) as file:
        return file.read()


def test_a_text_is_written_under_the_task_run_with_its_extension(files: LocalFiles) -> None:
    uri = str(outputs(run(files, "Write", content="héllo", extension=".txt"))["uri"])
    assert content(files, uri) == "héllo".encode()
    assert uri.startswith(f"kestra://{FOLDER}/tasks/hello/")
    assert uri.endswith(".txt")


@pytest.mark.parametrize(("given", "ending"), [({}, ".tmp"), ({"extension": "json"}, ".json")])
def test_an_extension_needs_no_dot(files: LocalFiles, given: Mapping[str, str], ending: str) -> None:
    assert str(outputs(run(files, "Write", content="x", **given))["uri"]).endswith(ending)


def test_a_structure_is_written_as_json(files: LocalFiles) -> None:
    ran = run(files, "Write", content="{{ [1, {'a': 2}] }}")
    assert content(files, outputs(ran)["uri"]) == b'[1,{"a":2}]'


def test_two_attempts_write_two_files(files: LocalFiles) -> None:
    assert outputs(run(files, "Write", content="x")) != outputs(run(files, "Write", content="x"))


def test_files_are_put_together_with_a_separator_after_each(files: LocalFiles) -> None:
    names = [put(files, b"one", "1"), put(files, b"two", "2")]
    assert content(files, outputs(run(files, "Concat", files=names))["uri"]) == b"onetwo"
    ran = run(files, "Concat", files=names, separator="\n", extension=".csv")
    assert content(files, outputs(ran)["uri"]) == b"one\ntwo\n"


def test_the_list_of_files_may_be_json(files: LocalFiles) -> None:
    ran = run(files, "Concat", files=f'["{put(files, b"one")}"]')
    assert content(files, outputs(ran)["uri"]) == b"one"


def test_a_file_that_is_missing_fails(files: LocalFiles) -> None:
    assert run(files, "Concat", files=[f"kestra://{FOLDER}/none"]).result.error == (
        f"File not found: kestra://{FOLDER}/none"
    )


@pytest.mark.parametrize(
    ("given", "reversed"),
    [
        (b"1\n2\n3\n", b"3\n2\n1\n"),
        (b"1\r\n2\r3", b"3\n2\n1\n"),
        (b"", b""),
        (b"\n", b"\n"),
        (b"1\n\n2\n", b"2\n\n1\n"),
        (b"\xff\n\xc3\xa9\n", b"\xc3\xa9\n\xff\n"),
    ],
)
def test_the_last_line_comes_first(files: LocalFiles, given: bytes, reversed: bytes) -> None:
    ran = run(files, "Reverse", **{"from": put(files, given)})
    assert content(files, outputs(ran)["uri"]) == reversed


def test_lines_longer_than_a_block_are_kept_whole(files: LocalFiles, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reverse, "BLOCK_BYTES", 4)
    lines = ["a" * length for length in range(12)]
    ran = run(files, "Reverse", **{"from": put(files, "\n".join(lines).encode())})
    assert content(files, outputs(ran)["uri"]).decode().splitlines() == lines[::-1]


def test_a_file_keeps_its_charset(files: LocalFiles) -> None:
    ran = run(files, "Reverse", charset="UTF-16LE", separator="|", **{"from": put(files, "é\nß".encode("utf-16-le"))})
    assert content(files, outputs(ran)["uri"]).decode("utf-16-le") == "ß|é|"
    assert run(files, "Reverse", charset="nope", **{"from": put(files, b"")}).result.error == "`nope` is not a charset"


def test_a_size_is_told_in_bytes(files: LocalFiles) -> None:
    assert outputs(run(files, "Size", uri=put(files, "é".encode()))) == {"size": 2}


def test_a_deleted_file_is_gone_and_a_missing_one_may_fail(files: LocalFiles) -> None:
    uri = put(files, b"x")
    assert outputs(run(files, "Delete", uri=uri)) == {"uri": uri, "deleted": True}
    assert outputs(run(files, "Delete", uri=uri)) == {"uri": uri, "deleted": False}
    assert run(files, "Delete", uri=uri, errorOnMissing=True).result.error == f"Unable to find file '{uri}'"


def test_purging_leaves_what_is_not_of_the_execution(files: LocalFiles) -> None:
    own = sorted([put(files, b"x", "inputs/a"), put(files, b"x", "tasks/t/b")])
    other = files.put("/company/team/_files/a.sql", io.BytesIO(b"x"))
    assert outputs(run(files, "PurgeCurrentExecutionFiles")) == {"uris": own}
    assert [files.exists(uri) for uri in own] == [False, False]
    assert files.exists(other)


def test_local_files_are_written_and_stored(files: LocalFiles) -> None:
    inputs = {"sub/a.txt": "text", "b.txt": put(files, b"stored")}
    uris = outputs(run(files, "LocalFiles", inputs=inputs, outputs=["**/*.txt"]))["uris"]
    assert isinstance(uris, dict)
    assert {path: content(files, uri) for path, uri in uris.items()} == {"b.txt": b"stored", "sub/a.txt": b"text"}
