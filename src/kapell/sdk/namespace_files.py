"""The files of namespaces, in internal storage: the newest version at its plain path, older ones kept aside.

`/<namespace>/_files/<path>` is Kestra's layout; what a write replaces goes to `_files/.versions/<path>/.vN-T`, which
is revision N, stored at T (milliseconds since 1970). `.vN.gone` says that N was given and is purged.
"""

from __future__ import annotations

import io
import re
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import BinaryIO, NamedTuple
from urllib.parse import quote, unquote

from kapell.errors import KapellError, NotFound
from kapell.ports.files import Files

SCHEME = "nsfile://"
INTERNAL = "kestra://"
VERSIONS = ".versions"
_ASIDE = re.compile(r"/\.v(?P<number>\d+)(?:-(?P<millis>\d+)|(?P<gone>\.gone))?")
_UP = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)")


class Revision(NamedTuple):
    """A revision of a file; `current` is the one that is read when none is named."""

    path: str
    number: int
    stored: datetime
    current: bool
    address: str


class Aside(NamedTuple):
    """What lies beside the files: a revision that was replaced, or the word that it is gone."""

    path: str
    number: int
    millis: int | None
    gone: bool
    address: str


class NamespaceFiles:
    """Reads and writes them. Paths begin with `/`, or get one; `..` is refused."""

    def __init__(self, files: Files) -> None:
        self._files = files

    def put(self, namespace: str, path: str, content: BinaryIO) -> int:
        """Store the next revision of a file and return its number, from 1. Two writers of one path may lose one."""
        path = normal(path)
        revision = self._set_aside(namespace, path) + 1
        self._files.put(f"{folder(namespace)}{path}", content)
        return revision

    def delete(self, namespace: str, path: str) -> bool:
        """Remove a file, whose revisions stay; False where there is none."""
        path = normal(path)
        if not self._files.exists(_address(namespace, path)):
            return False
        self._set_aside(namespace, path)
        return self._files.delete([_address(namespace, path)]) > 0

    def list(self, namespace: str) -> Iterator[str]:
        """The paths of a namespace's files, sorted."""
        root = folder(namespace)
        for address in self._files.walk(root):
            path = unquote(address).removeprefix(INTERNAL).removeprefix(root)
            if not path.startswith(f"/{VERSIONS}/"):
                yield path

    def exists(self, namespace: str, path: str) -> bool:
        """Whether there is such a file."""
        return self._files.exists(_address(namespace, normal(path)))

    def address(self, namespace: str, path: str, revision: int | None = None) -> str:
        """The `kestra:///` address of a file, or of one of its revisions; raises `NotFound` with Kestra's sentence."""
        path = normal(path)
        current = _address(namespace, path)
        here = self._files.exists(current)
        if revision is None:
            if not here:
                raise NotFound(f"File '{path}' was not found in namespace '{namespace}'.")
            return current
        aside = {one.number: one for one in self._aside(namespace, path)}
        if here and revision == max(aside, default=0) + 1:
            return current
        if not here or revision not in aside or aside[revision].gone:
            raise NotFound(f"Revision {revision} of file '{path}' was not found in namespace '{namespace}'.")
        return aside[revision].address

    def revisions(self, namespace: str) -> Iterator[Revision]:
        """All revisions of a namespace's files, by path and from the newest on, those of deleted files, too."""
        aside: dict[str, list[Aside]] = {}
        for one in self._aside(namespace):
            aside.setdefault(one.path, []).append(one)
        for path in sorted({*aside, *self.list(namespace)}):
            older = sorted(aside.get(path, ()), key=lambda one: one.number, reverse=True)
            current = _address(namespace, path)
            if self._files.exists(current):
                number = older[0].number + 1 if older else 1
                yield Revision(path, number, self._files.modified(current), True, current)
            yield from (self._revision(one) for one in older if not one.gone)

    def purge(self, namespace: str, path: str, numbers: Collection[int]) -> int:
        """Remove revisions of a file for good; returns how many there were. Their numbers are not given again.

        They are when nothing of the file is left.
        """
        aside, current = list(self._aside(namespace, path)), _address(namespace, path)
        last = max((one.number for one in aside), default=0)
        addresses = {one.number: one.address for one in aside if not one.gone}
        if self._files.exists(current):
            addresses[last + 1] = current
        left = addresses.keys() - set(numbers)
        # The number of what is current is that of the last one aside, and one more.
        given = last + 1 if last + 1 in addresses.keys() - left else last
        marks = {one.address for one in aside if one.gone}
        if left and given and given not in left:
            marks.discard(self._mark(namespace, path, given))
        count = self._files.delete([address for number, address in addresses.items() if number in numbers])
        self._files.delete(list(marks))
        return count

    def _mark(self, namespace: str, path: str, number: int) -> str:
        """Say that a number was given; where that is said."""
        return self._files.put(f"{folder(namespace)}/{VERSIONS}{path}/.v{number}.gone", io.BytesIO())

    def resolve(self, address: str, namespace: str) -> str:
        """The `kestra:///` address behind a path, `nsfile:///path` or `nsfile://namespace/path`; others as they are."""
        if address.startswith(f"{INTERNAL}/"):
            return address
        if address.startswith(SCHEME):
            named, _, address = address.removeprefix(SCHEME).partition("/")
            namespace, address = named or namespace, unquote(address)
        return self.address(namespace, address)

    def _set_aside(self, namespace: str, path: str) -> int:
        """Copy what is at the path to where revisions are kept; how many revisions there have been."""
        count = max((one.number for one in self._aside(namespace, path)), default=0)
        current = _address(namespace, path)
        if not self._files.exists(current):
            return count
        millis = int(self._files.modified(current).timestamp() * 1000)
        with self._files.open(current) as content:
            self._files.put(f"{folder(namespace)}/{VERSIONS}{path}/.v{count + 1}-{millis}", content)
        return count + 1

    def _aside(self, namespace: str, path: str = "") -> Iterator[Aside]:
        """What lies aside of a file, or of all."""
        root = f"{folder(namespace)}/{VERSIONS}"
        for address in self._files.walk(f"{root}{path}"):
            place = unquote(address).removeprefix(INTERNAL).removeprefix(root)
            name = place[place.rfind("/") :]
            found = _ASIDE.fullmatch(name)
            owner = place.removesuffix(name)
            if found is not None and path in ("", owner):
                millis = found["millis"] and int(found["millis"])
                yield Aside(owner, int(found["number"]), millis or None, found["gone"] is not None, address)

    def _revision(self, one: Aside) -> Revision:
        # What was set aside before its time was kept has that of the copy.
        stored = self._files.modified(one.address) if one.millis is None else _instant(one.millis)
        return Revision(one.path, one.number, stored, False, one.address)


def folder(namespace: str) -> str:
    """Where the files of a namespace lie in internal storage."""
    return f"/{namespace.replace('.', '/')}/_files"


def normal(path: str) -> str:
    """The path from the namespace's root, with a slash in front; raises where it climbs or is none."""
    names = [name for name in path.split("/") if name not in ("", ".")]
    if _UP.search(path):
        raise KapellError("File should be accessed with their full path and not using relative '..' path.")
    if not names or names[0] == VERSIONS:
        raise KapellError(f"`{path}` is not the path of a namespace file")
    return f"/{'/'.join(names)}"


def _address(namespace: str, path: str) -> str:
    return f"{INTERNAL}{quote(f'{folder(namespace)}{path}')}"


def _instant(millis: int) -> datetime:
    return datetime.fromtimestamp(millis / 1000, UTC)
