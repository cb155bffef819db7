"""A JSON input held against its author's JSON schema: nothing is fetched, and no pattern runs for long."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Protocol

from kapell.engine.inputs.invalid import Invalid
from kapell.engine.inputs.scalar import searches
from kapell.expr.json import parse_json

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_Errors = Iterator["ValidationError"]
_Schema = Mapping[str, object] | bool


class _Validator(Protocol):
    """What is used of the library's validators."""

    def iter_errors(self, instance: object) -> _Errors: ...

    def descend(self, instance: object, schema: _Schema, path: str) -> _Errors: ...


def check_schema(value: object, schema: object) -> None:
    """Raise `Invalid` with the place where `value` does not fit best; `schema` is a map or its JSON text."""
    from jsonschema.exceptions import SchemaError, best_match
    from referencing.exceptions import Unresolvable

    try:
        error = best_match(_validator(parse_json(schema) if isinstance(schema, str) else schema).iter_errors(value))
    except Invalid:
        raise
    except (SchemaError, Unresolvable, ValueError, RecursionError) as broken:
        raise Invalid(f"its JSON schema can't be used: {getattr(broken, 'message', broken)}") from None
    if error is not None:
        raise Invalid(f"it must match the JSON schema: {error.json_path}: {error.message}")


def _validator(schema: object) -> _Validator:
    from jsonschema import Draft202012Validator, validators
    from referencing import Registry

    if not isinstance(schema, dict | bool):
        raise ValueError("it is neither a map nor a boolean")
    version = validators.validator_for(schema, default=Draft202012Validator)
    if isinstance(schema, dict):
        version.check_schema(schema)
    bounded = {"pattern": _pattern, "patternProperties": _by_pattern, "additionalProperties": _additional}
    kind = validators.extend(version, bounded)  # type: ignore[no-untyped-call]  # the library leaves it without types
    made: _Validator = kind(schema, registry=Registry())
    return made


def _pattern(_: _Validator, source: str, value: object, schema: object) -> _Errors:
    from jsonschema.exceptions import ValidationError

    if isinstance(value, str) and not searches(source, value):
        yield ValidationError(f"{value!r} does not match {source!r}")


def _by_pattern(validator: _Validator, patterns: Mapping[str, _Schema], value: object, schema: object) -> _Errors:
    for source, inner in patterns.items() if isinstance(value, Mapping) else ():
        for key, item in value.items() if isinstance(value, Mapping) else ():
            if searches(source, key):
                yield from validator.descend(item, inner, path=key)


def _additional(validator: _Validator, allowed: _Schema, value: object, schema: Mapping[str, object]) -> _Errors:
    from jsonschema.exceptions import ValidationError

    known, patterns = schema.get("properties"), schema.get("patternProperties")
    for key, item in value.items() if isinstance(value, Mapping) else ():
        if isinstance(known, Mapping) and key in known:
            continue
        if isinstance(patterns, Mapping) and any(searches(source, key) for source in patterns):
            continue
        if allowed is False:
            yield ValidationError(f"Additional properties are not allowed ({key!r} was unexpected)")
        else:
            yield from validator.descend(item, allowed, path=key)
