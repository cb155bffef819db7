"""Statements → closures that print into a frame. Built once for each template, run many times."""

from __future__ import annotations

from collections.abc import Mapping

from kapell.errors import RenderError
from kapell.expr import ast
from kapell.expr.budget import OverBudget
from kapell.expr.evaluator import Evaluator
from kapell.expr.failure import placed
from kapell.expr.operator import truth
from kapell.expr.printing import Loop, java_text
from kapell.expr.registry import FILTERS
from kapell.expr.runtime import Eval, Exec, Frame, Macro, Scope, entries
from kapell.expr.secrets import mask_all


class Compiler(Evaluator):
    """Compiles one template; `macros` and `blocks` are filled on the way, so they may stand after their use.

    `as_found` tells that the template gives one of the variables as it is, so that nobody need walk through it.
    """

    def __init__(self, template: str, body: ast.Body) -> None:
        super().__init__(template, _assigned(body))
        self.macros: dict[str, Macro] = {}
        self.blocks: dict[str, Exec] = {}
        self.block_orders: dict[str, int] = {}
        self.order = 0
        self.run = self.body(body)
        self.as_found = len(body) == 1 and isinstance(body[0], ast.Print) and _is_found(body[0].value)

    def body(self, body: ast.Body) -> Exec:
        """One closure for several statements."""
        for statement in body:
            if isinstance(statement, ast.Macro):
                self.macro(statement)
        steps = tuple(self.statement(statement) for statement in body if not isinstance(statement, ast.Macro))
        if len(steps) == 1:
            return steps[0]

        def run(frame: Frame) -> None:
            for step in steps:
                step(frame)

        return run

    def statement(self, node: ast.Text | ast.Print | ast.If | ast.For | ast.Set | ast.FilterBlock | ast.Block) -> Exec:
        """The closure of anything but a macro's definition."""
        match node:
            case ast.Text(value):
                return lambda frame: frame.out.append(value)
            case ast.Print():
                return self.print(node)
            case ast.If():
                return self.if_(node)
            case ast.For():
                return self.for_(node)
            case ast.Set():
                return self.set(node)
            case ast.FilterBlock():
                return self.filter_block(node)
            case ast.Block():
                return self.block(node)

    def print(self, node: ast.Print) -> Exec:
        value = self.evaluate(node.value)
        assigned = frozenset(_names(node.value) & self.assigned)
        if assigned or not isinstance(node.value, (ast.Variable, ast.Literal)):
            return _guarded_print(value, assigned)

        def show(frame: Frame) -> None:
            frame.out.append(value(frame))

        return show

    def set(self, node: ast.Set) -> Exec:
        value, name = self.evaluate(node.value), node.name
        names = frozenset(_names(node.value) & self.assigned)

        def assign(frame: Frame) -> None:
            before = frame.secrets
            frame.assign(name, value(frame))
            if frame.secrets != before or (frame.tainted and names & frame.tainted):
                frame.tainted.add(name)

        return assign

    def if_(self, node: ast.If) -> Exec:
        branches = tuple((self.condition(test, node.place), self.body(body)) for test, body in node.branches)
        otherwise = self.body(node.otherwise) if node.otherwise is not None else None

        def run(frame: Frame) -> None:
            for holds, body in branches:
                if holds(frame):
                    body(frame)
                    return
            if otherwise is not None:
                otherwise(frame)

        return run

    def condition(self, test: ast.Expression, place: ast.Place) -> Eval:
        value, template = self.evaluate(test), self.template

        def holds(frame: Frame) -> object:
            try:
                return truth(value(frame))
            except OverBudget:
                raise
            except (RenderError, TypeError) as error:
                raise placed("Wrong operand(s) type in conditional expression", template, place, error) from error

        return holds

    def for_(self, node: ast.For) -> Exec:
        over, body, name = self.evaluate(node.over), self.body(node.body), node.name
        otherwise = self.body(node.otherwise) if node.otherwise is not None else None
        template, place, cost = self.template, node.place, 1 + len(node.body)
        names = frozenset(_names(node.over) & self.assigned)

        def run(frame: Frame) -> None:
            before = frame.secrets
            value = over(frame)
            if value is None:
                return
            if frame.secrets != before or (frame.tainted and names & frame.tainted):
                frame.tainted.add(name)
            if isinstance(value, Mapping):
                value = entries(value)
            if not isinstance(value, (list, tuple)):
                raise placed(f"Not an iterable object. Value = [{java_text(value)}]", template, place)
            if value:
                _loop(frame, name, value, body, cost)
            elif otherwise is not None:
                otherwise(frame)

        return run

    def macro(self, node: ast.Macro) -> None:
        """Define a macro."""
        if node.name in self.macros:
            message = f"More than one macro can not share the same name: {node.name}"
            raise placed(message, self.template, node.place)
        outer, self.in_macro = self.in_macro, True
        defaults = tuple(None if default is None else self.evaluate(default) for _, default in node.parameters)
        body = self.body(node.body)
        self.in_macro = outer
        self.macros[node.name] = Macro(tuple(name for name, _ in node.parameters), defaults, body)

    def filter_block(self, node: ast.FilterBlock) -> Exec:
        body = self.body(node.body)
        filters = [self.apply(FILTERS, "Filter", name, arguments, place) for name, arguments, place in node.filters]

        def run(frame: Frame) -> None:
            before = frame.secrets
            value: object = frame.capture(body)
            for apply in filters:
                value = apply(frame, value)
            if frame.secrets != before or frame.tainted:
                mask_all(value, frame.env.mask)
            frame.out.append(value)

        return run

    def block(self, node: ast.Block) -> Exec:
        self.order += 1
        name, mine = node.name, self.order
        run = self.body(node.body)
        # Pebble: of several blocks of one name the last counts, wherever the name stands
        if mine > self.block_orders.get(name, 0):
            self.blocks[name], self.block_orders[name] = run, mine
        return lambda frame: frame.blocks[name](frame)


def _guarded_print(value: Eval, assigned: frozenset[str]) -> Exec:
    """A print whose value may have been made from a secret; then its texts are to be masked."""

    def show(frame: Frame) -> None:
        before = frame.secrets
        printed = value(frame)
        if frame.secrets != before or (frame.tainted and assigned & frame.tainted):
            mask_all(printed, frame.env.mask)
        frame.out.append(printed)

    return show


def _loop(frame: Frame, name: str, items: list[object] | tuple[object, ...], body: Exec, cost: int) -> None:
    outer = frame.scope
    scope = frame.scope = Scope(outer)
    if outer is None:
        # what a loop sets is gone behind it, but the template's own scope is there for names that it sets later
        frame.scope = Scope(None)
        scope = Scope(frame.scope)
        outer, frame.scope = frame.scope, scope
    last, spend = len(items) - 1, frame.budget.spend
    try:
        for index, item in enumerate(items):
            spend(cost)
            scope.names["loop"] = Loop(
                last=index == last, length=last + 1, index=index, revindex=last - index, first=index == 0
            )
            scope.names[name] = item
            body(frame)
    finally:
        frame.scope = outer


def _assigned(body: ast.Body) -> frozenset[str]:
    """Every name that some tag of the template sets."""
    found: set[str] = set()
    for node in body:
        match node:
            case ast.Set(name=name):
                found.add(name)
            case ast.For(name=name):
                found |= {name, "loop"} | _assigned(node.body) | _assigned(node.otherwise or ())
            case ast.If():
                for _, branch in node.branches:
                    found |= _assigned(branch)
                found |= _assigned(node.otherwise or ())
            case ast.Macro():
                found |= {name for name, _ in node.parameters} | _assigned(node.body)
            case ast.FilterBlock() | ast.Block():
                found |= _assigned(node.body)
            case _:
                pass
    return frozenset(found)


def _names(node: ast.Expression) -> set[str]:
    return {n.name for n in ast.walk(node) if isinstance(n, ast.Variable)}


def _is_found(node: ast.Expression) -> bool:
    """Whether the value, if it is a list or map, is one of the variables' own, which are plain Python already."""
    match node:
        case ast.Binary(operator="??" | "???", left=left, right=right):
            return _is_found(left) and _is_found(right)
        case ast.Attribute(of=of, arguments=None):
            return _is_found(of)
        case _:
            return isinstance(node, ast.Variable)
