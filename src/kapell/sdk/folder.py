"""Files of a working folder: brought there before a task runs, found there and stored afterwards."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

from kapell.sdk.context import RunContext
from kapell.sdk.namespace_files import NamespaceFiles
from kapell.sdk.prop import prop
from kapell.sdk.shape import Part, Templated
from kapell.sdk.task import TaskFailed

STORED = re.compile(r"kestra://[-\w.+~#=/%]*")
WILD = frozenset("*?[{")
TOKENS = re.compile(r"\*\*/|\*\*|\*|\?|\[[^\]]+\]|\{[^{}]*\}|.", re.DOTALL)
SIGNS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}


class ChosenNamespaceFiles(Part):
    """Which files of which namespaces to bring along."""

    enabled: Templated[bool] = prop("Whether to bring any.", default=True)
    namespaces: Templated[list[str]] | None = prop(
        "The namespaces; a later one's file replaces an earlier one's. The flow's own if none is named.", default=None
    )
    include: Templated[list[str]] = prop("Globs of the files to bring; all if there are none.", default=())
    exclude: Templated[list[str]] = prop("Globs of files to leave out.", default=())

    def bring(self, ctx: RunContext, folder: Path) -> None:
        """Write them into the folder."""
        if self.enabled:
            for namespace in self.namespaces or [ctx.namespace]:
                bring_namespace(ctx, folder, namespace, self.include, self.exclude)


def relative(name: str, what: str) -> PurePosixPath:
    """`name` as a path below the working folder; anything else fails the task."""
    path = PurePosixPath(name)
    if not name or name.startswith(("./", "/", "..")) or ".." in path.parts:
        raise TaskFailed(f"Invalid {what} (only relative path is supported) for path '{name}'")
    return path


def bring(ctx: RunContext, folder: Path, name: str, content: str) -> None:
    """Write one input file: a text as it is, or what lies behind an address."""
    target = folder / relative(name, "inputFile")
    target.parent.mkdir(parents=True, exist_ok=True)
    if content.startswith(("kestra://", "nsfile://")):
        _fetch(ctx, content, target)
    elif content.startswith("file://"):
        raise TaskFailed(f"`{content}` can't be read: files of the worker's machine are not allowed")
    else:
        target.write_text(content, encoding="utf-8")


def local(ctx: RunContext, folder: Path, text: str) -> tuple[str, set[Path]]:
    """`text` with every `kestra:///` address in it replaced by a copy's path; the copies too."""
    copies: set[Path] = set()

    def fetched(match: re.Match[str]) -> str:
        address = match[0]
        digest = hashlib.blake2b(address.encode(), digest_size=6).hexdigest()
        # It stands in a command without quotes: no blank, and nothing that a shell acts on.
        name = re.sub(r"[^-\w.]", "_", PurePosixPath(unquote(address)).name)
        target = folder / f"{digest}-{name}"
        if target not in copies:
            _fetch(ctx, address, target)
            copies.add(target)
        return str(target)

    return STORED.sub(fetched, text), copies


def _fetch(ctx: RunContext, address: str, target: Path) -> None:
    if address.startswith("nsfile://"):
        address = NamespaceFiles(ctx.files).resolve(address, ctx.namespace)
    with ctx.files.open(address) as source, target.open("wb") as copy:
        shutil.copyfileobj(source, copy)


def bring_namespace(ctx: RunContext, folder: Path, name: str, include: Sequence[str], exclude: Sequence[str]) -> None:
    """Write a namespace's files, those that `include` names if it names any, without those of `exclude`."""
    stored = NamespaceFiles(ctx.files)
    wanted, unwanted = (re.compile("|".join(map(glob, patterns)) or "(?!)") for patterns in (include, exclude))
    for path in (path.removeprefix("/") for path in stored.list(name)):
        if (not include or wanted.fullmatch(path)) and not unwanted.fullmatch(path):
            target = folder / relative(path, "namespace file")
            target.parent.mkdir(parents=True, exist_ok=True)
            _fetch(ctx, stored.address(name, path), target)


def store(ctx: RunContext, folder: Path, patterns: Sequence[str], own: set[Path]) -> dict[str, str]:
    """Store the files in `folder` that match a pattern; their addresses by path. `own` are none of it."""
    return {path: _put(ctx, folder, path) for path in matching(folder, patterns, own)}


def matching(folder: Path, patterns: Sequence[str], own: set[Path]) -> list[str]:
    """The paths of the files in `folder` that match a pattern, sorted, without those that are `own`."""
    wanted = re.compile("|".join(map(glob, patterns)) or "(?!)")
    return sorted(path for path in _below(folder, own) if wanted.fullmatch(path))


def _below(folder: Path, own: set[Path]) -> Iterator[str]:
    for parent, folders, names in os.walk(folder):
        here = Path(parent)
        folders[:] = [name for name in folders if here / name not in own]
        yield from (str((here / name).relative_to(folder)) for name in names if here / name not in own)


def _put(ctx: RunContext, folder: Path, path: str) -> str:
    with (folder / path).open("rb") as content:
        return ctx.files.put(f"{ctx.storage_prefix}/{path}", content)


def glob(pattern: str) -> str:
    """A regular expression for a glob: `*` and `?` stay within a folder, `**` does not, `{a,b}` is a choice.

    What ends with `/`, or has no wildcard, also means everything below the folder of that name.
    """
    text = _translated(pattern)
    if pattern.endswith("/"):
        return f"{text}.*"
    return text if WILD & set(pattern) else f"{text}(?:/.*)?"


def _translated(pattern: str) -> str:
    return "".join(_token(match[0]) for match in TOKENS.finditer(pattern))


def _token(token: str) -> str:
    if token in SIGNS:
        return SIGNS[token]
    if len(token) > 1 and token.startswith("{"):
        return f"(?:{'|'.join(map(_translated, token[1:-1].split(',')))})"
    if len(token) > 1 and token.startswith("["):
        inside = token[1:-1].replace("\\", "\\\\")
        return f"[^{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
    return re.escape(token)
