"""`io.kestra.plugin.core.flow.ForEachItem`: what its first and its last part do on a worker."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

import attempts
from kapell.adapters.files.local import LocalFiles
from kapell.ports.files import Files

TYPE = "io.kestra.plugin.core.flow.ForEachItem"
DIVISIONS = {
    "rows": ({"rows": 2}, ["a\nb\n", "c\nd\n", "e\n"]),
    "default": ({}, ["a\n", "b\n", "c\n", "d\n", "e\n"]),
    "bytes": ({"bytes": "6B"}, ["a\nb\nc\n", "d\ne\n"]),
    "partitions": ({"partitions": 2}, ["a\nc\ne\n", "b\nd\n"]),
    "pattern": ({"regexPattern": "([ab])"}, ["a\n", "b\n"]),
    "separator": ({"rows": 3, "separator": ";"}, ["a;b;c;", "d;e;"]),
}


def text(files: Files, address: str) -> str:
    with files.open(address) as content:
        return content.read().decode()


@pytest.mark.parametrize(("batch", "expected"), DIVISIONS.values(), ids=DIVISIONS)
def test_items_are_divided_into_files(tmp_path: Path, batch: dict[str, object], expected: list[str]) -> None:
    files = LocalFiles(tmp_path)
    items = files.put(f"{attempts.FOLDER}/items.txt", BytesIO(b"a\nb\nc\nd\ne\n"))
    ran = attempts.attempt(f"{TYPE}$ForEachItemSplit", {"items": items, "batch": batch}, files=files)
    assert ran.result.outputs is not None
    splits = text(files, str(ran.result.outputs["splits"])).splitlines()
    assert [text(files, address) for address in splits] == expected


def test_outputs_are_merged_in_the_order_of_the_batches(tmp_path: Path) -> None:
    files = LocalFiles(tmp_path)
    given = {"results": [{"n": 1}, {}, {"n": 3, "text": "x"}]}
    ran = attempts.attempt(f"{TYPE}$ForEachItemMergeOutputs", {"results_of": "a"}, files=files, variables=given)
    assert ran.result.outputs is not None
    assert text(files, str(ran.result.outputs["subflowOutputs"])) == '{"n":1}\n{"n":3,"text":"x"}\n'


def test_where_no_execution_has_outputs_there_is_no_file(tmp_path: Path) -> None:
    given = {"results": [{}, {}]}
    type = f"{TYPE}$ForEachItemMergeOutputs"
    ran = attempts.attempt(type, {"results_of": "a"}, files=LocalFiles(tmp_path), variables=given)
    assert (ran.result.state, ran.result.outputs) == ("SUCCESS", None)
