"""Patterns for paths, as Kestra takes them: globs, or regular expressions behind `regex:`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_TOKENS = re.compile(r"\\.|\*\*|\*|\?|\[[^\]]+\]|\{[^{}]*\}|.", re.DOTALL)
_SIGNS = {"**": ".*", "*": "[^/]*", "?": "[^/]"}


def matcher(patterns: Sequence[str], *, anchored: bool = False) -> Callable[[str], bool]:
    """Whether a path, which begins with `/`, fits one of the patterns.

    A bare pattern that begins with a letter fits in every folder; `anchored`, it begins at the root.
    """
    wanted = [re.compile(_pattern(pattern, anchored), re.DOTALL) for pattern in patterns]
    return lambda path: any(pattern.fullmatch(path) for pattern in wanted)


def _pattern(pattern: str, anchored: bool) -> str:
    if pattern.startswith("regex:"):
        return pattern.removeprefix("regex:")
    if pattern.startswith("glob:"):
        return translated(pattern.removeprefix("glob:"))
    if anchored:
        return translated(f"/{pattern.lstrip('/')}")
    # Kestra: `a/*.sql` means `**/a/*.sql`.
    return translated(f"**/{pattern}" if re.match(r"\w", pattern) else pattern)


def translated(glob: str) -> str:
    """A regular expression for a glob: `*` and `?` stay within a folder, `**` does not, `{a,b}` is a choice."""
    return "".join(_token(match[0]) for match in _TOKENS.finditer(glob))


def _token(token: str) -> str:
    if token in _SIGNS:
        return _SIGNS[token]
    if len(token) > 1 and token[0] == "{":
        return f"(?:{'|'.join(map(translated, token[1:-1].split(',')))})"
    if len(token) > 1 and token[0] == "[":
        inside = token[1:-1].replace("\\", "\\\\").replace("[", "\\[")
        return f"[^{inside[1:]}]" if inside.startswith("!") else f"[{inside}]"
    return re.escape(token[-1])


def wildcard(pattern: str) -> Callable[[str], bool]:
    """Whether a name fits a pattern in which only `*` and `?` mean something."""
    wanted = re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "."), re.DOTALL)
    return lambda name: wanted.fullmatch(name) is not None
