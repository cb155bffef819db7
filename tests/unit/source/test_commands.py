"""`kapell check` and `kapell flow diff`, on files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kapell.cli.check import check_paths
from kapell.cli.flow import show_diff
from kapell.source.read import LONGEST
from unit.source.sources import flow

CALL = "{id: c, type: io.kestra.plugin.core.flow.Subflow, namespace: a.b, flowId: %s}"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "flow.yaml"


def test_each_flow_of_a_file_is_checked_with_lines_of_the_file(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    second = flow("", CALL % "nope").replace("id: x", "id: y")
    file.write_text(f"{flow('', CALL % 'y')}---\n{second}---\nid: z\n")
    assert check_paths([file], strict=False, as_json=False) == 1
    printed = capsys.readouterr()
    told = [line.removeprefix(f"{file}:").split()[:4] for line in printed.out.splitlines()]
    assert [(place, code, path) for place, _, code, path in told] == [
        ("7:83", "unknown-flow", "tasks[c].flowId:"),
        ("9:1", "missing", "namespace:"),
        ("9:1", "missing", "tasks:"),
    ]
    assert printed.err == "3 flows checked: 2 errors, 1 warning\n"


def test_two_flows_of_one_file_may_not_have_one_id(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(f"{flow()}---\n{flow()}")
    assert check_paths([file], strict=False, as_json=False) == 1
    assert f"the flow a.b.x is in {file}:1 and in {file}:5" in capsys.readouterr().out


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_file_is_read_in_the_encodings_of_yaml(file: Path, encoding: str) -> None:
    file.write_text(flow("description: ünï\n"), encoding=encoding)
    assert check_paths([file], strict=True, as_json=False) == 0


def test_a_file_in_another_encoding_is_refused_where_that_shows(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_bytes(b"id: x\ndescription: caf\xe9\n")
    assert check_paths([file], strict=False, as_json=True) == 1
    (problem,) = json.loads(capsys.readouterr().out)
    assert (problem["code"], problem["line"], problem["column"]) == ("encoding", 2, 17)


def test_a_file_that_is_much_too_large_is_not_read(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with file.open("wb") as stream:
        stream.truncate(5 * LONGEST)
    assert check_paths([file], strict=False, as_json=False) == 1
    assert f"too-large the file has {5 * LONGEST:,} bytes" in capsys.readouterr().out


def test_a_difference_is_a_line_for_each_change(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = file.with_name("other.yaml")
    file.write_text('id: x\nlabels: {a: b, c: d}\ntasks:\n  - {id: t, type: x.Y, script: "a\\nb"}\n')
    other.write_text(
        'id: x\nlabels: {a: e, f: g}\ntasks:\n  - {id: u, type: x.Y}\n  - {id: t, type: x.Y, script: "a\\nc"}\n'
    )
    assert show_diff(file, other, as_json=False) == 1
    printed = capsys.readouterr()
    assert printed.out.splitlines() == [
        'changed  labels.a: "b" → "e"',
        'changed  labels.f: "g" is new',
        'changed  labels.c: "d" is gone',
        "added    task u  tasks[u], line 4",
        "changed  tasks[t].script",
        "          a",
        "         -b",
        "         +c",
    ]
    assert printed.err == "5 changes\n"


def test_a_difference_of_the_text_alone_is_none(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = file.with_name("other.yaml")
    file.write_text(flow())
    other.write_text(f"# told\n{flow()}")
    assert show_diff(file, other, as_json=True) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out) == {"changes": [], "text_only": True}
    assert printed.err.startswith("only the text differs")


def test_what_can_not_be_compared_is_named(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = file.with_name("other.yaml")
    file.write_text(flow())
    other.write_text("id: [")
    assert show_diff(file, other, as_json=False) == 2
    assert f"{other}:2:1 error yaml" in capsys.readouterr().err
    assert show_diff(file, file.with_name("none.yaml"), as_json=False) == 2
    assert "none.yaml" in capsys.readouterr().err
