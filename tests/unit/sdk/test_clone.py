import errno
import gzip
import io
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from kapell.sdk.clone import clone

MEGABYTES = 20


def test_what_is_left_of_a_file_is_added_to_the_other(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"0123456789")
    with (tmp_path / "a").open("rb") as source, (tmp_path / "b").open("w+b") as target:
        source.read(4)
        target.write(b"before ")
        clone(source, target)
        target.write(b" after")
        assert source.read() == b""
    assert (tmp_path / "b").read_bytes() == b"before 456789 after"


def test_a_copy_does_not_change_with_what_it_was_made_from(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"original")
    with (tmp_path / "a").open("rb") as source, (tmp_path / "b").open("wb") as target:
        clone(source, target)
    with (tmp_path / "a").open("r+b") as again:
        again.write(b"CHANGED!")
    assert (tmp_path / "b").read_bytes() == b"original"


def test_what_is_packed_is_unpacked_although_it_lies_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(gzip.compress(b"content"))
    with gzip.open(tmp_path / "a") as source, (tmp_path / "b").open("wb") as target:
        clone(source, target)
    assert (tmp_path / "b").read_bytes() == b"content"


def test_what_is_no_file_is_read(tmp_path: Path) -> None:
    with (tmp_path / "b").open("wb") as target:
        clone(io.BytesIO(b"content"), target)
    assert (tmp_path / "b").read_bytes() == b"content"


@pytest.mark.skipif(not hasattr(os, "copy_file_range"), reason="there is nothing that could refuse")
@pytest.mark.parametrize("after", [0, 1], ids=["at once", "in the middle"])
def test_a_kernel_that_refuses_is_not_needed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    asked: list[int] = []
    honest = os.copy_file_range

    def refuse(source: int, target: int, _count: int, start: int, end: int) -> int:
        asked.append(start)
        if len(asked) > after:
            raise OSError(errno.EXDEV, "no")
        return honest(source, target, 3, start, end)

    monkeypatch.setattr(os, "copy_file_range", refuse)
    (tmp_path / "a").write_bytes(b"0123456789")
    with (tmp_path / "a").open("rb") as source, (tmp_path / "b").open("wb") as target:
        clone(source, target)
    assert (tmp_path / "b").read_bytes() == b"0123456789"


@pytest.fixture
def xfs(tmp_path: Path) -> Iterator[Path]:
    """A file system that knows reflinks."""
    image, place = tmp_path / "image", tmp_path / "xfs"
    place.mkdir()
    with image.open("wb") as file:
        file.truncate(320 << 20)
    commands = [["mkfs.xfs", "-q", str(image)], ["mount", "-o", "loop", str(image), str(place)]]
    try:
        for command in commands:
            subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("needs mkfs.xfs, and root to mount it")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_where_the_file_system_can_a_copy_takes_no_room(xfs: Path) -> None:
    def free() -> int:
        os.sync()
        about = os.statvfs(xfs)
        return about.f_bfree * about.f_bsize >> 20

    (xfs / "a").write_bytes(os.urandom(1 << 20) * MEGABYTES)
    before = free()
    with (xfs / "a").open("rb") as source, (xfs / "b").open("wb") as target:
        clone(source, target)
    assert before - free() <= 1
    with (xfs / "a").open("r+b") as again:
        again.write(b"changed")
    assert (xfs / "b").read_bytes()[:7] != b"changed"
