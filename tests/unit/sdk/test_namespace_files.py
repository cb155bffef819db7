from __future__ import annotations

import io
from pathlib import Path

import pytest

from kapell.adapters.files.local import LocalFiles
from kapell.errors import KapellError, NotFound
from kapell.sdk.namespace_files import NamespaceFiles


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path)


@pytest.fixture
def stored(files: LocalFiles) -> NamespaceFiles:
    return NamespaceFiles(files)


def text(files: LocalFiles, address: str) -> str:
    with files.open(address) as content:
        return content.read().decode()


def test_the_newest_revision_lies_at_the_plain_path_and_older_ones_can_be_had(
    files: LocalFiles, stored: NamespaceFiles
) -> None:
    for number, content in enumerate(("one", "two", "three"), 1):
        assert stored.put("a.b", "x/f ü.txt", io.BytesIO(content.encode())) == number
    assert stored.address("a.b", "/x/f ü.txt") == "kestra:///a/b/_files/x/f%20%C3%BC.txt"
    assert stored.address("a.b", "x/f ü.txt", 3) == stored.address("a.b", "x/f ü.txt")
    assert [text(files, stored.address("a.b", "x/f ü.txt", number)) for number in (1, 2, 3)] == ["one", "two", "three"]
    assert list(stored.list("a.b")) == ["/x/f ü.txt"]


def test_a_revision_that_is_not_there_is_told_with_its_number(stored: NamespaceFiles) -> None:
    stored.put("a", "f", io.BytesIO(b""))
    with pytest.raises(NotFound, match=r"^Revision 9 of file '/f' was not found in namespace 'a'\.$"):
        stored.address("a", "f", 9)
    with pytest.raises(NotFound, match=r"^File '/none' was not found in namespace 'a'\.$"):
        stored.address("a", "none")


def test_a_deleted_file_is_gone_and_told_once(stored: NamespaceFiles) -> None:
    stored.put("a", "f", io.BytesIO(b"one"))
    assert [stored.delete("a", "f"), stored.delete("a", "f")] == [True, False]
    assert not stored.exists("a", "f")
    assert list(stored.list("a")) == []
    assert stored.put("a", "f", io.BytesIO(b"two")) == 2


def test_an_address_leads_to_its_namespace(files: LocalFiles, stored: NamespaceFiles) -> None:
    stored.put("own", "f x", io.BytesIO(b"own"))
    stored.put("other.ns", "f", io.BytesIO(b"other"))
    assert text(files, stored.resolve("nsfile:///f%20x", "own")) == "own"
    assert text(files, stored.resolve("nsfile://other.ns/f", "own")) == "other"
    assert text(files, stored.resolve("f x", "own")) == "own"
    assert stored.resolve("kestra:///any/where", "own") == "kestra:///any/where"


@pytest.mark.parametrize("path", ["../x", "a/../b", "a\\..\\b", "", "/", ".versions/f/.v1"])
def test_a_path_that_climbs_or_is_none_is_refused(stored: NamespaceFiles, path: str) -> None:
    with pytest.raises(KapellError):
        stored.put("a", path, io.BytesIO(b""))


def test_a_namespace_does_not_see_the_files_of_those_below(stored: NamespaceFiles) -> None:
    stored.put("a.b", "f", io.BytesIO(b""))
    assert list(stored.list("a")) == []
