"""One value of each type: what it becomes, or Kestra's sentence about it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kapell.engine.inputs import Invalid, convert_value, scalar
from kapell.engine.inputs.convert import _CONVERTERS
from kapell.source.inputs import OWN

GOOD: list[tuple[str, object, dict[str, object], object]] = [
    ("STRING", "txt", {}, "txt"),
    ("STRING", 1, {}, "1"),
    ("STRING", True, {}, "true"),
    ("STRING", 1000.0, {}, "1000.0"),
    ("STRING", {"n": 5, "l": [1, 2]}, {}, '{"n":5,"l":[1,2]}'),
    ("STRING", "A12", {"validator": r"A\d+"}, "A12"),
    ("INT", "42", {}, 42),
    ("INT", " -7 ", {}, -7),
    ("INT", 8, {"min": 8, "max": 8}, 8),
    ("FLOAT", "1.50", {}, 1.5),
    ("FLOAT", 1, {}, 1.0),
    ("FLOAT", "1e3", {"min": 0.1, "max": "2000"}, 1000.0),
    ("BOOL", "TRUE", {}, True),
    ("BOOL", "maybe", {}, False),
    ("BOOLEAN", False, {}, False),
    ("SELECT", "b", {"values": ["a", "b"]}, "b"),
    ("SELECT", 2, {"values": [1, 2]}, "2"),
    ("SELECT", "x", {"values": [{"label": "Ex", "value": "x"}]}, "x"),
    ("SELECT", "zzz", {"values": ["a"], "allowCustomValue": True}, "zzz"),
    ("ENUM", "A", {"values": ["A"]}, "A"),
    ("MULTISELECT", ["a", "c"], {"values": ["a", "b", "c"]}, ["a", "c"]),
    ("MULTISELECT", '["a"]', {"values": ["a"]}, ["a"]),
    ("MULTISELECT", "a", {"options": ["a"]}, ["a"]),
    ("MULTISELECT", ["1"], {"values": ["1", "2"], "itemType": "INT"}, [1]),
    ("DATETIME", "2024-03-15T10:20:30Z", {}, "2024-03-15T10:20:30.000000Z"),
    ("DATETIME", "2024-03-15T10:20:30.5+02:00", {}, "2024-03-15T08:20:30.500000Z"),
    ("DATETIME", datetime(2024, 3, 15, tzinfo=UTC), {}, "2024-03-15T00:00:00.000000Z"),
    ("DATETIME", "0024-03-15T10:20Z", {}, "0024-03-15T10:20:00.000000Z"),
    ("DATE", "2024-03-15", {"after": "2024-03-15", "before": "2024-03-15"}, "2024-03-15"),
    ("DATE", date(2024, 3, 15), {}, "2024-03-15"),
    ("TIME", "10:20:30", {}, "10:20:30"),
    ("TIME", "10:30", {}, "10:30:00"),
    ("TIME", "10:30:00.5", {}, "10:30:00.500"),
    ("DURATION", "PT5M", {}, 300.0),
    ("DURATION", 5400.0, {}, 5400.0),
    ("DURATION", timedelta(seconds=15), {"min": "PT10S", "max": "PT20S"}, 15.0),
    ("FILE", "kestra:///a/b.csv", {"allowedFileExtensions": [".csv"]}, "kestra:///a/b.csv"),
    ("JSON", '{"a": [1, 2]}', {}, {"a": [1, 2]}),
    ("JSON", '"text"', {}, "text"),
    ("JSON", [1, {"b": None}], {}, [1, {"b": None}]),
    ("JSON", {"when": date(2024, 1, 1), "n": Decimal("1.5")}, {}, {"when": "2024-01-01", "n": 1.5}),
    ("YAML", "a: yes\nb: 010\nc: 2024-01-01", {}, {"a": True, "b": 8, "c": "2024-01-01"}),
    ("YAML", {"a": 1}, {}, {"a": 1}),
    ("ION", "{a: 1.50, t: 2024-01-01T, d: 2d0}", {}, {"a": 1.5, "t": "2024-01-01", "d": 2}),
    ("ION", "1 2", {}, [1, 2]),
    ("URI", "https://ex.com/x?a=1#b", {}, "https://ex.com/x?a=1#b"),
    ("URI", "http://[::1]:8080/é%20x", {}, "http://[::1]:8080/é%20x"),
    ("URI", "mailto:ann@ex.com", {}, "mailto:ann@ex.com"),
    ("EMAIL", "ann@ex.com", {}, "ann@ex.com"),
    ("ARRAY", '["p", "q"]', {"itemType": "STRING"}, ["p", "q"]),
    ("ARRAY", [1, "2"], {"itemType": "INT"}, [1, 2]),
    ("ARRAY", [1, {"a": "x"}], {}, [1, {"a": "x"}]),
]

BAD: list[tuple[str, object, dict[str, object], str]] = [
    ("STRING", "A1", {"validator": "^[a-z]+$"}, "it must match the pattern `^[a-z]+$`"),
    ("STRING", "ab\n", {"validator": "[a-z]+"}, "it must match the pattern `[a-z]+`"),
    ("INT", "x", {}, "Cannot convert value 'x' to Integer"),
    ("INT", "1_000", {}, "Cannot convert value '1_000' to Integer"),
    ("INT", "3.0", {}, "Cannot convert value '3.0' to Integer"),
    ("INT", True, {}, "Cannot convert value 'true' to Integer"),
    ("INT", 2**31, {}, "Cannot convert value '2147483648' to Integer"),
    ("INT", "9" * 5000, {}, f"Cannot convert value '{'9' * 200}…' to Integer"),
    ("INT", 0, {"min": 1}, "it must be more than `1`"),
    ("INT", 11, {"max": 10}, "it must be less than `10`"),
    ("FLOAT", "y", {}, "Cannot convert value 'y' to Float"),
    ("FLOAT", "1e999", {}, "Cannot convert value '1e999' to Float"),
    ("FLOAT", "NaN", {}, "Cannot convert value 'NaN' to Float"),
    ("FLOAT", "9.5", {"max": 2.5}, "it must be less than `2.5`"),
    ("FLOAT", "0.5", {"min": 1}, "it must be more than `1.0`"),
    ("SELECT", "zzz", {"values": ["a", "b"]}, "it must match the values `[a, b]`"),
    ("MULTISELECT", ["a", "zzz"], {"values": ["a", "b"]}, "value `zzz` doesn't match the values `[a, b]`"),
    ("MULTISELECT", ["x"], {"values": ["1"], "itemType": "INT"}, "Unable to parse array element as `INT` on `x`"),
    ("DATETIME", "2024-03-15", {}, "Cannot convert value '2024-03-15' to Instant"),
    ("DATETIME", "2024-02-30T10:00:00Z", {}, "Cannot convert value '2024-02-30T10:00:00Z' to Instant"),
    ("DATETIME", "2024-03-15T10:20:30Z", {"after": "2025-01-01T00:00:00Z"}, "it must be after `2025-01-01T00:00:00Z`"),
    ("DATE", "15/03/2024", {}, "Cannot convert value '15/03/2024' to LocalDate"),
    ("DATE", "20240315", {}, "Cannot convert value '20240315' to LocalDate"),
    ("DATE", "2020-01-01", {"after": "2023-01-01"}, "it must be after `2023-01-01`"),
    ("DATE", "2026-01-01", {"before": "2025-01-01"}, "it must be before `2025-01-01`"),
    ("TIME", "25:00", {}, "Cannot convert value '25:00' to LocalTime"),
    ("TIME", "00:30", {"after": "01:00:00"}, "it must be after `01:00`"),
    ("DURATION", "5 minutes", {}, "Cannot convert value '5 minutes' to Duration"),
    ("DURATION", "PT30S", {"max": "PT20S"}, "it must be less than `PT20S`"),
    ("FILE", "kestra:///b.txt", {"allowedFileExtensions": ["csv"]}, "File type not allowed. Accepted extensions: .csv"),
    ("JSON", "{", {}, "Expected `JSON` but received `{` with errors: `"),
    ("YAML", "a: [", {}, "Expected `YAML` but received `a: [` with errors: `"),
    ("ION", "{a", {}, "Expected `ION` but received `{a` with errors: `"),
    ("URI", "not a uri", {}, "Illegal character in path at index 3: not a uri"),
    ("URI", "http://ex.com/?a=^", {}, "Illegal character in query at index 17: http://ex.com/?a=^"),
    ("URI", "http://ex.com/#a b", {}, "Illegal character in fragment at index 16: http://ex.com/#a b"),
    ("URI", "http://ex.com/%zz", {}, "Malformed escape pair at index 14: http://ex.com/%zz"),
    ("URI", "1x:y", {}, "Illegal character in scheme name at index 0: 1x:y"),
    ("URI", "h_p:y", {}, "Illegal character in scheme name at index 1: h_p:y"),
    ("URI", ":y", {}, "Expected scheme name at index 0: :y"),
    ("URI", "http:", {}, "Expected scheme-specific part at index 5: http:"),
    ("URI", "a/b", {}, "Expected `URI` but received `a/b` with errors: `URI is not absolute`"),
    ("EMAIL", "nope", {}, "The input must be a valid email"),
    ("ARRAY", '[1, "x"]', {"itemType": "INT"}, "Unable to parse array element as `INT` on `x`"),
    ("ARRAY", "x", {"itemType": "INT"}, "Cannot convert value 'x' to List"),
    ("ARRAY", {"a": 1}, {}, "Cannot convert value '{\"a\":1}' to List"),
    ("SECRET", "x", {}, "Unable to use a `SECRET` input/output as encryption is not configured"),
]


@pytest.mark.parametrize(("type", "value", "properties", "expected"), GOOD)
def test_a_value_becomes_what_a_row_can_hold(
    type: str, value: object, properties: dict[str, object], expected: object
) -> None:
    found = convert_value(type, value, properties)
    assert found == expected
    assert found.__class__ is expected.__class__


@pytest.mark.parametrize(("type", "value", "properties", "sentence"), BAD)
def test_a_value_that_its_type_does_not_take_is_told_in_kestras_words(
    type: str, value: object, properties: dict[str, object], sentence: str
) -> None:
    with pytest.raises(Invalid) as caught:
        convert_value(type, value, properties)
    assert str(caught.value).startswith(sentence)
    assert sentence.endswith("errors: `") or str(caught.value) == sentence


@pytest.mark.parametrize("type", [type for type in OWN if type != "FORM"])
def test_every_type_that_a_flow_may_declare_has_a_converter(type: str) -> None:
    assert type in _CONVERTERS


@given(type=st.sampled_from([type for type in OWN if type != "FORM"]), value=st.text(max_size=40))
def test_any_text_is_taken_or_refused_but_never_breaks(type: str, value: str) -> None:
    try:
        once = convert_value(type, value, {})
    except Invalid:
        return
    if type not in ("YAML", "ION", "JSON"):
        assert convert_value(type, once, {}) == once


def test_a_validator_that_runs_away_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scalar, "MATCH_SECONDS", 0.05)
    with pytest.raises(Invalid, match="takes too long on this value"):
        convert_value("STRING", "a" * 40 + "!", {"validator": r"(a|a|aa)+$(?<!b)c"})


def test_nested_text_that_never_ends_is_refused() -> None:
    for type in ("JSON", "YAML", "ION"):
        with pytest.raises(Invalid):
            convert_value(type, "[" * 100_000, {})
