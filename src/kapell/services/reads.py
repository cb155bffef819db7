"""What expressions read from outside, done for real: blocking, called from worker threads or off the loop."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable, Coroutine
from typing import TypeVar

from kapell.errors import KapellError, NotFound, StoreError
from kapell.expr.environment import nothing_to_read
from kapell.model.log import Level
from kapell.model.read import Read, ReadFailed
from kapell.ports.executions import Executions
from kapell.ports.files import Files
from kapell.sdk.doors import KvDoor, LogDoor
from kapell.sdk.logs import line_map
from kapell.sdk.namespace_files import NamespaceFiles
from kapell.services.spill import read_back

T = TypeVar("T")
LARGEST_FILE = 64_000_000
MOST_LINES = 10_000
ION = b"\xe0\x01\x00\xea"


class Outside:
    """A `Reader` over secrets, key-values, files, HTTP and stored outputs; `loop` is where the store's ports live."""

    def __init__(
        self,
        *,
        secret: Callable[[str], str | None],
        files: Files,
        executions: Executions,
        kv: KvDoor,
        logs: LogDoor,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._secret = secret
        self._files = files
        self._executions = executions
        self._kv = kv
        self._logs = logs
        self._namespace_files = NamespaceFiles(files)
        self._loop = loop

    def __call__(self, read: Read) -> object:
        """The answer; raises `ReadFailed` with Kestra's sentence."""
        match read.kind:
            case "secret":
                return self._secret(read.name)
            case "kv":
                return self._value(read)
            case "spilled":
                return read_back(read.name, self._files)
            case "file" | "file_size" | "file_exists":
                return self._stored(read)
            case "http":
                from kapell.services.fetch import fetch

                return fetch(read)
            case "error_logs":
                lines = self._logs.read(read.name, Level.ERROR, MOST_LINES)
                return [line_map(line) for line in lines]
            case "output":
                return self._wait(self._executions.outputs([read.name])).get(read.name, {})
            case _:
                return nothing_to_read(read)

    def _value(self, read: Read) -> object:
        try:
            entry = self._kv.get(read.scope, read.name)
        except StoreError:
            raise
        except KapellError as error:
            raise ReadFailed(str(error)) from None
        return None if entry is None else entry.value

    def _stored(self, read: Read) -> object:
        if read.name.startswith("file:"):
            path = read.name.removeprefix("file:").removeprefix("//")
            raise ReadFailed(
                f"The path {path} is not authorized. Path must be allowed either globally inside the Kestra "
                "configuration using the `kestra.local-files.allowed-paths` property."
            )
        revision = next((int(text) for name, text in read.options if name == "revision"), None)
        try:
            if revision is not None:
                return self._namespace_files.address(read.scope, read.name, revision)
            address = self._namespace_files.resolve(read.name, read.scope)
            if read.kind == "file_exists":
                return self._files.exists(address)
            return self._files.size(address) if read.kind == "file_size" else self._text(address)
        except KapellError as error:
            if read.kind == "file_exists" and isinstance(error, NotFound):
                return False
            raise ReadFailed(str(error)) from None

    def _text(self, address: str) -> str:
        size = self._files.size(address)
        if size > LARGEST_FILE:
            raise ReadFailed(f"The file {address} has {size} bytes; an expression may read {LARGEST_FILE}")
        with self._files.open(address) as file:
            content = file.read()
        # Kestra: binary Ion is given as base64.
        return b64encode(content).decode() if content.startswith(ION) else content.decode(errors="replace")

    def _wait(self, work: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)
