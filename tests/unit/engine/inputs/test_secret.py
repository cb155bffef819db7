"""Which inputs an expression may open."""

from __future__ import annotations

from kapell.engine.inputs.secret import sealed_inputs
from kapell.expr.sealed import TYPE, Sealed
from kapell.model.input import Input

ROW = {"type": TYPE, "value": "…"}


def test_only_what_is_declared_as_a_secret_can_be_opened() -> None:
    declared = (Input("s", "SECRET"), Input("db.password", "SECRET"), Input("j", "JSON"), Input("none", "SECRET"))
    values = {"s": ROW, "db": {"password": ROW, "host": "h"}, "j": ROW, "none": None}
    seen = sealed_inputs(declared, values)
    assert isinstance(seen["s"], Sealed)
    assert seen["db"]["host"] == "h"
    assert isinstance(seen["db"]["password"], Sealed)
    assert seen["j"] == ROW
    assert seen["none"] is None
    assert values["s"] is ROW


def test_inputs_without_secrets_are_not_copied() -> None:
    values = {"a": 1}
    assert sealed_inputs((Input("a", "INT"),), values) is values
