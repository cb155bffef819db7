"""The one door between an execution and internal storage: every address is checked before it is opened.

An execution may use its own files, those of its family (what has the same root or correlation id, what it was made
from), those that were passed to it, and the files of namespaces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import BinaryIO
from urllib.parse import unquote

from kapell.errors import Refused
from kapell.model.address import SCHEME, execution_folder
from kapell.model.execution import CORRELATION, Execution
from kapell.model.read import Read, Reader, ReadFailed
from kapell.model.spilled import values_folder
from kapell.ports.files import Files

Lookup = Callable[[str], Execution | None]
"""The row of an execution by its id; blocking."""

EXECUTIONS = "executions"
NAMESPACE_FILES = "_files"
FLOW_TRIGGER = "io.kestra.plugin.core.trigger.Flow"
READS = frozenset({"file", "file_size", "file_exists"})


def nobody(execution_id: str) -> Execution | None:
    """The look-up of who must not wait: only what an address says by itself counts."""
    return None


@dataclass(frozen=True, slots=True)
class Scope:
    """What an execution may use."""

    namespace: str
    flow_id: str
    execution_id: str
    look_up: Lookup = nobody

    def check(self, address: str) -> None:
        """Raise `Refused`, with Kestra's sentence, for the address of a file that is not in scope."""
        path = path_of(address)
        if path is None or not self.holds(path):
            raise Refused(f"Unable to read the file '{address}' as it is not an execution file")

    def holds(self, path: str) -> bool:
        """Whether a path of internal storage is in scope; one that climbs never is."""
        if {".", ".."} & set(path.split("/")):
            return False
        if self.owns(path):
            return True
        owner = self._owner(path)
        return self._may_use(owner, path) if owner is not None else self.is_shared(path)

    def owns(self, path: str) -> bool:
        """Whether a path lies in the execution's own folder."""
        return _below(path, execution_folder(self.namespace, self.flow_id, self.execution_id))

    def owns_file(self, path: str) -> bool:
        """Whether a path lies in the execution's own folder, and is not one of its spilled values."""
        hidden = values_folder(self.namespace, self.flow_id, self.execution_id)
        return self.owns(path) and not _below(path, hidden)

    def is_shared(self, path: str) -> bool:
        """Whether a path that is of no execution is a namespace's file, or something of the own namespace."""
        own = f"/{self.namespace.replace('.', '/')}"
        if _below(path, f"{own}/{NAMESPACE_FILES}"):
            return True
        folders = path.split("/")
        return EXECUTIONS not in folders and (NAMESPACE_FILES in folders or _below(path, own))

    def _owner(self, path: str) -> Execution | None:
        """The execution whose folder a path lies in; the names of namespaces and flows may be any words."""
        folders = path.split("/")
        ids = [id for before, id in pairwise(folders) if before == EXECUTIONS]
        found = (row for id in ids if (row := self.look_up(id)) is not None)
        return next((row for row in found if _below(path, execution_folder(row.namespace, row.flow_id, row.id))), None)

    def _may_use(self, other: Execution, path: str) -> bool:
        me = self.look_up(self.execution_id)
        if me is None or me.tenant != other.tenant:
            return False
        return are_family(me, other) or was_passed(me, other, path)


def are_family(me: Execution, other: Execution) -> bool:
    """Whether one was made, at whatever remove, by the other or by the same third."""
    if me.root_id == other.root_id or other.id in (me.parent_id, me.original_id):
        return True
    correlation = me.labels.get(CORRELATION)
    same = correlation is not None and correlation == other.labels.get(CORRELATION)
    return same or me.id in (other.parent_id, other.original_id)


def was_passed(me: Execution, other: Execution, path: str) -> bool:
    """Whether an input or the trigger names the file: of the own namespace or, by a Flow trigger, of any."""
    by_trigger = me.trigger is not None and me.trigger.type == FLOW_TRIGGER
    given: list[object] = [me.inputs, *([me.trigger.variables] if me.trigger is not None else [])]
    return (by_trigger or me.namespace == other.namespace) and names(given, path)


def names(value: object, path: str) -> bool:
    """Whether the path's address stands in a value, at any depth."""
    if isinstance(value, str):
        return value.startswith(SCHEME) and path_of(value) == path
    if isinstance(value, Mapping):
        return any(names(item, path) for item in value.values())
    return isinstance(value, list | tuple) and any(names(item, path) for item in value)


class ScopedFiles:
    """Internal storage, as one execution may use it."""

    def __init__(self, files: Files, scope: Scope) -> None:
        self._files = files
        self._scope = scope

    def put(self, path: str, content: BinaryIO) -> str:
        """Store a copy, in the own folder or where namespaces share."""
        if not self._scope.owns(path) and not self._scope.is_shared(path):
            raise Refused(f"Unable to write the file '{path}' as it is not one of this execution")
        return self._files.put(path, content)

    def open(self, address: str) -> BinaryIO:
        """The content, from its beginning; raises `NotFound`."""
        self._scope.check(address)
        return self._files.open(address)

    def size(self, address: str) -> int:
        """Bytes; raises `NotFound`."""
        self._scope.check(address)
        return self._files.size(address)

    def modified(self, address: str) -> datetime:
        """When it was stored; raises `NotFound`."""
        self._scope.check(address)
        return self._files.modified(address)

    def exists(self, address: str) -> bool:
        """Whether there is such a file."""
        self._scope.check(address)
        return self._files.exists(address)

    def walk(self, prefix: str) -> Iterator[str]:
        """Addresses of the files below a path, sorted, those of other executions left out."""
        for address in self._files.walk(prefix):
            path = path_of(address)
            if path is not None and (self._scope.owns_file(path) or self._scope.is_shared(path)):
                yield address

    def delete(self, addresses: Sequence[str]) -> int:
        """Remove files; those that are gone already do not count."""
        for address in addresses:
            self._scope.check(address)
        return self._files.delete(addresses)


def guarded(reader: Reader, scope: Scope) -> Reader:
    """A reader that reads no file out of scope."""

    def guard(read: Read) -> object:
        if read.kind in READS and read.name.startswith(SCHEME):
            try:
                scope.check(read.name)
            except Refused as refused:
                if scope.look_up is nobody:
                    # Who must not wait raises NeedsRead here, and a worker looks again.
                    reader(read)
                raise ReadFailed(str(refused)) from None
        return reader(read)

    return guard


def path_of(address: str) -> str | None:
    """The path that an address names, None where it is no address."""
    return unquote(address.removeprefix(SCHEME), errors="surrogateescape") if address.startswith(SCHEME) else None


def _below(path: str, folder: str) -> bool:
    return path.startswith(f"{folder}/")
