"""Inputs: what was given, checked and converted by what the flow declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from msgspec import Struct

from kapell.engine.variables import Render
from kapell.errors import RenderError
from kapell.model.flow import Flow
from kapell.model.input import Input


class Resolved(Struct, frozen=True, kw_only=True):
    """Values as `{{ inputs }}` sees them (dotted ids nested), and Kestra's sentence for each input that is wrong."""

    values: dict[str, object]
    problems: dict[str, str]


def resolve(flow: Flow, given: Mapping[str, object], render: Render) -> Resolved:
    """Every declared input with its value: the one given, or its default. What is not declared is left out."""
    values: dict[str, object] = {}
    problems: dict[str, str] = {}
    for declared in flow.inputs:
        try:
            value = _value(flow, declared, given.get(declared.id), values, render)
        except Invalid as invalid:
            problems[declared.id] = str(invalid)
            continue
        _nest(values, declared.id, value)
    return Resolved(values=values, problems=problems)


class Invalid(ValueError):
    """A value that its input does not take."""


def _value(flow: Flow, declared: Input, given: object, values: Mapping[str, object], render: Render) -> object:
    if given is None and declared.defaults is not None:
        given = _default(flow, declared, values, render)
    if given is None:
        if declared.required:
            raise Invalid(f"Missing required input:{declared.id}")
        return None
    convert = _CONVERTERS.get(declared.type)
    if convert is None:
        raise Invalid(
            f"Invalid value for input `{declared.id}`. Cause: inputs of type {declared.type} are not built yet"
        )
    try:
        return convert(declared, given)
    except Invalid as invalid:
        raise Invalid(f"Invalid value for input `{declared.id}`. Cause: {invalid}") from None


def _default(flow: Flow, declared: Input, values: Mapping[str, object], render: Render) -> object:
    variables = {
        "flow": {"id": flow.id, "namespace": flow.namespace, "revision": flow.revision, "tenantId": flow.tenant},
        "inputs": values,
        "vars": flow.variables,
    }
    try:
        return render(declared.defaults, variables, True)
    except RenderError as error:
        raise Invalid(f"Invalid value for input `{declared.id}`. Cause: {error.message}") from None


def _string(declared: Input, given: object) -> str:
    text = given if isinstance(given, str) else _scalar_text(given)
    validator = declared.properties.get("validator")
    if isinstance(validator, str):
        import re

        if re.fullmatch(validator, text) is None:
            raise Invalid(f"it must match the pattern `{validator}`")
    return text


def _scalar_text(given: object) -> str:
    if isinstance(given, bool):
        return "true" if given else "false"
    return str(given)


def _int(declared: Input, given: object) -> int:
    try:
        if isinstance(given, bool | float):
            raise ValueError
        number = int(str(given).strip())
    except ValueError:
        raise Invalid(f"Cannot convert value '{given}' to Integer") from None
    least, most = declared.properties.get("min"), declared.properties.get("max")
    if isinstance(least, int) and number < least:
        raise Invalid(f"it must be more than `{least}`")
    if isinstance(most, int) and number > most:
        raise Invalid(f"it must be less than `{most}`")
    return number


def _nest(values: dict[str, object], id: str, value: object) -> None:
    *groups, last = id.split(".")
    here = values
    for group in groups:
        inner = here.setdefault(group, {})
        if not isinstance(inner, dict):
            return
        here = inner
    here[last] = value


_CONVERTERS: dict[str, Callable[[Input, object], object]] = {"STRING": _string, "INT": _int}
