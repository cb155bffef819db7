"""The files of namespaces, in internal storage: the newest version at its plain path, older ones kept aside.

`/<namespace>/_files/<path>` is Kestra's layout; what a write replaces goes to `_files/.versions/<path>/.vN`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO
from urllib.parse import quote, unquote

from kapell.errors import KapellError, NotFound
from kapell.ports.files import Files

SCHEME = "nsfile://"
INTERNAL = "kestra://"
VERSIONS = ".versions"
_UP = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)")


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
        older = self._older(namespace, path)
        if here and revision == max(older, default=0) + 1:
            return current
        if not here or revision not in older:
            raise NotFound(f"Revision {revision} of file '{path}' was not found in namespace '{namespace}'.")
        return older[revision]

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
        count = max(self._older(namespace, path), default=0)
        current = _address(namespace, path)
        if not self._files.exists(current):
            return count
        with self._files.open(current) as content:
            self._files.put(f"{folder(namespace)}/{VERSIONS}{path}/.v{count + 1}", content)
        return count + 1

    def _older(self, namespace: str, path: str) -> dict[int, str]:
        """The addresses of the revisions that were replaced, by number."""
        aside = f"/{VERSIONS}{path}"
        prefix = _address(namespace, f"{aside}/.v")
        found = self._files.walk(f"{folder(namespace)}{aside}")
        numbers = ((address.removeprefix(prefix), address) for address in found if address.startswith(prefix))
        return {int(number): address for number, address in numbers if number.isdecimal()}


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
