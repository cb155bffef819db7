"""How tightly operators bind, told by the shape of the tree."""

from __future__ import annotations

import pytest

from kapell.expr import ast
from kapell.expr.tag import parse


def shape(node: ast.Expression) -> str:
    match node:
        case ast.Literal(value):
            return repr(value) if isinstance(value, str) else str(value)
        case ast.Variable(name):
            return name
        case ast.Attribute(of, key):
            return f"{shape(of)}.{shape(key)}"
        case ast.Call(name):
            return f"{name}({', '.join(map(shape, ast.children(node)))})"
        case ast.Filter(of, name):
            return f"({shape(of)} | {name})"
        case ast.Test(of, name, negated=negated):
            return f"({shape(of)} {'is not' if negated else 'is'} {name})"
        case ast.Unary(sign, of):
            return f"({sign} {shape(of)})"
        case ast.Binary(sign, left, right):
            return f"({shape(left)} {sign} {shape(right)})"
        case ast.Ternary(condition, yes, no):
            return f"({shape(condition)} ? {shape(yes)} : {shape(no)})"
        case _:
            return f"[{', '.join(map(shape, ast.children(node)))}]"


def parsed(expression: str) -> str:
    statement = parse(f"{{{{ {expression} }}}}")[0]
    assert isinstance(statement, ast.Print)
    return shape(statement.value)


@pytest.mark.parametrize(
    ("expression", "tree"),
    [
        ("a + b * c", "(a + (b * c))"),
        ("a - b - c", "((a - b) - c)"),
        ("a or b and c", "(a or (b and c))"),
        ("a == b contains c", "((a == b) contains c)"),
        ("not a is empty", "((not a) is empty)"),
        ("a is not empty", "(a is not empty)"),
        ("a ~ b | upper", "((a ~ b) | upper)"),
        ("1 + x | f", "(1 + (x | f))"),
        ("a ?? b | f", "((a ?? b) | f)"),
        ("x | f ?? 'd'", "((x | f) ?? 'd')"),
        ("-a + b", "((- a) + b)"),
        ("- -a", "(- (- a))"),
        ("1..2 + 3", "((1 .. 2) + 3)"),
        ("a ? b : c ? d : e", "(a ? b : (c ? d : e))"),
        ("a.b['c'].d", "a.'b'.'c'.'d'"),
        ("f(a, b=c)", "f(a, c)"),
        ("a < b == c", "((a < b) == c)"),
    ],
)
def test_operators_bind_as_the_table_says(expression: str, tree: str) -> None:
    assert parsed(expression) == tree
