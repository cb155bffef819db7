"""What expressions read from outside, done for real: blocking, called from worker threads or off the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import TypeVar

from kapell.errors import NotFound
from kapell.expr.environment import nothing_to_read
from kapell.model.read import Read, ReadFailed
from kapell.ports.executions import Executions
from kapell.ports.files import Files

T = TypeVar("T")
LARGEST_FILE = 64_000_000
INTERNAL = "kestra:///"


class Outside:
    """A `Reader` over secrets, internal storage and stored outputs; `loop` is where the store's ports live."""

    def __init__(
        self,
        *,
        secret: Callable[[str], str | None],
        files: Files,
        executions: Executions,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._secret = secret
        self._files = files
        self._executions = executions
        self._loop = loop

    def __call__(self, read: Read) -> object:
        """The answer; raises `ReadFailed` with Kestra's sentence."""
        match read.kind:
            case "secret":
                return self._secret(read.name)
            case "file" if read.name.startswith(INTERNAL):
                return self._file(read.name)
            case "file_size" if read.name.startswith(INTERNAL):
                return self._size(read.name)
            case "file_exists" if read.name.startswith(INTERNAL):
                return self._files.exists(read.name)
            case "output":
                return self._wait(self._executions.outputs([read.name])).get(read.name, {})
            case _:
                return nothing_to_read(read)

    def _file(self, address: str) -> str:
        size = self._size(address)
        if size > LARGEST_FILE:
            raise ReadFailed(f"The file {address} has {size} bytes; an expression may read {LARGEST_FILE}")
        try:
            with self._files.open(address) as content:
                return content.read().decode(errors="replace")
        except NotFound as error:
            raise ReadFailed(str(error)) from None

    def _size(self, address: str) -> int:
        try:
            return self._files.size(address)
        except NotFound as error:
            raise ReadFailed(str(error)) from None

    def _wait(self, work: Coroutine[None, None, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)
