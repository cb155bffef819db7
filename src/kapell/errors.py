"""The tree of errors: each class carries facts, its text is made from them."""

from __future__ import annotations


class KapellError(Exception):
    """The root of everything that kapell raises on purpose."""


class RenderError(KapellError):
    """An expression could not be evaluated.

    `message` is Kestra's sentence alone; `str()` adds the template, the place and a caret.
    `line` and `column` count from 1; `template` is the whole text that was rendered.
    """

    def __init__(
        self,
        message: str,
        *,
        template: str = "",
        line: int = 0,
        column: int = 0,
        remedy: str = "",
        syntax: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.template = template
        self.line = line
        self.column = column
        self.remedy = remedy
        self.syntax = syntax

    def __str__(self) -> str:
        if not self.template or not self.line:
            return self.message
        rows = self.template.split("\n")
        row = rows[self.line - 1] if self.line <= len(rows) else ""
        start = max(0, self.column - 61)
        shown = row[start : start + 120]
        caret = " " * max(0, self.column - 1 - start) + "^" if self.column else ""
        parts = [f"{self.message} (line {self.line}, column {self.column})", f"  {shown}"]
        if caret:
            parts.append(f"  {caret}")
        if self.remedy:
            parts.append(self.remedy)
        return "\n".join(parts)


class InputError(KapellError):
    """Inputs were refused; `problems` maps an input's id to the sentence about it, in the order found."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__("\n".join(problems.values()))
        self.problems = problems


class Refused(KapellError):
    """An act on an execution is not legal in its present state; the text is Kestra's sentence."""


class NotFound(KapellError):
    """There is no such flow, execution or task run."""


class IllegalTransition(KapellError):
    """The table of states has no such edge."""

    def __init__(self, current: str, to: str) -> None:
        super().__init__(f"no way from {current} to {to}")
        self.current = current
        self.to = to


class LeaseLost(KapellError):
    """Another process owns these shards now; nothing of the commit was written."""

    def __init__(self, shards: tuple[int, ...]) -> None:
        super().__init__(f"the lease of shards {list(shards)} is no longer the newest")
        self.shards = shards


class StoreError(KapellError):
    """The store could not write or read: a full disk, a broken file, a lost connection. The cause says which."""


class StoreDown(StoreError):
    """The store takes nothing at present, whatever it is given; the same may go well later."""


class StaleVersion(StoreError):
    """A step was made from an execution that is not the stored one any more; nothing of the commit was written."""


class UnknownType(KapellError):
    """No task, trigger, condition or runner has this type name; `near` holds names that are alike."""

    def __init__(self, type: str, near: tuple[str, ...] = ()) -> None:
        hint = f"; did you mean {' or '.join(near)}?" if near else ""
        super().__init__(f"Invalid type: {type}{hint}")
        self.type = type
        self.near = near


class TypeNotBuilt(KapellError):
    """Kestra has this type and kapell has not built it yet."""

    def __init__(self, type: str) -> None:
        super().__init__(f"type not built yet: {type}")
        self.type = type


class BrokenPlugin(KapellError):
    """A plugin can't be loaded; `place` is its file or entry point."""

    def __init__(self, place: str, reason: BaseException | str) -> None:
        why = reason if isinstance(reason, str) else f"{type(reason).__name__}: {reason}"
        super().__init__(f"the plugin {place} is broken: {why}")
        self.place = place


class MissingExtra(KapellError):
    """A type needs a library that is not installed; `extra` names what brings it."""

    def __init__(self, type: str, library: str, extra: str) -> None:
        super().__init__(f"{type} needs {library}: pip install 'kapell[{extra}]'")
        self.type = type
        self.library = library
        self.extra = extra
