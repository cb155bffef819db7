"""Filters between values and their written forms: JSON, Ion, YAML, jq, base64, URLs, hashes."""

from __future__ import annotations

import re

from kapell.errors import RenderError
from kapell.expr.javatype import is_text
from kapell.expr.printing import java_text, json_text
from kapell.expr.registry import as_filter
from kapell.expr.runtime import MISSING, Frame
from kapell.expr.value import class_name, text

_BASE64 = re.compile(r"[A-Za-z0-9+/]*")


@as_filter("toJson", also="json", lenient=True)
def to_json(value: object) -> object:
    """A value as compact JSON.

    {{ [1, 'a'] | toJson }} → [1,"a"]
    """
    return json_text(value)


@as_filter("toIon", lenient=True)
def to_ion(value: object) -> object:
    """A value as Ion text.

    {{ {'a': 1.5} | toIon }} → {a:1.5e0}
    """
    from kapell.expr.ion import ion_text

    return ion_text(value)


@as_filter("yaml", lenient=True)
def yaml(value: object) -> object:
    """A value as YAML.

    {{ {'a': 1} | yaml }} → a: 1
    """
    from kapell.expr.yamltext import yaml_text

    return "null" if value is None else yaml_text(value)


@as_filter("jq", "expression", frame=True)
def jq(frame: Frame, value: object, expression: object = MISSING) -> object:
    """The list of all that a jq program gives for a list, map or JSON text.

    {{ {'a': 1} | jq('.a') }} → [1]
    """
    if value is None:
        return None
    if expression is MISSING:
        raise RenderError("The 'jq' filter expects an argument 'expression'.")
    from kapell.expr.jq import run_jq

    try:
        return run_jq(text(expression, "jq"), value, frame.budget)
    except ValueError:
        raise RenderError(f"Unable to parse jq value '{java_text(value)}' with type '{class_name(value)}'") from None


@as_filter("base64encode", lenient=True)
def base64_encode(value: object) -> object:
    """A text as base64.

    {{ 'test' | base64encode }} → dGVzdA==
    """
    from base64 import b64encode

    return None if value is None else b64encode(_bytes(java_text(value))).decode()


@as_filter("base64decode", lenient=True)
def base64_decode(value: object) -> object:
    """The text that base64 stands for.

    {{ 'dGVzdA==' | base64decode }} → test
    """
    from base64 import b64decode

    if value is None:
        return None
    if not is_text(value):
        raise RenderError("This filter applies to String")
    digits = value.rstrip("=")
    missing, marks = -len(digits) % 4, len(value) - len(digits)
    if not _BASE64.fullmatch(digits) or missing == 3 or marks not in (0, missing):
        raise RenderError("Please provide a correctly Base64 encoded string containing an UTF-8 string")
    return b64decode(digits + "=" * missing).decode("utf-8", "replace")


@as_filter("urlencode", lenient=True, chars=100)
def url_encode(value: object) -> object:
    """A text as it may stand in a form or query.

    {{ 'a b&c' | urlencode }} → a+b%26c
    """
    from urllib.parse import quote_plus

    if value is None:
        return None
    return quote_plus(_bytes(text(value, "urlencode")), safe="*-._").replace("~", "%7E")


@as_filter("urldecode", lenient=True, chars=30)
def url_decode(value: object) -> object:
    """The text that an encoded one stands for.

    {{ 'a+b%26c' | urldecode }} → a b&c
    """
    from urllib.parse import unquote_plus

    if value is None:
        return None
    encoded = text(value, "urldecode")
    if re.search(r"%(?![0-9a-fA-F]{2})", encoded):
        raise RenderError("Incomplete or illegal escape (%) pattern in the text to decode")
    return unquote_plus(encoded)


@as_filter("md5", lenient=True)
def md5(value: object) -> object:
    """The MD5 hash of a text, in hex digits.

    {{ '' | md5 }} → d41d8cd98f00b204e9800998ecf8427e
    """
    return _hash(value, "md5")


@as_filter("sha1", lenient=True)
def sha1(value: object) -> object:
    """The SHA-1 hash of a text, in hex digits.

    {{ '' | sha1 }} → da39a3ee5e6b4b0d3255bfef95601890afd80709
    """
    return _hash(value, "sha1")


@as_filter("sha256", lenient=True)
def sha256(value: object) -> object:
    """The SHA-256 hash of a text, in hex digits.

    {{ 'a' | sha256 | slice(0, 8) }} → ca978112
    """
    return _hash(value, "sha256")


@as_filter("sha512", lenient=True)
def sha512(value: object) -> object:
    """The SHA-512 hash of a text, in hex digits.

    {{ 'a' | sha512 | slice(0, 8) }} → 1f40fc92
    """
    return _hash(value, "sha512")


def _hash(value: object, name: str) -> object:
    if value is None:
        return None
    if not is_text(value):
        raise RenderError("Need a string to hash")
    import hashlib

    return hashlib.new(name, _bytes(value), usedforsecurity=False).hexdigest()


def _bytes(value: str) -> bytes:
    return value.encode("utf-8", "replace")
