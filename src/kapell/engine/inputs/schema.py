"""A JSON input held against its author's JSON schema: nothing is fetched, and no pattern runs for long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from kapell.engine.inputs.invalid import Invalid
from kapell.expr.json import parse_json

if TYPE_CHECKING:
    from jsonschema.protocols import Validator

MATCH_SECONDS = 1.0


def check_schema(value: object, schema: object) -> None:
    """Raise `Invalid` with the first place where `value` does not fit; `schema` is a map or its JSON text."""
    from jsonschema.exceptions import SchemaError, _WrappedReferencingError, best_match

    if isinstance(schema, str):
        try:
            schema = parse_json(schema)
        except ValueError as error:
            raise Invalid(f"its JSON schema can't be read: {error}") from None
    try:
        error = best_match(_validator(schema).iter_errors(value))
    except (SchemaError, _WrappedReferencingError, RecursionError) as broken:
        raise Invalid(f"its JSON schema is wrong: {getattr(broken, 'message', broken)}") from None
    if error is not None:
        raise Invalid(f"it must match the JSON schema: {error.json_path}: {error.message}")
