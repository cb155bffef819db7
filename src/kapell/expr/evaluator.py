"""Expressions → closures over a frame: what is known at compile time costs nothing later."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from kapell.errors import KapellError, RenderError
from kapell.expr import ast, operator, registry
from kapell.expr.budget import OverBudget
from kapell.expr.javamap import hashed_order
from kapell.expr.number import Long
from kapell.expr.printing import java_text
from kapell.expr.runtime import MISSING, Eval, Frame, Macro, Missing, Scope, Undefined, join, look_up, undefined
from kapell.expr.runtime import java_text_or_nothing as concatenated

Apply = Callable[[Frame, object], object]
Collect = Callable[[Frame], "list[object]"]


def placed(message: str, template: str, place: ast.Place, cause: BaseException | None = None) -> RenderError:
    """An error with its place; the cause, if it says more, as a remedy."""
    remedy = cause.message if isinstance(cause, RenderError) and cause.message != message else ""
    return RenderError(message, template=template, line=place.line, column=place.column, remedy=remedy)


class Evaluator:
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
            return value

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
            value = _run(template, place, f"'{name}'", call, frame, holder, str(name), values)
            if value is MISSING:
                raise undefined(str(name), template, place)
            return value

        return method

    def filter(self, node: ast.Filter) -> Eval:
        of = self.evaluate(node.of)
        if node.name not in registry.FILTERS:
            of = _nothing
        apply = self.apply(registry.FILTERS, "Filter", node.name, node.arguments, node.place)
        if node.name != "default":
            return lambda frame: apply(frame, of(frame))

        def default(frame: Frame) -> object:
            try:
                value = of(frame)
            except Undefined:
                value = None
            return apply(frame, value)

        return default

    def test(self, node: ast.Test) -> Eval:
        of, negated = self.evaluate(node.of), node.negated
        if node.name not in registry.TESTS:
            of = _nothing
        apply = self.apply(registry.TESTS, "Test", node.name, node.arguments, node.place)
        if node.name != "defined":
            return lambda frame: (not apply(frame, of(frame))) if negated else apply(frame, of(frame))

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
        if _wrong(arguments, entry.arguments):
            return _failing(_wrong(arguments, entry.arguments), template, place)
        run, title, collect = entry.run, f"'{name}'", self.arguments(arguments, entry.arguments)
        if entry.frame:
            return lambda frame, value: _run(template, place, title, run, frame, value, *collect(frame))
        if not arguments.positional and not arguments.named:

            def alone(frame: Frame, value: object) -> object:
                try:
                    return run(value)
                except Exception as error:
                    raise _converted(error, template, place, title) from error

            return alone

        def apply(frame: Frame, value: object) -> object:
            given = collect(frame)
            try:
                return run(value, *given)
            except Exception as error:
                raise _converted(error, template, place, title) from error

        return apply

    def arguments(self, arguments: ast.Arguments, names: tuple[str, ...] | None) -> Collect:
        """What gathers the values of arguments, in the order of their names."""
        parts = [self.evaluate(part) for part in arguments.positional]
        for name, part in arguments.named if names is not None else ():
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
        if entry.frame:
            return lambda frame: _run(template, place, title, run, frame, *collect(frame))
        return lambda frame: _run(template, place, title, run, *collect(frame))

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
            text = frame.capture(body)
            frame.budget.leave()
            return text

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
        pairs = tuple((self.evaluate(key), self.evaluate(value)) for key, value in _map_order(node.items))
        template, place = self.template, node.place

        def made(frame: Frame) -> object:
            try:
                return {key(frame): value(frame) for key, value in pairs}
            except TypeError:
                raise placed("A list or map can't be the key of a map", template, place) from None

        return made

    def ternary(self, node: ast.Ternary) -> Eval:
        condition, yes, no = self.evaluate(node.condition), self.evaluate(node.yes), self.evaluate(node.no)
        template, place = self.template, node.place

        def choose(frame: Frame) -> object:
            value = condition(frame)
            if value is None:
                return no(frame)
            return yes(frame) if _truth(value, template, place) else no(frame)

        return choose

    def unary(self, node: ast.Unary) -> Eval:
        of, template, place = self.evaluate(node.of), self.template, node.place
        if node.operator == "not":

            def negate(frame: Frame) -> object:
                value = of(frame)
                if value is None:
                    raise placed("null value given to not() and strict variables is set to true", template, place)
                try:
                    return not operator.truth(value)
                except TypeError:
                    kind = _java_kind(value)
                    message = f'Unsupported value type {kind}. Expected Boolean, String, Number in "if" statement'
                    raise placed(message, template, place) from None

            return negate
        sign = -1 if node.operator == "-" else 1

        def signed(frame: Frame) -> object:
            value = of(frame)
            return _run(template, place, f"'{node.operator}'", operator.calculate, "*", sign, value)

        if isinstance(node.of, ast.Literal) and type(node.of.value) is Long and sign < 0:
            constant = Long(-node.of.value)
            return lambda frame: constant
        return signed

    def binary(self, node: ast.Binary) -> Eval:
        """A chain of operators, compiled from its left end: however long it is, it nests no deeper."""
        chain: list[ast.Binary] = []
        first: ast.Expression = node
        while isinstance(first, ast.Binary):
            chain.append(first)
            first = first.left
        left = self.evaluate(first)
        for link in reversed(chain):
            left = self.operation(link, left, self.evaluate(link.right))
        return left

    def operation(self, node: ast.Binary, left: Eval, right: Eval) -> Eval:
        match node.operator:
            case "??":
                return _coalesce(left, right)
            case "???":
                return _coalesce_undefined(left, right)
            case "~":
                return _concatenate(left, right)
            case "and" | "or":
                return self.logic(node.operator, left, right, node.place)
            case "..":
                run = registry.FUNCTIONS["range"].run
                template, place = self.template, node.place
                return lambda frame: _run(template, place, "'range'", run, frame, left(frame), right(frame))
            case "contains":
                return self.plain(operator.contains, left, right, node.place)
            case "isIn":
                return self.plain(operator.is_in, left, right, node.place)
            case "<" | "<=" | ">" | ">=":
                return self.ordering(node, left, right)
            case _:
                return self.guarded(node, left, right)

    def plain(self, run: Callable[[object, object], object], left: Eval, right: Eval, place: ast.Place) -> Eval:
        template = self.template
        return lambda frame: _run(template, place, "operator", run, left(frame), right(frame))

    def guarded(self, node: ast.Binary, left: Eval, right: Eval) -> Eval:
        """An operator of which an error on either side is its own: "Could not perform addition"."""
        run, name = OPERATORS[node.operator]
        message, template, place = f"Could not perform {name}", self.template, node.place

        def operate(frame: Frame) -> object:
            try:
                return run(left(frame), right(frame))
            except OverBudget:
                raise
            except (RenderError, TypeError, ValueError, ArithmeticError) as error:
                raise placed(message, template, place, error) from error

        return operate

    def ordering(self, node: ast.Binary, left: Eval, right: Eval) -> Eval:
        """`<` and the like: an error on either side stays what it is."""
        run, name = OPERATORS[node.operator]
        message, template, place = f"Could not perform {name}", self.template, node.place

        def order(frame: Frame) -> object:
            a, b = left(frame), right(frame)
            try:
                return run(a, b)
            except (TypeError, ValueError) as error:
                raise placed(message, template, place, error) from error

        return order

    def logic(self, word: str, left: Eval, right: Eval, place: ast.Place) -> Eval:
        template, stops = self.template, word == "or"

        def logic(frame: Frame) -> object:
            if _truth(left(frame), template, place) is stops:
                return stops
            return _truth(right(frame), template, place)

        return logic


OPERATORS: dict[str, tuple[Callable[[object, object], object], str]] = {
    "+": (operator.add, "addition"),
    "-": (operator.subtract, "subtraction"),
    "*": (lambda a, b: operator.calculate("*", a, b), "multiplication"),
    "/": (lambda a, b: operator.calculate("/", a, b), "division"),
    "%": (lambda a, b: operator.calculate("%", a, b), "greater modulus"),
    "==": (operator.loosely_equal, "equals comparison"),
    "equals": (operator.loosely_equal, "equals comparison"),
    "!=": (lambda a, b: not operator.loosely_equal(a, b), "not equals comparison"),
    ">": (operator.ordered(lambda order: order > 0), "greater than comparison"),
    ">=": (operator.ordered(lambda order: order >= 0), "greater than or equals comparison"),
    "<": (operator.ordered(lambda order: order < 0), "less than comparison"),
    "<=": (operator.ordered(lambda order: order <= 0), "less than or equals comparison"),
}
"""What each operator does, and its name in "Could not perform …"."""


def _map_order(items: tuple[tuple[ast.Expression, ast.Expression], ...]) -> list[tuple[ast.Expression, ast.Expression]]:
    """Kestra: a map literal gives its entries in the order of Java's HashMap."""
    names = [key.value for key, _ in items if isinstance(key, ast.Literal) and isinstance(key.value, str)]
    if len(names) < len(items) or len(set(names)) < len(names):
        return list(items)
    order = {name: index for index, name in enumerate(hashed_order(names, -(-len(names) * 4 // 3)))}
    return sorted(items, key=lambda pair: order[pair[0].value] if isinstance(pair[0], ast.Literal) else 0)  # type: ignore[index]  # all keys are texts


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
                return value
        elif holder is None:
            raise undefined(owner or name, template, place)
        value = _placed_look_up(holder, name, template, place)
        if value is MISSING:
            raise undefined(name, template, place)
        return value

    return member


def _placed_look_up(holder: object, key: object, template: str, place: ast.Place) -> object:
    try:
        return look_up(holder, key)
    except RenderError as error:
        raise _converted(error, template, place, "") from error


def _coalesce(left: Eval, right: Eval) -> Eval:
    def coalesce(frame: Frame) -> object:
        try:
            value = left(frame)
        except Undefined:
            return right(frame)
        return right(frame) if value is None else value

    return coalesce


def _coalesce_undefined(left: Eval, right: Eval) -> Eval:
    def coalesce(frame: Frame) -> object:
        try:
            return left(frame)
        except Undefined:
            return right(frame)

    return coalesce


def _concatenate(left: Eval, right: Eval) -> Eval:
    def concatenate(frame: Frame) -> object:
        return join([left(frame), right(frame)], frame.budget, concatenated)

    return concatenate


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
    unknown = next((name for name, _ in given.named if name not in names), "")
    return f"The following named argument does not exist: {unknown}" if unknown else ""


def _run(template: str, place: ast.Place, title: str, run: object, *arguments: object) -> object:
    try:
        return cast(registry.Run, run)(*arguments)
    except Exception as error:
        raise _converted(error, template, place, title) from error


def _converted(error: Exception, template: str, place: ast.Place, title: str) -> Exception:
    """A RenderError gets its place if it has none; other errors of kapell pass; Python's become one."""
    if isinstance(error, RenderError):
        if not error.template:
            error.template, error.line, error.column = template, place.line, place.column
        return error
    if isinstance(error, (KapellError, RecursionError)):
        return error
    return placed(f"{title} can't do this: {error}", template, place)


def _truth(value: object, template: str, place: ast.Place) -> bool:
    if value is None:
        raise placed("null value used in and operator and strict variables is set to true", template, place)
    try:
        return operator.truth(value)
    except TypeError:
        raise placed(f"{_java_kind(value)} is no boolean", template, place) from None


def _java_kind(value: object) -> str:
    return "ArrayList" if isinstance(value, (list, tuple)) else "LinkedHashMap" if hasattr(value, "keys") else "Object"


def _run_macro(frame: Frame, macro: Macro, values: dict[str, object]) -> str:
    frame.budget.enter()
    frame.budget.spend(4)
    outer = frame.scope
    frame.scope = Scope(outer, local=True)
    try:
        for name, default in zip(macro.names, macro.defaults, strict=True):
            frame.scope.names[name] = None if default is None else default(frame)
        frame.scope = Scope(frame.scope)
        frame.scope.names.update(values)
        return frame.capture(macro.body)
    finally:
        frame.scope = outer
        frame.budget.leave()
