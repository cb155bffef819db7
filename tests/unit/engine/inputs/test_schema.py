"""JSON inputs against a JSON schema."""

from __future__ import annotations

import pytest

from kapell.engine.inputs import Invalid, convert_value, scalar

SCHEMA = {
    "type": "object",
    "properties": {"name": {"type": "string", "pattern": "^[a-z]+$"}},
    "patternProperties": {"^n_": {"type": "integer"}},
    "additionalProperties": {"type": "boolean"},
}


def test_json_that_fits_its_schema_is_taken() -> None:
    value = {"name": "ann", "n_1": 1, "other": True}
    assert convert_value("JSON", value, {"jsonSchema": SCHEMA}) == value


def test_a_schema_may_be_text() -> None:
    assert convert_value("JSON", "3", {"jsonSchema": '{"type": "integer"}'}) == 3


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"name": "Ann"}, "$.name: 'Ann' does not match '^[a-z]+$'"),
        ({"n_1": "x"}, "$.n_1: 'x' is not of type 'integer'"),
        ({"other": 1}, "$.other: 1 is not of type 'boolean'"),
        ([], "$: [] is not of type 'object'"),
    ],
)
def test_json_that_does_not_fit_is_told_with_its_place(value: object, where: str) -> None:
    with pytest.raises(Invalid) as caught:
        convert_value("JSON", value, {"jsonSchema": SCHEMA})
    assert str(caught.value) == f"it must match the JSON schema: {where}"


def test_what_a_schema_does_not_know_may_be_refused() -> None:
    with pytest.raises(Invalid, match=r"Additional properties are not allowed \('b' was unexpected\)"):
        convert_value("JSON", {"b": 1}, {"jsonSchema": {"properties": {"a": {}}, "additionalProperties": False}})


@pytest.mark.parametrize("schema", [{"type": 3}, "{", [1], {"$ref": "http://example.com/schema"}, {"$ref": "#/nope"}])
def test_a_schema_that_is_wrong_says_so_and_fetches_nothing(schema: object) -> None:
    with pytest.raises(Invalid, match="its JSON schema can't be used"):
        convert_value("JSON", {}, {"jsonSchema": schema})


def test_a_pattern_of_a_schema_that_runs_away_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scalar, "MATCH_SECONDS", 0.05)
    with pytest.raises(Invalid, match="takes too long"):
        convert_value("JSON", ["a" * 40 + "!"], {"jsonSchema": {"items": {"pattern": r"^(a|a|aa)+$(?<!b)c"}}})
