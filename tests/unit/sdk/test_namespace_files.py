from __future__ import annotations

import io
import os
from datetime import UTC, datetime
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


def put(stored: NamespaceFiles, path: str, count: int) -> None:
    for number in range(1, count + 1):
        stored.put("a", path, io.BytesIO(str(number).encode()))


def numbers(stored: NamespaceFiles) -> list[tuple[str, int, bool]]:
    return [(one.path, one.number, one.current) for one in stored.revisions("a")]


def test_revisions_are_listed_from_the_newest_on_those_of_deleted_files_too(stored: NamespaceFiles) -> None:
    put(stored, "x", 1)
    stored.delete("a", "x")
    put(stored, "x/f", 2)
    assert numbers(stored) == [("/x", 1, False), ("/x/f", 2, True), ("/x/f", 1, False)]


def test_a_revision_keeps_the_instant_at_which_it_was_stored(files: LocalFiles, stored: NamespaceFiles) -> None:
    instants = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2, 3)]
    for instant in instants:
        stored.put("a", "f", io.BytesIO(b""))
        os.utime(place(files, stored.address("a", "f")), (instant.timestamp(), instant.timestamp()))
    assert [one.stored for one in stored.revisions("a")] == list(reversed(instants))


def place(files: LocalFiles, address: str) -> Path:
    with files.open(address) as content:
        return Path(content.name)


def test_what_was_set_aside_before_its_instant_was_kept_is_a_revision(
    files: LocalFiles, stored: NamespaceFiles
) -> None:
    put(stored, "f", 1)
    files.put("/a/_files/.versions/f/.v7", io.BytesIO(b"old"))
    assert numbers(stored) == [("/f", 8, True), ("/f", 7, False)]
    assert text(files, stored.address("a", "f", 7)) == "old"


def test_purged_revisions_are_gone_and_their_numbers_are_not_given_again(
    files: LocalFiles, stored: NamespaceFiles
) -> None:
    put(stored, "f", 4)
    assert stored.purge("a", "/f", {1, 3, 9}) == 2
    assert numbers(stored) == [("/f", 4, True), ("/f", 2, False)]
    assert [text(files, stored.address("a", "f", number)) for number in (2, 4)] == ["2", "4"]
    with pytest.raises(NotFound, match="Revision 3"):
        stored.address("a", "f", 3)
    assert stored.purge("a", "/f", {2, 3}) == 1
    assert stored.put("a", "f", io.BytesIO(b"five")) == 5
    assert numbers(stored) == [("/f", 5, True), ("/f", 4, False)]
    assert stored.purge("a", "/f", {4}) == 1
    assert len(list(files.walk("/a/_files/.versions"))) == 1


def test_a_file_whose_newest_revision_is_purged_is_as_if_it_was_deleted(stored: NamespaceFiles) -> None:
    put(stored, "f", 3)
    assert stored.purge("a", "/f", {3}) == 1
    assert numbers(stored) == [("/f", 2, False), ("/f", 1, False)]
    assert not stored.exists("a", "f")
    assert stored.put("a", "f", io.BytesIO(b"four")) == 4
    assert numbers(stored) == [("/f", 4, True), ("/f", 2, False), ("/f", 1, False)]


def test_nothing_is_left_of_a_file_that_is_purged_whole(files: LocalFiles, stored: NamespaceFiles) -> None:
    put(stored, "f", 3)
    put(stored, "f2", 1)
    assert stored.purge("a", "/f", {1, 2}) == 2
    assert stored.purge("a", "/f", {3}) == 1
    assert list(files.walk("/a")) == ["kestra:///a/_files/f2"]
    assert stored.put("a", "f", io.BytesIO(b"anew")) == 1
