"""The door of the expression language: compile a template once, render it, or render whatever a structure holds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Literal

from kapell.errors import RenderError
from kapell.expr.budget import CURRENT, Budget, OverBudget
from kapell.expr.environment import Env
from kapell.expr.lexer import raw_parts
from kapell.expr.printing import to_python
from kapell.expr.runtime import Frame, join

Mode = Literal["text", "typed", "once", "recursive"]

CACHE_SIZE = 1000
LONGEST_CACHED = 100_000
LONGEST_FREE = 1000
CHARS_COMPILED_PER_STEP = 8


class Template:
    """A compiled template; it holds nothing of a rendering and may be shared by threads."""

    __slots__ = ("_compiled", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._compiled = None
        if has_tags(source):
            from kapell.expr.compiler import Compiler
            from kapell.expr.tag import parse

            try:
                self._compiled = Compiler(source, parse(source))
            except RecursionError:
                raise RenderError("The template is nested too deeply", template=source, syntax=True) from None

    def render(self, variables: Mapping[str, object], env: Env, *, typed: bool = False) -> object:
        """The text that it prints or, when typed and only one thing is printed, that thing itself."""
        if self._compiled is None:
            return self.source
        return self.render_within(variables, env, Budget(env.limits), typed=typed)[0]

    def render_within(
        self, variables: Mapping[str, object], env: Env, budget: Budget, *, typed: bool = False
    ) -> tuple[object, int]:
        """The same inside another rendering's budget; also how many secrets were read."""
        compiled = self._compiled
        if compiled is None:
            return self.source, 0
        frame = Frame(variables, env, budget)
        frame.macros, frame.blocks = compiled.macros, compiled.blocks
        outer, CURRENT.budget = CURRENT.budget, budget
        try:
            compiled.run(frame)
            if not typed:
                return join(frame.out, budget), frame.secrets
            pieces = [piece for piece in frame.out if piece is not None]
            if len(pieces) > 1:
                return join(pieces, budget), frame.secrets
            if not pieces:
                return None, frame.secrets
            value = pieces[0]
            kept = compiled.as_found and isinstance(value, (list, Mapping))
            return (value if kept else to_python(value)), frame.secrets
        except RecursionError:
            raise OverBudget("The expression is nested too deeply", template=self.source, line=1, column=1) from None
        except OverBudget as error:
            if not error.template:
                error.template, error.line, error.column = self.source, 1, 1
            raise
        finally:
            CURRENT.budget = outer


def has_tags(text: str) -> bool:
    """Whether there is anything to render in a text."""
    return "{{" in text or "{%" in text or "{#" in text


@lru_cache(CACHE_SIZE)
def _compile_cached(template: str) -> Template:
    return Template(template)


def compile(template: str) -> Template:
    """The compiled template, from a bounded cache; raises `RenderError` where the syntax is wrong."""
    return _compile_cached(template) if len(template) <= LONGEST_CACHED else Template(template)


def render(value: object, variables: Mapping[str, object], env: Env, mode: Mode = "text") -> object:
    """A text rendered, or a structure of lists and maps with all its texts rendered, its keys too.

    `text` gives text; `typed` keeps the type of what is printed alone; `once` is text of one pass, `recursive` of as
    many as it takes until nothing changes.
    """
    if isinstance(value, str):
        if not has_tags(value):
            return value
        return (
            render_recursively(value, variables, env)
            if mode == "recursive"
            else _render_text(value, variables, env, mode)
        )
    if isinstance(value, Mapping):
        made: dict[object, object] = {}
        for key, item in value.items():
            name = render(key, variables, env) if isinstance(key, str) else key
            made.setdefault(name, render(item, variables, env, mode))
        return made
    if isinstance(value, (list, tuple)):
        return [render(item, variables, env, mode) for item in value]
    return value


def _render_text(value: str, variables: Mapping[str, object], env: Env, mode: Mode) -> object:
    return compile(value).render(variables, env, typed=mode == "typed")


def render_recursively(value: str, variables: Mapping[str, object], env: Env, outer: Frame | None = None) -> object:
    """Rendered again until nothing changes; what stands in raw tags is kept from every pass."""
    budget = outer.budget if outer else Budget(env.limits)
    kept: list[str] = []
    for _ in range(env.limits.passes + 1):
        value = _without_raw(value, kept)
        result, secrets = nested(value, budget).render_within(variables, env, budget, typed=outer is None)
        if outer:
            outer.secrets += secrets
        if isinstance(result, (dict, list, Mapping)):
            raise RenderError("A list or map can't be rendered again", template=value, line=1, column=1)
        text = join([result], budget)
        if text == value or not has_tags(text):
            break
        value = text
    else:
        raise RenderError("Too many rendering attempts", template=value, line=1, column=1)
    for index in reversed(range(len(kept))):
        text = text.replace(f"\ue000raw{index}\ue001", kept[index])
    return text


def _without_raw(text: str, kept: list[str]) -> str:
    """The text with a mark in place of every raw part, whose text is added to `kept`."""
    made: list[str] = []
    end = 0
    for part in raw_parts(text):
        made += (text[end : part.start], f"\ue000raw{len(kept)}\ue001")
        kept.append(text[part.inner : part.stop])
        end = part.end
    return "".join([*made, text[end:]])


def nested(template: str, budget: Budget) -> Template:
    """The compiled form of a text that another template made: long ones cost steps."""
    if len(template) > LONGEST_FREE and has_tags(template):
        budget.spend(len(template) // CHARS_COMPILED_PER_STEP)
    return compile(template)


def render_nested(value: str, frame: Frame, *, recursive: bool) -> object:
    """A text rendered inside another rendering: its names, its budget, its secrets."""
    variables = frame.visible()
    if recursive:
        return render_recursively(value, variables, frame.env, frame)
    result, secrets = nested(value, frame.budget).render_within(variables, frame.env, frame.budget)
    frame.secrets += secrets
    return result
