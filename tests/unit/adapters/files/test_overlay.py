"""Internal storage with a folder of the machine below it."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from kapell.adapters.files.local import LocalFiles
from kapell.adapters.files.overlay import OverlayFiles
from kapell.errors import NotFound

ROOT = "/company/team/_files"
A, B, NEW = (f"kestra://{ROOT}/{name}" for name in ("a.txt", "sub/b%20c.txt", "new.txt"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    (folder / "sub").mkdir(parents=True)
    (folder / "a.txt").write_text("below")
    (folder / "sub" / "b c.txt").write_text("deep")
    return folder


@pytest.fixture
def files(tmp_path: Path, folder: Path) -> OverlayFiles:
    return OverlayFiles(LocalFiles(tmp_path / "storage"), {ROOT: folder})


def put(files: OverlayFiles, name: str, text: str) -> str:
    return files.put(f"{ROOT}/{name}", io.BytesIO(text.encode()))


def read(files: OverlayFiles, address: str) -> str:
    with files.open(address) as file:
        return file.read().decode()


def walked(files: OverlayFiles, prefix: str = ROOT) -> Sequence[str]:
    return list(files.walk(prefix))


def test_the_folder_shows_at_its_path_and_below_every_path_above_it(files: OverlayFiles) -> None:
    assert (read(files, A), files.size(B), files.exists(A), files.exists(NEW)) == ("below", 4, True, False)
    assert walked(files) == walked(files, "/") == walked(files, "/company") == [A, B]
    assert walked(files, f"{ROOT}/sub") == [B]
    assert walked(files, "/company/teams") == []


def test_a_file_of_the_folder_was_stored_when_it_was_changed(files: OverlayFiles, folder: Path) -> None:
    os.utime(folder / "a.txt", (1_700_000_000, 1_700_000_000))
    assert files.modified(A).timestamp() == 1_700_000_000
    put(files, "a.txt", "above!")
    assert files.modified(A).timestamp() > 1_700_000_000


def test_what_is_written_hides_what_is_below_and_leaves_it_alone(files: OverlayFiles, folder: Path) -> None:
    assert put(files, "a.txt", "above!") == A
    put(files, "new.txt", "new")
    assert (read(files, A), files.size(A), walked(files)) == ("above!", 6, [A, NEW, B])
    assert (folder / "a.txt").read_text() == "below"


def test_what_is_deleted_is_hidden_until_it_is_written_again(files: OverlayFiles, folder: Path) -> None:
    put(files, "new.txt", "new")
    assert files.delete([A, NEW, f"kestra://{ROOT}/none"]) == 2
    assert files.delete([A]) == 0
    assert (walked(files), files.exists(A), (folder / "a.txt").exists()) == ([B], False, True)
    with pytest.raises(NotFound):
        files.open(A)
    put(files, "a.txt", "again")
    assert read(files, A) == "again"
    assert files.delete([A]) == 1
    assert not files.exists(A)


def test_a_file_that_lies_above_and_below_counts_once_when_it_is_deleted(files: OverlayFiles) -> None:
    put(files, "a.txt", "above")
    assert files.delete([A]) == 1
    assert not files.exists(A)


def test_other_addresses_are_those_of_the_storage_alone(files: OverlayFiles) -> None:
    address = files.put("/company/other/x", io.BytesIO(b"x"))
    assert (read(files, address), walked(files, "/company/other")) == ("x", [address])
    with pytest.raises(NotFound):
        files.size("kestra:///company/other/y")


def test_links_are_followed_and_one_that_leads_back_is_entered_once(files: OverlayFiles, folder: Path) -> None:
    (folder.parent / "outside.txt").write_text("out")
    (folder / "link.txt").symlink_to("../outside.txt")
    (folder / "broken.txt").symlink_to("nowhere")
    (folder / "sub" / "back").symlink_to("..")
    assert read(files, f"kestra://{ROOT}/link.txt") == "out"
    assert len(walked(files)) < 10
    assert f"kestra://{ROOT}/broken.txt" not in walked(files)


def test_what_version_control_keeps_and_what_is_left_out_is_no_file(folder: Path, tmp_path: Path) -> None:
    for name in (".git", "state"):
        (folder / name).mkdir()
        (folder / name / "x").write_text("x")
    files = OverlayFiles(LocalFiles(tmp_path / "storage"), {ROOT: folder}, [folder / "state"])
    assert walked(files) == [A, B]
    assert not any(files.exists(f"kestra://{ROOT}/{name}/x") for name in (".git", "state"))


def test_no_address_climbs_out_of_the_folder(files: OverlayFiles, folder: Path) -> None:
    (folder.parent / "outside.txt").write_text("out")
    assert files._below(f"kestra://{ROOT}/../outside.txt") is None  # the storage refuses such an address itself
    assert not files.exists(f"kestra://{ROOT}/sub")
    os.mkfifo(folder / "pipe")
    assert f"kestra://{ROOT}/pipe" not in walked(files)
