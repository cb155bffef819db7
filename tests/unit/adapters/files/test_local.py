"""Internal storage in a folder."""

from __future__ import annotations

import io
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kapell.adapters.files.local import LocalFiles
from kapell.errors import NotFound, Refused, StoreError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "storage"


@pytest.fixture
def files(root: Path) -> LocalFiles:
    return LocalFiles(root)


def put(files: LocalFiles, path: str, content: bytes = b"content") -> str:
    return files.put(path, io.BytesIO(content))


def read(files: LocalFiles, address: str) -> bytes:
    with files.open(address) as file:
        return file.read()


def test_what_is_put_can_be_read_at_its_address(files: LocalFiles, root: Path) -> None:
    address = put(files, "/company/team/a.txt", b"hello")
    assert address == "kestra:///company/team/a.txt"
    assert (read(files, address), files.size(address), files.exists(address)) == (b"hello", 5, True)
    assert (root / "company/team/a.txt").read_bytes() == b"hello"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("two words.txt", "two%20words.txt"),
        ("100%.txt", "100%25.txt"),
        ("a?b#c&d", "a%3Fb%23c%26d"),
        ("ü.txt", "%C3%BC.txt"),
        ("..hidden", "..hidden"),
        ("back\\slash\nline", "back%5Cslash%0Aline"),
    ],
)
def test_odd_names_are_percent_encoded_and_come_back(files: LocalFiles, name: str, written: str) -> None:
    address = put(files, f"/a/{name}")
    assert address == f"kestra:///a/{written}"
    assert list(files.walk("/a")) == [address]
    assert read(files, address) == b"content"


def test_a_file_is_replaced_whole(files: LocalFiles) -> None:
    address = put(files, "/a", b"a long content")
    with files.open(address) as before:
        put(files, "/a", b"short")
        assert (before.read(), read(files, address)) == (b"a long content", b"short")


def test_a_copy_that_breaks_off_leaves_the_old_file_and_no_other(files: LocalFiles, root: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError("the wire was cut")

    address = put(files, "/a", b"old")
    with pytest.raises(StoreError, match="the wire was cut"):
        files.put("/a", Broken())
    assert read(files, address) == b"old"
    assert [path.name for path in root.rglob("*") if path.is_file()] == ["a"]


def test_what_is_not_there_is_not_found(files: LocalFiles) -> None:
    put(files, "/folder/file")
    for address in ("kestra:///nothing", "kestra:///folder", "kestra:///folder/file/x", f"kestra:///{'x' * 999}"):
        assert not files.exists(address)
        with pytest.raises(NotFound):
            files.open(address)
        with pytest.raises(NotFound):
            files.size(address)
        with pytest.raises(NotFound):
            files.modified(address)


def test_a_file_knows_when_it_was_stored(files: LocalFiles, root: Path) -> None:
    address = put(files, "/a.txt")
    os.utime(root / "a.txt", (1_700_000_000, 1_700_000_000.25))
    assert files.modified(address) == datetime(2023, 11, 14, 22, 13, 20, 250_000, UTC)


@pytest.mark.parametrize(
    "path", ["", "a", "../a", "/..", "/a/../b", "/a/..", "/../../etc/passwd", "/a/./b", "/nul\x00", "/.incoming/a"]
)
def test_a_path_that_climbs_is_refused(files: LocalFiles, path: str) -> None:
    with pytest.raises(Refused):
        put(files, path)
    with pytest.raises(Refused):
        files.walk(path)


@pytest.mark.parametrize(
    "address",
    [
        "/etc/passwd",
        "file:///etc/passwd",
        "kestra://host/a",
        "kestra:///../a",
        "kestra:///%2e%2e/a",
        "kestra:///a%2F..%2F..%2Fb",
        "kestra:///a%00b",
        "kestra:///.incoming/a",
    ],
)
def test_an_address_that_climbs_is_refused(files: LocalFiles, address: str) -> None:
    for act in (files.open, files.size, files.exists, lambda it: files.delete([it])):
        with pytest.raises(Refused):
            act(address)


def test_two_leading_slashes_stay_below_the_root(files: LocalFiles, root: Path) -> None:
    assert put(files, "//etc//passwd") == "kestra:///etc/passwd"
    assert (root / "etc/passwd").exists()


def test_links_that_leave_the_root_are_refused(files: LocalFiles, root: Path, tmp_path: Path) -> None:
    put(files, "/a")
    (tmp_path / "secret").write_text("secret")
    (root / "file").symlink_to(tmp_path / "secret")
    (root / "folder").symlink_to(tmp_path)
    for address in ("kestra:///file", "kestra:///folder/secret"):
        with pytest.raises(Refused):
            files.open(address)
    with pytest.raises(Refused):
        put(files, "/folder/new")
    assert list(files.walk("/")) == ["kestra:///a"]


def test_a_root_that_is_a_link_itself_is_fine(root: Path, tmp_path: Path) -> None:
    root.mkdir()
    (tmp_path / "link").symlink_to(root)
    files = LocalFiles(tmp_path / "link")
    assert read(files, put(files, "/a")) == b"content"


def test_a_walk_is_sorted_by_address_and_stays_below_its_path(files: LocalFiles) -> None:
    paths = ["/a/b/c", "/a/b", "/a.txt", "/a/ü", "/a/z/z", "/ab/c"]
    for path in paths:
        if path != "/a/b":
            put(files, path)
    everything = list(files.walk("/"))
    assert everything == sorted(everything)
    assert len(everything) == 5
    assert list(files.walk("/a")) == ["kestra:///a/%C3%BC", "kestra:///a/b/c", "kestra:///a/z/z"]
    assert list(files.walk("/nothing")) == list(files.walk("/a.txt")) == []


def test_only_files_that_were_there_count_as_deleted(files: LocalFiles, root: Path) -> None:
    gone, kept = put(files, "/a/b/c"), put(files, "/a/d")
    assert files.delete([gone, gone, "kestra:///nothing", "kestra:///a"]) == 1
    assert (files.exists(gone), files.exists(kept)) == (False, True)
    assert not (root / "a/b").exists()
    assert files.delete([kept]) == 1
    assert put(files, "/a/b/c") == gone
