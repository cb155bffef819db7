"""Errors on their way out: each gets its place in the template, Python's own become kapell's."""

from __future__ import annotations

from typing import cast

from kapell.errors import KapellError, RenderError
from kapell.expr import ast
from kapell.expr.registry import Run

LONGEST = 4000
"""How many characters of a sentence are kept."""


def placed(message: str, template: str, place: ast.Place, cause: BaseException | None = None) -> RenderError:
    """An error with its place; the cause, if it says more, as a remedy."""
    remedy = cause.message if isinstance(cause, RenderError) and cause.message != message else ""
    return RenderError(message, template=template, line=place.line, column=place.column, remedy=remedy)


def attempt(template: str, place: ast.Place, title: str, called: object, *arguments: object) -> object:
    """Call something on behalf of a template; `title` names it in an error."""
    try:
        return cast(Run, called)(*arguments)
    except Exception as error:
        raise converted(error, template, place, title) from error


def converted(error: Exception, template: str, place: ast.Place, title: str) -> Exception:
    """A RenderError gets its place if it has none; other errors of kapell pass; Python's become one."""
    if isinstance(error, RenderError):
        if len(error.message) > LONGEST:
            error.message = _shortened(error.message)
        if not error.template:
            error.template, error.line, error.column = template, place.line, place.column
        return error
    if isinstance(error, (KapellError, RecursionError)):
        return error
    return placed(_shortened(f"{title} can't do this: {error}"), template, place)


def _shortened(message: str) -> str:
    """A sentence that shows a value of any length, cut in its middle."""
    half = LONGEST // 2
    return message if len(message) <= LONGEST else f"{message[:half]} … {message[-half:]}"
