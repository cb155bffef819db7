"""The cache of a WorkingDirectory: a zip in internal storage, which knows itself when it was made."""

from __future__ import annotations

import os
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from kapell.model.address import address_of, slug
from kapell.sdk import Part, RunContext, Templated, parse_duration, prop
from kapell.sdk.folder import matching

Contents = dict[str, tuple[int, int]]
"""Size and checksum of each file, by path."""


class Cache(Part):
    """Files that the next execution finds again."""

    patterns: Templated[list[str]] = prop("Paths and globs of the files.", filled=True)
    ttl: Templated[str] | None = prop(
        "How long they are good for after they were stored, such as `PT1H`; for ever if not set.", default=None
    )

    def restore(self, ctx: RunContext) -> None:
        """Write the cached files into the folder, if there are any that are young enough."""
        with self._cached(ctx) as cached:
            for member in cached.infolist() if cached is not None else ():
                written = Path(cached.extract(member, ctx.working_dir)) if cached is not None else None
                mode = member.external_attr >> 16 & 0o777
                if written is not None and mode:
                    written.chmod(mode)

    def save(self, ctx: RunContext) -> None:
        """Store the files that match, unless the cache is good and has them as they are: its age goes on then."""
        folder = ctx.working_dir
        found = [path for path in matching(folder, self.patterns, set()) if (folder / path).is_file()]
        with self._cached(ctx) as cached:
            if not found or (cached is not None and _of_zip(cached) == _of_folder(folder, found)):
                return
        with tempfile.TemporaryFile() as made:
            with ZipFile(made, "w", ZIP_DEFLATED, strict_timestamps=False) as zipped:
                zipped.comment = ctx.now.isoformat().encode()
                for path in found:
                    zipped.write(folder / path, path)
            made.seek(0)
            ctx.files.put(_path(ctx), made)

    @contextmanager
    def _cached(self, ctx: RunContext) -> Iterator[ZipFile | None]:
        address = address_of(_path(ctx))
        if not ctx.files.exists(address):
            yield None
            return
        with tempfile.TemporaryFile() as copy:
            with closing(ctx.files.open(address)) as content:
                shutil.copyfileobj(content, copy)
            try:
                with ZipFile(copy) as zipped:
                    yield zipped if self._is_good(zipped, ctx.now) else None
            except BadZipFile:
                yield None

    def _is_good(self, zipped: ZipFile, now: datetime) -> bool:
        return self.ttl is None or now < datetime.fromisoformat(zipped.comment.decode()) + parse_duration(self.ttl)


def _path(ctx: RunContext) -> str:
    """One for each task of a flow and, in a loop, for each value."""
    run = ctx.variables.get("taskrun")
    value = run.get("value") if isinstance(run, dict) else None
    part = f"/{blake2b(str(value).encode(), digest_size=16).hexdigest()}" if value is not None else ""
    flow = f"/{ctx.namespace.replace('.', '/')}/{slug(ctx.flow_id)}"
    return f"{flow}/{slug(ctx.task_id)}/cache{part}/cache.zip"


def _of_zip(zipped: ZipFile) -> Contents:
    return {info.filename: (info.file_size, info.CRC) for info in zipped.infolist()}


def _of_folder(folder: Path, paths: list[str]) -> Contents:
    return {_name(path): (os.stat(folder / path).st_size, _checksum(folder / path)) for path in paths}


def _name(path: str) -> str:
    return ZipInfo(path).filename


def _checksum(path: Path) -> int:
    checksum = 0
    with path.open("rb") as content:
        while chunk := content.read(1 << 20):
            checksum = zlib.crc32(chunk, checksum)
    return checksum
