"""Encrypted secrets among the variables of an expression."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from kapell.errors import RenderError
from kapell.expr import Env, render
from kapell.expr.sealed import NONCE_BYTES, Sealed, seal, unseal

KEY = bytes(range(32))
ENV = Env(now=lambda: datetime(2026, 1, 1, tzinfo=UTC), encryption_key=KEY)
SEALED = seal(KEY, "t0ken!", bytes(NONCE_BYTES))
VARIABLES = {"inputs": {"s": Sealed(SEALED), "n": 1}}


def test_a_sealed_text_opens_where_an_expression_reads_it() -> None:
    assert render("{{ inputs.s }}", VARIABLES, ENV) == "t0ken!"
    assert render("{{ inputs['s'] | upper }}", VARIABLES, ENV) == "T0KEN!"


def test_what_is_made_of_it_is_masked_too() -> None:
    masked: list[str] = []
    render("{{ 'x' ~ inputs.s }} {{ inputs.n }}", VARIABLES, replace(ENV, mask=masked.append))
    assert masked == ["t0ken!", "xt0ken!"]


def test_as_a_part_of_a_larger_value_it_stays_asterisks() -> None:
    assert render("{{ inputs }}", VARIABLES, ENV) == '{"s":"******","n":1}'
    assert "t0ken" not in repr(VARIABLES)


def test_a_map_that_looks_like_a_sealed_text_opens_nothing() -> None:
    posing = {"inputs": {"j": {"type": "io.kestra.datatype:aes_encrypted", "value": SEALED}}}
    assert render("{{ inputs.j.value }}", posing, ENV) == SEALED


@pytest.mark.parametrize("key", [None, bytes(32)])
def test_with_another_key_it_says_so(key: bytes | None) -> None:
    with pytest.raises(RenderError, match="can't be decrypted with the key of this installation"):
        render("{{ inputs.s }}", VARIABLES, replace(ENV, encryption_key=key))


@pytest.mark.parametrize("sealed", ["", "no base64", "AAAA", SEALED[:-4]])
def test_what_was_tampered_with_does_not_open(sealed: str) -> None:
    assert unseal(KEY, sealed) is None
