"""`taskCache`: what a task came to is kept, and is the result of whoever runs the same task with the same properties.

An entry has a folder of the internal storage, with the files that the outputs name: these are copied for each
execution that takes them, since those of another one may be gone, and are not its to read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING

from msgspec import MsgspecError, Struct

from kapell.errors import KapellError, NotFound, RenderError
from kapell.model.address import address_of, execution_folder
from kapell.model.codec import decode, encode
from kapell.model.log import Level
from kapell.sdk.duration import parse_duration
from kapell.services.scope import path_of

if TYPE_CHECKING:
    from kapell.model.flow import Task
    from kapell.ports.files import Files
    from kapell.services.context import TaskContext

FOLDER = "/_cache/tasks"
ENTRY = "entry.json"
KEPT = timedelta(days=90)
"""How long an entry without a `ttl` is kept."""


class Entry(Struct, frozen=True, kw_only=True):
    """What a task came to, when, and until when it is kept; its files are those of the cache."""

    made: datetime
    until: datetime
    outputs: Mapping[str, object] | None = None


class Kept(Struct, frozen=True):
    """As much of an entry as tells whether its time is over."""

    until: datetime


class TaskCache:
    """The cache as one attempt uses it: `look` first, then `keep` what it came to."""

    def __init__(self, task: Task, ctx: TaskContext, files: Files) -> None:
        self._task = task
        self._ctx = ctx
        self._files = files
        self._folder: str | None = None
        self._ttl: timedelta | None = None

    def look(self) -> Entry | None:
        """What there is, young enough, with its files copied to this execution; raises `ValueError` for a bad `ttl`."""
        ctx, task = self._ctx, self._task
        ctx.log(Level.DEBUG, f"Task output caching is enabled for task '{task.id}''")
        ttl = (task.task_cache or {}).get("ttl")
        self._ttl = None if ttl is None else parse_duration(str(ctx.render_value(ttl, False)))
        self._folder = self._key()
        entry = self._read() if self._folder is not None else None
        if entry is None or (self._ttl is not None and ctx.now - entry.made > self._ttl):
            return None
        try:
            taken = Entry(made=entry.made, until=entry.until, outputs=self._taken(entry.outputs))
        except NotFound:
            return None
        ctx.log(Level.INFO, f"Skipping task execution for task '{task.id}' as there is an existing cache entry for it")
        return taken

    def keep(self, outputs: Mapping[str, object] | None) -> None:
        """Store what the task came to; where that can't be it is said, and the task has succeeded all the same."""
        if self._folder is None:
            return
        ctx = self._ctx
        ctx.log(Level.INFO, f"Uploading a cache entry for task '{self._task.id}'")
        try:
            kept = self._given(outputs)
            entry = Entry(made=ctx.now, until=ctx.now + (self._ttl or KEPT), outputs=kept)
            address = self._files.put(f"{self._folder}/{ENTRY}", BytesIO(encode(entry)))
        except (OSError, KapellError) as error:
            ctx.log(Level.WARN, f"The cache entry for task '{self._task.id}' could not be stored: {error}")
            return
        ctx.log(Level.DEBUG, f"Caching entry uploaded in URI {address}")

    def _key(self) -> str | None:
        """The folder of the entry: of what the task is, where it stands, and its rendered properties."""
        ctx = self._ctx
        try:
            # Kestra: a variable that many tasks add says nothing about what they come to.
            properties = ctx.render_all(dict(self._task.properties), {"workingDir": "workingDir"})
        except RenderError as error:
            ctx.log(Level.ERROR, f"Unable to create the cache key for the task '{self._task.id}': {error.message}")
            return None
        taskrun = ctx.variables.get("taskrun")
        value = taskrun.get("value") if isinstance(taskrun, Mapping) else None
        place = (ctx.job.tenant, ctx.namespace, ctx.flow_id, self._task.id, value)
        text = json.dumps([*place, self._task.type, properties], sort_keys=True, default=str)
        return f"{FOLDER}/{sha256(text.encode()).hexdigest()}"

    def _read(self) -> Entry | None:
        try:
            with self._files.open(address_of(f"{self._folder}/{ENTRY}")) as file:
                return decode(file.read(), Entry)
        except (NotFound, MsgspecError):
            return None

    def _given(self, outputs: Mapping[str, object] | None) -> Mapping[str, object] | None:
        """The outputs, the execution's own files put into the cache."""
        ctx = self._ctx
        return self._copied(outputs, execution_folder(ctx.namespace, ctx.flow_id, ctx.execution_id), self._folder or "")

    def _taken(self, outputs: Mapping[str, object] | None) -> Mapping[str, object] | None:
        """The outputs, the cache's files put among those of this task run."""
        return self._copied(outputs, self._folder or "", f"{self._ctx.storage_prefix}/cache")

    def _copied(self, outputs: Mapping[str, object] | None, source: str, target: str) -> Mapping[str, object] | None:
        """The outputs with the addresses of copies for those of files below `source`; raises `NotFound`."""
        copies: dict[str, str] = {}

        def copied(text: str) -> str:
            path = path_of(text)
            if path is None or not path.startswith(f"{source}/"):
                return text
            if text not in copies:
                with self._files.open(text) as content:
                    name = f"{target}/{len(copies)}/{path.rpartition('/')[2]}"
                    copies[text] = self._files.put(name, content)
            return copies[text]

        return None if outputs is None else {key: _replaced(value, copied) for key, value in outputs.items()}


def _replaced(value: object, replace: Callable[[str], str]) -> object:
    """A structure with its texts replaced."""
    if isinstance(value, str):
        return replace(value)
    if isinstance(value, Mapping):
        return {key: _replaced(item, replace) for key, item in value.items()}
    return [_replaced(item, replace) for item in value] if isinstance(value, list | tuple) else value


def sweep(files: Files, now: datetime) -> int:
    """Remove the entries whose time is over, with their files; returns how many."""
    swept = 0
    for address in [address for address in files.walk(FOLDER) if address.endswith(f"/{ENTRY}")]:
        if _is_over(files, address, now):
            folder = (path_of(address) or "").rpartition("/")[0]
            # The entry goes first: without it nobody looks for the files.
            files.delete([address])
            files.delete(list(files.walk(folder)))
            swept += 1
    return swept


def _is_over(files: Files, address: str, now: datetime) -> bool:
    try:
        with files.open(address) as file:
            return decode(file.read(), Kept).until <= now
    except NotFound:
        return False
    except MsgspecError:
        return True
