import os
from pathlib import Path

import pytest

from kapell.sdk.removal import remove


def test_a_folder_is_removed_with_all_that_it_holds(tmp_path: Path) -> None:
    (tmp_path / "a/b/c").mkdir(parents=True)
    (tmp_path / "a/b/file").write_text("x")
    remove(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_what_a_link_leads_to_stays(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/file").write_text("x")
    (tmp_path / "a").mkdir()
    (tmp_path / "a/link").symlink_to(tmp_path / "outside")
    remove(tmp_path / "a")
    assert [path.name for path in tmp_path.iterdir()] == ["outside"]
    assert (tmp_path / "outside/file").exists()


def test_folders_may_be_nested_deeper_than_python_goes_and_than_a_path_is_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a").mkdir()
    monkeypatch.chdir(tmp_path / "a")
    for _ in range(1100):
        os.mkdir("deep")
        os.chdir("deep")
    Path("file").write_text("x")
    os.chdir(tmp_path)
    remove(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_folders_that_were_made_read_only_go_too(tmp_path: Path) -> None:
    (tmp_path / "a/b").mkdir(parents=True)
    (tmp_path / "a/b/file").write_text("x")
    for folder in ("a/b", "a"):
        (tmp_path / folder).chmod(0o500)
    remove(tmp_path / "a")
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_there_is_no_trouble(tmp_path: Path) -> None:
    remove(tmp_path / "gone")
