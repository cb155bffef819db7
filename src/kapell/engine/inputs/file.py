"""Files that are given: an address is kept as it is, content is to be stored by whoever creates the execution."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from kapell.engine.inputs.invalid import Invalid
from kapell.expr.printing import shown

SCHEMES = ("kestra://", "nsfile://", "file://")
DEFAULT_EXTENSION = ".upl"
Properties = Mapping[str, object]


class Upload(Struct, frozen=True):
    """The content of a file, or where it lies if it may be large, with the name that it had where it came from."""

    name: str
    content: bytes | Path


def given_file(id: str, value: object, properties: Properties) -> str | Upload:
    """The address of a file that there is already, or the content of a new one."""
    if isinstance(value, str) and value.startswith(SCHEMES):
        _check_name(value, properties)
        return value
    if not isinstance(value, Upload):
        content = bytes(value) if isinstance(value, bytes | bytearray) else shown(value).encode()
        return Upload(f"{id.rpartition('.')[2]}{_extension(properties)}", content)
    _check_name(value.name, properties)
    return value


def to_address(value: object, properties: Properties) -> str:
    """The address of a file, where there is nobody who could store content."""
    text = shown(value)
    if not text.startswith(SCHEMES):
        raise Invalid(
            f"Expected `FILE` but received `{text}` with errors: `it is no kestra:///, nsfile:/// or file:///`"
        )
    _check_name(text, properties)
    return text


def _allowed(properties: Properties) -> tuple[str, ...]:
    found = properties.get("allowedFileExtensions")
    listed = found if isinstance(found, list | tuple) else ()
    return tuple(f".{str(item).lower().removeprefix('.')}" for item in listed)


def _extension(properties: Properties) -> str:
    given = properties.get("extension")
    return next(iter(_allowed(properties)), str(given) if given else DEFAULT_EXTENSION)


def _check_name(name: str, properties: Properties) -> None:
    allowed = _allowed(properties)
    if allowed and not name.lower().endswith(allowed):
        raise Invalid(f"File type not allowed. Accepted extensions: {', '.join(allowed)}")
