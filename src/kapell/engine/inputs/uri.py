"""Addresses, held against RFC 2396 as Java reads it."""

from __future__ import annotations

import re

from kapell.engine.inputs.invalid import Invalid, expected
from kapell.expr.printing import shown

_PARTS = re.compile(r"(?:(?P<scheme>[^:/?#]*):)?(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?(?:#(?P<fragment>.*))?", re.S)
_SCHEME = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*")
# Kestra: Java takes every other visible character beyond ASCII for granted
_PATH = re.compile(r"(?:[\w\-.!~*'();/?:@&=+$,]|%[0-9a-fA-F]{2}|[^\x00-\xa0\u2028\u2029\u3000\ud800-\udfff])*")
_LATER = re.compile(r"(?:[\w\-.!~*'();/?:@&=+$,\[\]]|%[0-9a-fA-F]{2}|[^\x00-\xa0\u2028\u2029\u3000\ud800-\udfff])*")
_HOST = re.compile(r"//(?:[^/\[\]@]*@)?\[[0-9a-fA-F:.%]+\]")


def to_uri(value: object, _: object) -> str:
    """An absolute address."""
    text = shown(value)
    parts = _PARTS.fullmatch(text)
    assert parts is not None
    scheme = parts["scheme"]
    if scheme is not None and not _SCHEME.fullmatch(scheme):
        good = _SCHEME.match(scheme)
        at = good.end() if good else 0
        raise Invalid(f"{'Expected' if not scheme else 'Illegal character in'} scheme name at index {at}: {text}")
    for name, allowed in (("path", _PATH), ("query", _LATER), ("fragment", _LATER)):
        if parts[name]:
            _check(text, parts.start(name), parts.end(name), name, allowed)
    if scheme is None:
        raise expected("URI", text, "URI is not absolute")
    if len(text) == len(scheme) + 1:
        raise Invalid(f"Expected scheme-specific part at index {len(text)}: {text}")
    return text


def _check(text: str, start: int, end: int, name: str, allowed: re.Pattern[str]) -> None:
    if name == "path" and (host := _HOST.match(text, start, end)):
        start = host.end()
    match = allowed.match(text, start, end)
    good = match.end() if match else start
    if good < end:
        what = "Malformed escape pair" if text[good] == "%" else f"Illegal character in {name}"
        raise Invalid(f"{what} at index {good}: {text}")
