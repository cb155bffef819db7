"""Python files as trees, for the checks that look into them."""

from __future__ import annotations

import ast


def tree_of(source: str) -> ast.Module:
    """The tree of a file; an empty one where it can't be parsed, which the linter tells with its place."""
    try:
        return ast.parse(source)
    except SyntaxError:
        return ast.Module(body=[], type_ignores=[])
