"""Kestra's expression language: text with `{{ … }}` → tokens → AST → compiled closures → value."""

from kapell.expr.environment import Env, Limits
from kapell.expr.meta import Meta, meta
from kapell.expr.template import Mode, Template, compile, render  # noqa: A004 - `compile` reads well as `expr.compile`

__all__ = ["Env", "Limits", "Meta", "Mode", "Template", "compile", "meta", "render"]
