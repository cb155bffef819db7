"""Java's numbers: how they print, how wide they are, how they mix."""

from __future__ import annotations

from decimal import Decimal

import pytest

from kapell.expr.number import Long, Single, arithmetic, compare, decimal_text, double_text, java_class, long, single


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "-0.0"),
        (1.0, "1.0"),
        (0.001, "0.001"),
        (0.0001, "1.0E-4"),
        (9999999.0, "9999999.0"),
        (1e7, "1.0E7"),
        (1.23456789e7, "1.23456789E7"),
        (1e21, "1.0E21"),
        (-1.5e-9, "-1.5E-9"),
        (float("inf"), "Infinity"),
        (float("nan"), "NaN"),
    ],
)
def test_doubles_print_as_java_prints_them(value: float, text: str) -> None:
    assert double_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [("1.10", "1.10"), ("1E+3", "1E+3"), ("1E-7", "1E-7"), ("0.000001", "0.000001")]
)
def test_decimals_print_as_java_prints_them(value: str, text: str) -> None:
    assert decimal_text(Decimal(value)) == text


@pytest.mark.parametrize(
    ("value", "name"),
    [(1, "Integer"), (2**31, "Long"), (2**63, "BigInteger"), (Long(1), "Long"), (1.0, "Double"), (Single(1), "Float")],
)
def test_a_number_has_the_class_that_java_would_give_it(value: object, name: str) -> None:
    assert java_class(value) == name


def test_longs_wrap_and_integers_wrap_before_they_widen() -> None:
    assert long(2**63) == -(2**63)
    assert arithmetic("+", 2**31 - 1, 2**31 - 1) == -2
    assert arithmetic("+", Long(2**31 - 1), 1) == 2**31


def test_whole_division_cuts_towards_zero() -> None:
    assert arithmetic("/", Long(-7), Long(2)) == -3
    assert arithmetic("%", Long(-7), Long(3)) == -1


def test_a_double_is_divided_by_zero_without_an_error() -> None:
    assert arithmetic("/", 1.0, Long(0)) == float("inf")
    assert arithmetic("/", -1.0, 0.0) == float("-inf")


def test_numbers_of_different_classes_compare_by_their_digits() -> None:
    assert compare(1, 1.0) == 0
    assert compare(0.1, Decimal("0.1")) == 0
    assert compare(2**63, 9.3e18) < 0


def test_the_shortest_digits_stand_for_a_single() -> None:
    assert double_text(single(12.3)) == "12.3"
    assert double_text(single(0.1) + 0) == "0.1"
