"""Values → text: as a print shows them (lists and maps as JSON), and as Java's `toString` would."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from json.encoder import encode_basestring

from kapell.expr.budget import Walk, checked
from kapell.expr.javatype import Character, MacroText
from kapell.expr.number import Long, Single, double_text, number_text, plain, plain_decimal, whole_text
from kapell.expr.sealed import MASK, Sealed


class Entry(dict[str, object]):
    """A map's entry in a loop, with `key` and `value`; Java prints it as `key=value`."""

    __slots__ = ()


class Loop(dict[str, object]):
    """The `loop` of a `for`; Java prints it as `{last=false, length=2, index=0, revindex=1, first=true}`."""

    __slots__ = ()


def as_map(value: Mapping[object, object]) -> Mapping[object, object]:
    """The map that an entry stands for in JSON and Ion, and that a loop's names are; any other map is itself."""
    if isinstance(value, Entry):
        return {value["key"]: value["value"]}
    if isinstance(value, Loop):
        return {name: value[name] for name in ("first", "last", "length", "index", "revindex")}
    return value


_CONTROL = re.compile(r"\\(?:\\|u00[0-9a-f]{2})")


def shown(value: object) -> str:
    """The text that `{{ value }}` prints."""
    kind = type(value)
    if kind is str:
        return value  # type: ignore[return-value]  # the line above has checked it, faster than isinstance
    if value is None:
        return ""
    if kind is not Entry and kind is not Loop and isinstance(value, (list, tuple, Mapping)):
        return json_text(value)
    return plain_decimal(value) if kind is Decimal else java_text(value)  # type: ignore[arg-type]  # just tested


def java_text(value: object) -> str:
    """Java's `String.valueOf`: `{a=1, b=[2, null]}`."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        return number_text(value)
    if isinstance(value, (list, tuple, Mapping)):
        out: list[str] = []
        _write_java(value, out)
        return "".join(out)
    return scalar_text(value)


def _write_java(value: object, out: list[str]) -> None:
    if isinstance(value, Entry):
        _write_java(value["key"], out)
        out.append("=")
        _write_java(value["value"], out)
    elif isinstance(value, Mapping):
        checked(out)
        before = "{"
        for key, item in value.items():
            out += (before, java_text(key), "=")
            _write_java(item, out)
            before = ", "
        out.append("}" if before == ", " else "{}")
    elif isinstance(value, (list, tuple)):
        checked(out)
        before = "["
        for item in value:
            out.append(before)
            _write_java(item, out)
            before = ", "
        out.append("]" if before == ", " else "[]")
    else:
        out.append(java_text(value))


def scalar_text(value: object) -> str:
    """Dates and spans in ISO form, bytes as base64, anything else by its kind alone."""
    if isinstance(value, datetime):
        return instant_text(value)
    if isinstance(value, time):
        return clock_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return duration_text(value)
    if isinstance(value, bytes):
        from base64 import b64encode

        return b64encode(value).decode()
    return MASK if isinstance(value, Sealed) else type(value).__name__


def instant_text(value: datetime) -> str:
    """As Java prints it: fractions in groups of three, `Z` for UTC; without a zone when it has none."""
    offset = value.utcoffset()
    zone = "" if offset is None else "Z" if not offset else value.isoformat()[-6:]
    return f"{value.date().isoformat()}T{clock_text(value.time(), seconds=True)}{zone}"


def clock_text(value: time, *, seconds: bool = False) -> str:
    """A time of day; seconds only where there are any, unless asked for."""
    text = f"{value.hour:02}:{value.minute:02}"
    if seconds or value.second or value.microsecond:
        text += f":{value.second:02}"
    if value.microsecond:
        digits = f"{value.microsecond:06}"
        text += "." + (digits[:3] if digits.endswith("000") else digits)
    return text


def duration_text(value: timedelta) -> str:
    """As Java prints a Duration: `PT1H30M`, `PT0.5S`, `PT-1S`."""
    micros = round(value / timedelta(microseconds=1))
    sign = "-" if micros < 0 else ""
    seconds, micros = divmod(abs(micros), 1_000_000)
    hours, seconds = divmod(seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    text = "PT"
    text += f"{sign}{hours}H" if hours else ""
    text += f"{sign}{minutes}M" if minutes else ""
    if seconds or micros or text == "PT":
        fraction = f".{micros:06}".rstrip("0") if micros else ""
        text += f"{sign if seconds or micros else ''}{seconds}{fraction}S"
    return text


def json_text(value: object) -> str:
    """Compact JSON with Java's doubles; a null in a map is left out, in a list it stays."""
    out: list[str] = []
    _write_json(value, out)
    return "".join(out)


def _write_json(value: object, out: list[str]) -> None:
    if isinstance(value, str):
        out.append(quoted(value))
    elif value is None:
        out.append("null")
    elif isinstance(value, bool):
        out.append("true" if value else "false")
    elif isinstance(value, int):
        out.append(whole_text(value))
    elif isinstance(value, float):
        text = double_text(value)
        out.append(text if text[-1].isdigit() else f'"{text}"')
    elif isinstance(value, Mapping):
        _write_map(value, out)
    elif isinstance(value, (list, tuple)):
        _write_list(value, out)
    else:
        out.append(number_text(value) if isinstance(value, Decimal) else quoted(scalar_text(value)))


def _write_map(value: Mapping[object, object], out: list[str]) -> None:
    checked(out)
    before = "{"
    for key, item in as_map(value).items():
        if item is None:
            continue
        out.append(before)
        out.append(quoted(java_text(key)))
        out.append(":")
        _write_json(item, out)
        before = ","
    out.append("}" if before == "," else "{}")


def _write_list(value: list[object] | tuple[object, ...], out: list[str]) -> None:
    checked(out)
    before = "["
    for item in value:
        out.append(before)
        _write_json(item, out)
        before = ","
    out.append("]" if before == "," else "[]")


def quoted(text: str) -> str:
    """A JSON string; control characters with capital hex digits, as Jackson writes them."""
    made = encode_basestring(text)
    return _CONTROL.sub(_capital, made) if "\\u00" in made else made


def _capital(escape: re.Match[str]) -> str:
    return escape[0][:4] + escape[0][4:].upper()


def to_python(value: object, walk: Walk | None = None) -> object:
    """The same value in Python's own types; unchanged parts are kept, lazy mappings are not looked into."""
    kind = type(value)
    if kind is Long or kind is Single or kind is Decimal:
        return plain(value)  # type: ignore[arg-type]  # one of the three just tested
    if kind is Character or kind is MacroText:
        return str(value)
    if not isinstance(value, (list, tuple, dict)):
        return value
    walk = walk or Walk()
    walk.enter(len(value))
    if isinstance(value, dict):
        pairs = {to_python(k): to_python(v, walk) for k, v in value.items()}
        same = all(v is w for v, w in zip(value.values(), pairs.values(), strict=False))
        return value if same and len(pairs) == len(value) and not any(type(k) is Long for k in value) else pairs
    changed = [to_python(item, walk) for item in value]
    return value if kind is list and all(a is b for a, b in zip(value, changed, strict=True)) else changed
