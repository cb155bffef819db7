"""Expressions → closures over a frame: what is known at compile time costs nothing later."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from kapell.errors import RenderError
from kapell.expr import ast, registry
from kapell.expr.budget import CHARS_PER_STEP
from kapell.expr.failure import attempt, converted, placed
from kapell.expr.javamap import hashed, hashed_order, literal_capacity
from kapell.expr.javatype import MacroText
from kapell.expr.operation import Operations
from kapell.expr.printing import java_text
from kapell.expr.runtime import MISSING, Eval, Frame, Macro, Missing, Scope, Undefined, look_up, undefined
from kapell.expr.sealed import Sealed

Apply = Callable[[Frame, object], object]
Collect = Callable[[Frame], "list[object]"]

MACRO_STEPS = 4
"""What the call of a macro costs beside its own loops."""


class Evaluator(Operations):
    """Compiles expressions of one template; `assigned` are the names that its tags set."""

    def __init__(self, template: str, assigned: frozenset[str]) -> None:
        self.template = template
        self.assigned = assigned
        self.in_macro = False
        registry.load()

    def evaluate(self, node: ast.Expression) -> Eval:
        """The closure of an expression."""
        match node:
            case ast.Literal(value):
                return lambda frame: value
            case ast.Variable():
                return self.variable(node)
            case ast.Attribute():
                return self.attribute(node)
            case ast.Filter():
                return self.filter(node)
            case ast.Binary():
                return self.binary(node)
            case ast.Call():
                return self.call(node)
            case ast.Test():
                return self.test(node)
            case ast.Unary():
                return self.unary(node)
            case ast.Ternary():
                return self.ternary(node)
            case ast.ListLiteral(items):
                parts = tuple(map(self.evaluate, items))
                return lambda frame: [part(frame) for part in parts]
            case ast.MapLiteral():
                return self.map_literal(node)

    def variable(self, node: ast.Variable) -> Eval:
        name, template, place = node.name, self.template, node.place
        if self.in_macro or name in self.assigned:

            def scoped(frame: Frame) -> object:
                value = frame.find(name)
                if value is MISSING:
                    raise undefined(name, template, place)
                return value

            return scoped

        def variable(frame: Frame) -> object:
            try:
                return frame.variables[name]
            except KeyError:
                raise undefined(name, template, place) from None

        return variable

    def attribute(self, node: ast.Attribute) -> Eval:
        if node.arguments is not None:
            return self.method(node)
        of, template, place = self.evaluate(node.of), self.template, node.place
        owner = node.of.name if isinstance(node.of, ast.Variable) else None
        if isinstance(node.key, ast.Literal) and isinstance(node.key.value, str):
            return _member(of, node.key.value, owner, template, place)
        key = self.evaluate(node.key)

        def item(frame: Frame) -> object:
            holder, at = of(frame), key(frame)
            if holder is None:
                raise undefined(owner or java_text(at), template, place)
            value = _placed_look_up(holder, at, template, place)
            if value is MISSING:
                raise undefined(java_text(at), template, place)
            return value if type(value) is not Sealed else _opened(value, frame, template, place)

        return item

    def method(self, node: ast.Attribute) -> Eval:
        of, template, place = self.evaluate(node.of), self.template, node.place
        name = node.key.value if isinstance(node.key, ast.Literal) else ""
        arguments = tuple(map(self.evaluate, node.arguments or ()))

        def method(frame: Frame) -> object:
            from kapell.expr.method import call

            holder = of(frame)
            values = [argument(frame) for argument in arguments]
            if holder is None:
                raise undefined(str(name), template, place)
            frame.budget.weigh(holder, CHARS_PER_STEP)
            value = attempt(template, place, f"'{name}'", call, frame, holder, str(name), values)
            if value is MISSING:
                raise undefined(str(name), template, place)
            frame.budget.keep(value)
            return value

        return method

    def filter(self, node: ast.Filter) -> Eval:
        of = self.evaluate(node.of)
        if node.name not in registry.FILTERS:
            of = _nothing
        apply = self.apply(registry.FILTERS, "Filter", node.name, node.arguments, node.place)
        if node.name != "default":
            chars = registry.FILTERS[node.name].chars if node.name in registry.FILTERS else CHARS_PER_STEP

            def filtered(frame: Frame) -> object:
                value = of(frame)
                frame.budget.weigh(value, chars)
                made = apply(frame, value if type(value) is not MacroText else str(value))
                frame.budget.keep(made)
                return made

            return filtered

        def default(frame: Frame) -> object:
            try:
                value = of(frame)
            except Undefined:
                value = None
            return apply(frame, value if type(value) is not MacroText else str(value))

        return default

    def test(self, node: ast.Test) -> Eval:
        of, negated = self.evaluate(node.of), node.negated
        if node.name not in registry.TESTS:
            of = _nothing
        apply = self.apply(registry.TESTS, "Test", node.name, node.arguments, node.place)
        if node.name != "defined":

            def tested(frame: Frame) -> object:
                value = of(frame)
                frame.budget.weigh(value, CHARS_PER_STEP)
                return apply(frame, value) is not negated

            return tested

        def defined(frame: Frame) -> object:
            try:
                value = of(frame)
            except Undefined:
                value = None
            return apply(frame, value) is not negated

        return defined

    def apply(
        self, table: dict[str, registry.Entry], kind: str, name: str, arguments: ast.Arguments, place: ast.Place
    ) -> Apply:
        """A filter or test with its arguments, waiting for its input."""
        template, entry = self.template, table.get(name)
        if entry is None:
            return _failing(f"{kind} [{name}] does not exist.", template, place)
        if entry.lenient:
            return self.lenient(entry, arguments, place)
        if _wrong(arguments, entry.arguments):
            return _failing(_wrong(arguments, entry.arguments), template, place)
        run, title, collect = entry.run, f"'{name}'", self.arguments(arguments, entry.arguments)
        if entry.frame:
            return lambda frame, value: attempt(template, place, title, run, frame, value, *collect(frame))

        def apply(frame: Frame, value: object) -> object:
            given = collect(frame)
            try:
                return run(value, *given)
            except Exception as error:
                raise converted(error, template, place, title) from error

        return apply

    def lenient(self, entry: registry.Entry, arguments: ast.Arguments, place: ast.Place) -> Apply:
        """A filter or test that takes no arguments; those that it is given are evaluated all the same."""
        run, title, template = entry.run, f"'{entry.name}'", self.template
        collect = self.arguments(arguments, None) if arguments.positional else None

        def alone(frame: Frame, value: object) -> object:
            if collect is not None:
                collect(frame)
            try:
                return run(value)
            except Exception as error:
                raise converted(error, template, place, title) from error

        return alone

    def arguments(self, arguments: ast.Arguments, names: tuple[str, ...] | None) -> Collect:
        """What gathers the values of arguments, in the order of their names."""
        parts = [self.evaluate(part) for part in arguments.positional]
        for name, part in arguments.named if names else ():
            index = (names or ()).index(name)
            parts += [_missing] * (index + 1 - len(parts))
            parts[index] = self.evaluate(part)
        return lambda frame: [part(frame) for part in parts]

    def call(self, node: ast.Call) -> Eval:
        name, template, place = node.name, self.template, node.place
        if name in ("block", "parent"):
            return self.built_in(node)
        entry = registry.FUNCTIONS.get(name)
        if entry is None:
            return self.macro_call(node)
        wrong = _wrong(node.arguments, entry.arguments)
        if wrong:
            fail = _failing(wrong, template, place)
            return lambda frame: fail(frame, None)
        run, title, collect = entry.run, f"'{name}'", self.arguments(node.arguments, entry.arguments)
        with_frame = entry.frame

        def called(frame: Frame) -> object:
            given = collect(frame)
            made = attempt(template, place, title, run, *([frame, *given] if with_frame else given))
            frame.budget.keep(made)
            return made

        return called

    def built_in(self, node: ast.Call) -> Eval:
        template, place = self.template, node.place
        if node.name == "parent" or not node.arguments.positional:
            message = "Can not use parent function if template does not extend another template."
            fail = _failing(message if node.name == "parent" else "block() needs a name", template, place)
            return lambda frame: fail(frame, None)
        name = self.evaluate(node.arguments.positional[0])

        def block(frame: Frame) -> object:
            body = frame.blocks.get(java_text(name(frame)))
            if body is None:
                return ""
            frame.budget.enter()
            try:
                return frame.capture(body)
            finally:
                frame.budget.leave()

        return block

    def macro_call(self, node: ast.Call) -> Eval:
        name, template, place = node.name, self.template, node.place
        positional = tuple(map(self.evaluate, node.arguments.positional))
        named = tuple((key, self.evaluate(value)) for key, value in node.arguments.named)

        def call(frame: Frame) -> object:
            macro = frame.macros.get(name)
            if macro is None:
                raise placed(f"Function or Macro [{name}] does not exist.", template, place)
            wrong = _wrong(node.arguments, macro.names)
            if wrong:
                raise placed(wrong, template, place)
            values = dict(zip(macro.names, [part(frame) for part in positional], strict=False))
            values.update((key, part(frame)) for key, part in named)
            return _run_macro(frame, macro, values)

        return call

    def map_literal(self, node: ast.MapLiteral) -> Eval:
        known = _map_order(node.items)
        pairs = tuple((self.evaluate(key), self.evaluate(value)) for key, value in known or node.items)
        template, place, room = self.template, node.place, literal_capacity(len(node.items))

        def made(frame: Frame) -> object:
            try:
                found = {key(frame): value(frame) for key, value in pairs}
            except TypeError:
                raise placed("A list or map can't be the key of a map", template, place) from None
            return found if known else hashed(found, room)

        return made


Pairs: TypeAlias = tuple[tuple[ast.Expression, ast.Expression], ...]


def _map_order(items: Pairs) -> Pairs:
    """Kestra: a map literal gives its entries in HashMap's order. Nothing if that shows only when it runs."""
    found = [(key.value, (key, value)) for key, value in items if isinstance(key, ast.Literal)]
    pairs = dict(found)
    if len(pairs) < len(items):
        return ()
    return tuple(pairs[name] for name in hashed_order(pairs, literal_capacity(len(pairs))))


def _missing(frame: Frame) -> Missing:
    return MISSING


def _nothing(frame: Frame) -> None:
    """What an unknown filter gets: its own error comes before those of its input."""


def _member(of: Eval, name: str, owner: str | None, template: str, place: ast.Place) -> Eval:
    def member(frame: Frame) -> object:
        holder = of(frame)
        if type(holder) is dict:
            value = holder.get(name, MISSING)
            if value is not MISSING:
                return value if type(value) is not Sealed else _opened(value, frame, template, place)
        elif holder is None:
            raise undefined(owner or name, template, place)
        value = _placed_look_up(holder, name, template, place)
        if value is MISSING:
            raise undefined(name, template, place)
        return value if type(value) is not Sealed else _opened(value, frame, template, place)

    return member


def _opened(value: Sealed, frame: Frame, template: str, place: ast.Place) -> str:
    try:
        return value.open(frame)
    except RenderError as error:
        raise converted(error, template, place, "") from error


def _placed_look_up(holder: object, key: object, template: str, place: ast.Place) -> object:
    try:
        return look_up(holder, key)
    except RenderError as error:
        raise converted(error, template, place, "") from error


def _failing(message: str, template: str, place: ast.Place) -> Apply:
    def fail(frame: Frame, value: object) -> object:
        raise placed(message, template, place)

    return fail


def _wrong(given: ast.Arguments, names: tuple[str, ...] | None) -> str:
    """What is wrong with the number or the names of arguments; "" when nothing is."""
    if names is None:
        return ""
    if len(given.positional) > len(names):
        position = len(names) + 1
        return f"The argument at position {position} is not allowed. Only {len(names)} argument(s) are allowed."
    # Kestra: what takes no arguments at all lets named ones pass
    unknown = next((name for name, _ in given.named if names and name not in names), "")
    return f"The following named argument does not exist: {unknown}" if unknown else ""


def _run_macro(frame: Frame, macro: Macro, values: dict[str, object]) -> MacroText:
    frame.budget.enter()
    frame.budget.spend(MACRO_STEPS)
    outer = frame.scope
    frame.scope = Scope(outer, local=True)
    try:
        for name, default in zip(macro.names, macro.defaults, strict=True):
            frame.scope.names[name] = None if default is None else default(frame)
        frame.scope = Scope(frame.scope)
        frame.scope.names.update(values)
        return MacroText(frame.capture(macro.body))
    finally:
        frame.scope = outer
        frame.budget.leave()
