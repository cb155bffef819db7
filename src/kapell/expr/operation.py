"""Operators → closures: arithmetic, comparison, logic, coalescing, the ternary."""

from __future__ import annotations

import re
from collections.abc import Callable

from kapell.errors import RenderError
from kapell.expr import ast, operator, registry
from kapell.expr.budget import CHARS_PER_STEP, OverBudget
from kapell.expr.failure import attempt, placed
from kapell.expr.javatype import Array
from kapell.expr.number import Long
from kapell.expr.runtime import Eval, Frame, Undefined, join
from kapell.expr.runtime import java_text_or_nothing as concatenated
from kapell.expr.value import class_name

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


class Operations:
    """What an evaluator does with operators; `evaluate` compiles what stands on their sides."""

    template: str

    def evaluate(self, node: ast.Expression) -> Eval:
        """The closure of an expression."""
        raise NotImplementedError

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
            return attempt(template, place, f"'{node.operator}'", operator.calculate, "*", sign, value)

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
                return lambda frame: attempt(template, place, "'range'", run, frame, left(frame), right(frame))
            case "contains":
                return self.contains(left, right, node.place)
            case "isIn":
                return self.plain(operator.is_in, left, right, node.place)
            case "isNotIn":
                return self.plain(lambda a, b: not operator.is_in(a, b), left, right, node.place)
            case "<" | "<=" | ">" | ">=":
                return self.ordering(node, left, right)
            case _:
                return self.guarded(node, left, right)

    def plain(self, run: Callable[[object, object], object], left: Eval, right: Eval, place: ast.Place) -> Eval:
        template = self.template

        def plain(frame: Frame) -> object:
            a, b = left(frame), right(frame)
            frame.budget.weigh(b, CHARS_PER_STEP)
            return attempt(template, place, "operator", run, a, b)

        return plain

    def contains(self, left: Eval, right: Eval, place: ast.Place) -> Eval:
        """What stands behind it is not looked at when there is null in front of it."""
        template = self.template

        def contains(frame: Frame) -> object:
            holder = left(frame)
            if holder is None:
                return False
            wanted = right(frame)
            frame.budget.weigh(holder, CHARS_PER_STEP)
            return attempt(template, place, "operator", operator.contains, holder, wanted)

        return contains

    def guarded(self, node: ast.Binary, left: Eval, right: Eval) -> Eval:
        """An operator of which an error on either side is its own: "Could not perform addition"."""
        run, name = OPERATORS[node.operator]
        message, template, place = f"Could not perform {name}", self.template, node.place

        def operate(frame: Frame) -> object:
            try:
                result = run(left(frame), right(frame))
            except OverBudget:
                raise
            except (RenderError, TypeError, ValueError, ArithmeticError) as error:
                raise placed(message, template, place, error) from error
            if type(result) is list:
                frame.budget.grow(len(result))
            elif type(result) is str:
                frame.budget.room(len(result))
                frame.budget.keep(result)
            return result

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
        made = join([left(frame), right(frame)], frame.budget, concatenated)
        frame.budget.keep(made)
        return made

    return concatenate


def _truth(value: object, template: str, place: ast.Place) -> bool:
    if value is None:
        raise placed("null value used in and operator and strict variables is set to true", template, place)
    try:
        return operator.truth(value)
    except TypeError:
        raise placed(f"{_java_kind(value)} is no boolean", template, place) from None


def _java_kind(value: object) -> str:
    return "String[]" if isinstance(value, Array) else re.split(r"[.$]", class_name(value))[-1]
