"""Files of a working folder: brought there before a task runs, found there and stored afterwards."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal
from urllib.parse import unquote

from kapell.sdk.clone import clone
from kapell.sdk.context import RunContext
from kapell.sdk.glob import matcher
from kapell.sdk.namespace_files import NamespaceFiles
from kapell.sdk.prop import prop
from kapell.sdk.shape import Part, Templated
from kapell.sdk.task import TaskFailed

STORED = re.compile(r"kestra://[-\w.+~#=/%]*")
DEEPEST = 100
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
    if_exists: Templated[Literal["OVERWRITE", "FAIL", "WARN", "IGNORE"]] = prop(
        "What to do with a file that is there already: replace it, fail, or leave it, with or without a warning.",
        default="OVERWRITE",
    )
    folder_per_namespace: Templated[bool] = prop(
        "Whether each namespace's files go into a folder of its name.", default=False
    )

    def bring(self, ctx: RunContext, folder: Path) -> None:
        """Write them into the folder."""
        for name, address in self._found(ctx).items() if self.enabled else ():
            if self.if_exists == "OVERWRITE" or not (folder / name).exists():
                bring(ctx, folder, name, address)
            elif self.if_exists == "FAIL":
                raise TaskFailed(f"File {name} already exists")
            elif self.if_exists == "WARN":
                ctx.log("WARN", f"File {name} already exists. It will be ignored")

    def _found(self, ctx: RunContext) -> dict[str, str]:
        """The addresses of the files by the path that they get."""
        stored = NamespaceFiles(ctx.files)
        wanted, unwanted = _any_of(self.include), _any_of(self.exclude)
        found: dict[str, str] = {}
        for namespace in self.namespaces or [ctx.namespace]:
            into = f"{namespace}/" if self.folder_per_namespace else ""
            for path in (path.removeprefix("/") for path in stored.list(namespace)):
                if (not self.include or wanted(path)) and not unwanted(path):
                    found[f"{into}{path}"] = stored.address(namespace, path)
        return found


def _any_of(patterns: Sequence[str]) -> Callable[[str], bool]:
    """Kestra: a pattern that begins with a letter fits in every folder. A folder's name means all that it holds."""
    fits, is_named = matcher(patterns), re.compile("|".join(map(glob, patterns)) or "(?!)")
    return lambda path: fits(f"/{path}") or is_named.fullmatch(path) is not None


def relative(name: str, what: str) -> PurePosixPath:
    """`name` as a path below the working folder; anything else fails the task."""
    path = PurePosixPath(name)
    if not path.parts or name.startswith(("./", "/", "..")) or ".." in path.parts:
        raise TaskFailed(f"Invalid {what} (only relative path is supported) for path '{name}'")
    return path


def bring(ctx: RunContext, folder: Path, name: str, content: str) -> None:
    """Write one input file: a text as it is, or what lies behind an address."""
    path = relative(name, "inputFile")
    if content.startswith("file://"):
        raise TaskFailed(f"`{content}` can't be read: files of the worker's machine are not allowed")
    try:
        target = _place(folder, path)
        if content.startswith(("kestra://", "nsfile://")):
            _fetch(ctx, content, target)
        else:
            target.write_text(content, encoding="utf-8", errors="replace")
    except (OSError, ValueError) as error:
        raise TaskFailed(f"The input file '{name}' could not be written: {_reason(error)}") from error


def _place(folder: Path, path: PurePosixPath) -> Path:
    """Where the file goes; a link that is there gives way, and one that leads out of the folder is not followed."""
    target = folder / path
    if not target.parent.resolve().is_relative_to(folder.resolve()):
        raise ValueError("its folder is a link that leads out of the working folder")
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.is_symlink():
        target.unlink()
    return target


def _reason(error: OSError | ValueError) -> str:
    return error.strerror or str(error) if isinstance(error, OSError) else str(error)


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
            bring(ctx, folder, target.name, address)
            copies.add(target)
        return str(target)

    return STORED.sub(fetched, text), copies


def _fetch(ctx: RunContext, address: str, target: Path) -> None:
    if address.startswith("nsfile://"):
        address = NamespaceFiles(ctx.files).resolve(address, ctx.namespace)
    with ctx.files.open(address) as source, target.open("wb") as copy:
        clone(source, copy)


def store(ctx: RunContext, folder: Path, patterns: Sequence[str], own: set[Path]) -> dict[str, str]:
    """Store the files in `folder` that match a pattern; their addresses by path. `own` are none of it."""
    stored: dict[str, str] = {}
    for path in matching(folder, patterns, own):
        try:
            with _opened(folder, path) as content:
                stored[path] = ctx.files.put(f"{ctx.storage_prefix}/{path}", content)
        except _NoFile as error:
            ctx.log("WARN", f"The output file '{path}' is not stored: {error}")
        except OSError as error:
            raise TaskFailed(f"The output file '{path}' could not be read: {_reason(error)}") from error
    return stored


class _NoFile(Exception):
    """What can't be stored, in words."""


@contextmanager
def _opened(folder: Path, path: str) -> Iterator[BinaryIO]:
    """A file of the folder, links followed within it; raises `_NoFile` for what is none, before waiting for it."""
    if path.count("/") > DEEPEST:
        raise _NoFile(f"it lies more than {DEEPEST} folders deep")
    real, root = os.path.realpath(folder / path), os.path.realpath(folder)
    if os.path.commonpath((real, root)) != root:
        raise _NoFile("it is a link that leads out of the working folder")
    if not os.path.lexists(real):
        raise _NoFile("it is a link that leads nowhere")
    # A pipe would be waited for; what has been looked at must be what is read.
    descriptor = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _NoFile("it is no file")
    with open(descriptor, "rb") as content:
        yield content


def matching(folder: Path, patterns: Sequence[str], own: set[Path]) -> list[str]:
    """The paths of the files in `folder` that match a pattern, sorted, without those that are `own`."""
    wanted = re.compile("|".join(map(glob, patterns)) or "(?!)")
    return sorted(path for path in _below(folder, own) if wanted.fullmatch(path))


def _below(folder: Path, own: set[Path]) -> Iterator[str]:
    """The paths of all that is no folder; no recursion, for a script may nest folders as deep as it likes."""
    left = [""]
    while left:
        inside = left.pop()
        with suppress(OSError), os.scandir(folder / inside) as entries:
            for entry in entries:
                path = f"{inside}{entry.name}"
                if folder / path in own:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    left.append(f"{path}/")
                elif not entry.is_dir():
                    yield path


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
