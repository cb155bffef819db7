"""Files of the worker's machine: only where the worker allows it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from attempts import Ran, attempt
from kapell.adapters.files.local import LocalFiles
from tables import put, text

Run = Callable[..., Ran]


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path / "storage")


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that tasks may use, with `a.csv`, `b.txt` and `in/c.csv`."""
    folder = (tmp_path / "disk").resolve()
    (folder / "in").mkdir(parents=True)
    for name in ("a.csv", "b.txt", "in/c.csv"):
        (folder / name).write_text(name)
    monkeypatch.setenv("KAPELL_LOCAL_PATHS", f"/nowhere:{folder}")
    return folder


@pytest.fixture
def on(files: LocalFiles, disk: Path) -> Run:
    return lambda type, **properties: attempt(f"io.kestra.plugin.fs.local.{type}", properties, files=files)


def outputs(ran: Ran) -> dict:
    assert ran.result.error is None, ran.result.error
    return dict(ran.result.outputs or {})


def test_files_go_down_and_up(on: Run, files: LocalFiles, disk: Path) -> None:
    down = outputs(on("Download", source=f"file://{disk}/a.csv"))
    assert (text(files, down["uri"]), down["size"]) == ("a.csv", 5)
    up = outputs(on("Upload", source=down["uri"], to=f"{disk}/new/x.csv"))
    assert up == {"uri": f"file://{disk}/new/x.csv", "size": 5}
    outputs(on("Upload", source=down["uri"], to=f"{disk}/in/"))
    assert (disk / "in/a.csv").read_text() == "a.csv"


def test_nothing_is_replaced_that_shall_stay(on: Run, files: LocalFiles, disk: Path) -> None:
    given = {"source": put(files, "new"), "to": f"{disk}/b.txt"}
    assert "exists already" in (on("Upload", overwrite=False, **given).result.error or "")
    assert (disk / "b.txt").read_text() == "b.txt"
    outputs(on("Upload", **given))
    assert (disk / "b.txt").read_text() == "new"


def test_several_files_go_up(on: Run, files: LocalFiles, disk: Path) -> None:
    addresses = [put(files, name, name) for name in ("one", "two")]
    assert outputs(on("Uploads", source=addresses, to=f"{disk}/up"))["files"] == [
        f"file://{disk}/up/one",
        f"file://{disk}/up/two",
    ]
    assert (disk / "up/two").read_text() == "two"
    named = {"x.csv": addresses[0], "../../y": addresses[1]}
    assert outputs(on("Uploads", source=named, to=f"{disk}/up", reg_exp=".*one"))["files"] == [
        f"file://{disk}/up/x.csv"
    ]
    assert "may not be used" in (on("Uploads", source=named, to=f"{disk}/up").result.error or "")
    ran = on("Uploads", source=json.dumps(addresses), to=f"{disk}/up", max_files=1)
    assert outputs(ran)["files"] == [f"file://{disk}/up/one"]
    assert ran.said == [("WARN", "Too many files to process (2), limiting to 1")]


def test_a_folder_is_listed(on: Run, disk: Path) -> None:
    found = outputs(on("List", source=str(disk), reg_exp=".*\\.csv"))
    assert [file["name"] for file in found["files"]] == ["a.csv"]
    found = outputs(on("List", source=str(disk), recursive=True))
    assert found["count"] == 3
    assert found["files"][2] | {"modifiedDate": ""} == {
        "localPath": f"{disk}/in/c.csv",
        "name": "c.csv",
        "parent": f"{disk}/in",
        "size": 8,
        "modifiedDate": "",
        "isDirectory": False,
        "uri": None,
    }


@pytest.mark.parametrize(("action", "left"), [("NONE", True), ("DELETE", False), ("MOVE", False)])
def test_a_folder_goes_down(on: Run, files: LocalFiles, disk: Path, action: str, left: bool) -> None:
    given = {"source": str(disk), "reg_exp": ".*csv", "recursive": True, "action": action}
    found = outputs(on("Downloads", move_directory=f"{disk}/done", **given))
    assert {name: text(files, uri) for name, uri in found["outputFiles"].items()} == {
        "a.csv": "a.csv",
        "c.csv": "in/c.csv",
    }
    assert (disk / "a.csv").exists() is left
    assert (disk / "done/c.csv").exists() is (action == "MOVE")


def test_a_move_needs_a_folder_and_takes_no_more_than_asked(on: Run, disk: Path) -> None:
    assert "moveDirectory" in (on("Downloads", source=str(disk), action="MOVE").result.error or "")
    found = outputs(on("Downloads", source=str(disk), recursive=True, action="NONE", max_files=1))
    assert list(found["outputFiles"]) == ["a.csv"]


def test_files_are_copied_moved_and_deleted(on: Run, disk: Path) -> None:
    outputs(on("Copy", source=f"{disk}/in", to=f"{disk}/copy"))
    outputs(on("Copy", source=f"{disk}/a.csv", to=f"{disk}/copy"))
    outputs(on("Move", source=f"{disk}/b.txt", to=f"{disk}/copy/d.txt"))
    assert sorted(path.name for path in (disk / "copy").iterdir()) == ["a.csv", "c.csv", "d.txt"]
    assert not (disk / "b.txt").exists()
    assert "exists already" in (on("Move", source=f"{disk}/a.csv", to=f"{disk}/copy/c.csv").result.error or "")
    assert outputs(on("Delete", path=f"{disk}/copy", recursive=True)) == {"path": f"{disk}/copy", "deleted": True}
    assert outputs(on("Delete", path=f"{disk}/copy"))["deleted"] is False
    assert "does not exist" in (on("Delete", path=f"{disk}/copy", error_on_missing=True).result.error or "")
    assert on("Delete", path=f"{disk}/in").result.error is not None
    assert (disk / "in/c.csv").exists()


@pytest.mark.parametrize("path", ["/etc/passwd", "{disk}/../x", "{disk}/link/passwd", "file:///etc/passwd", "{disk}x"])
def test_what_is_not_allowed_is_not_touched(on: Run, disk: Path, path: str) -> None:
    (disk / "link").symlink_to("/etc")
    given = path.format(disk=disk)
    for type, more in (
        ("Download", {"source": given}),
        ("Delete", {"path": given}),
        ("List", {"source": given}),
        ("Copy", {"source": given, "to": f"{disk}/y"}),
        ("Copy", {"source": f"{disk}/a.csv", "to": given}),
    ):
        error = on(type, **more).result.error or ""
        assert "may not be used: the worker's KAPELL_LOCAL_PATHS names no folder that it is in" in error


def test_paths_are_absolute(on: Run) -> None:
    assert on("Download", source="a.csv").result.error == "`a.csv` is not an absolute path"
