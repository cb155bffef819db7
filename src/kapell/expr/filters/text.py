"""Filters that change text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

from kapell.errors import RenderError
from kapell.expr import regexp, utf16
from kapell.expr.budget import Walk
from kapell.expr.javamap import hashed
from kapell.expr.javatype import Array, KeySet, Values, is_collection, is_text
from kapell.expr.lexer import BLANK, SPACE
from kapell.expr.printing import java_text
from kapell.expr.registry import as_filter
from kapell.expr.runtime import MISSING, Frame
from kapell.expr.value import class_name, given, kind, long, optional_text, text, whole


@as_filter("upper", lenient=True)
def upper(value: object) -> object:
    """Every letter as a capital.

    {{ 'abc' | upper }} → ABC
    """
    return None if value is None else text(value, "upper").upper()


@as_filter("lower", lenient=True)
def lower(value: object) -> object:
    """Every letter as a small one.

    {{ 'ABC' | lower }} → abc
    """
    return None if value is None else text(value, "lower").lower()


@as_filter("capitalize", lenient=True, chars=100)
def capitalize(value: object) -> object:
    """The first letter as a capital; white space before it stays.

    {{ 'abc def' | capitalize }} → Abc def
    """
    if value is None:
        return None
    whole_text = text(value, "capitalize")
    return next(
        (whole_text[:i] + _title(c) + whole_text[i + 1 :] for i, c in enumerate(whole_text) if c not in SPACE),
        whole_text,
    )


@as_filter("title", lenient=True, chars=50)
def title(value: object) -> object:
    """The first letter of every word as a capital.

    {{ 'abc def' | title }} → Abc Def
    """
    if value is None:
        return None
    made, starts = [], True
    for character in text(value, "title"):
        made.append(_title(character) if starts else character)
        starts = character in SPACE
    return "".join(made)


def _title(character: str) -> str:
    changed = character.title()
    return changed if len(changed) == 1 else character


@as_filter("trim", lenient=True)
def trim(value: object) -> object:
    """Without the blanks and control characters at both ends.

    {{ ' a ' | trim }} → a
    """
    return None if value is None else text(value, "trim").strip(BLANK)


@as_filter("abbreviate", "length")
def abbreviate(value: object, length: object = MISSING) -> object:
    """Cut to a length, the three dots at the end included.

    {{ 'this is long' | abbreviate(7) }} → this...
    """
    if value is None:
        return None
    whole_text, most = text(value, "abbreviate"), long(length, "abbreviate")
    if most < 0:
        raise RenderError("Invalid argument to abbreviate filter; must be greater than zero")
    size = utf16.length(whole_text)
    if size < most or size <= 3:
        return whole_text
    return utf16.part(whole_text, 0, most) if most <= 3 else utf16.part(whole_text, 0, most - 3) + "..."


@as_filter("default", "default")
def default(value: object, fallback: object = MISSING) -> object:
    """Another value where this one is undefined, null or empty.

    {{ inputs.missing | default('d') }} → d
    """
    empty = value is None or (is_text(value) and not value.strip(BLANK))
    if empty or ((is_collection(value) or isinstance(value, Mapping)) and not len(value)):
        return given(fallback)
    return value


@as_filter("string", lenient=True)
def string(value: object) -> object:
    """The text form of a value.

    {{ 42 | string }} → 42
    """
    return None if value is None else java_text(value)


@as_filter("split", "delimiter", "limit", frame=True)
def split(frame: Frame, value: object, delimiter: object = MISSING, limit: object = MISSING) -> object:
    """A list of the parts between the matches of a regular expression; empty ones at the end are dropped.

    {{ 'a,b' | split(',') }} → ["a","b"]
    """
    if value is None:
        return None
    if given(delimiter) is None:
        raise RenderError("missing delimiter parameter in split filter")
    most = 0 if given(limit) is None else whole(limit, "split")
    return Array(regexp.split(text(delimiter, "split"), text(value, "split"), most, frame.budget))


@as_filter("startsWith", "value")
def starts_with(value: object, start: object = MISSING) -> object:
    """Whether a text starts with another.

    {{ 'abc' | startsWith('ab') }} → true
    """
    if given(start) is None:
        raise RenderError("The 'startsWith' filter expects an argument 'value'.")
    return value is not None and java_text(value).startswith(java_text(start))


@as_filter("endsWith", "value")
def ends_with(value: object, end: object = MISSING) -> object:
    """Whether a text ends with another.

    {{ 'abc' | endsWith('bc') }} → true
    """
    if given(end) is None:
        raise RenderError("The 'endsWith' filter expects an argument 'value'.")
    return value is not None and java_text(value).endswith(java_text(end))


@as_filter("substringBefore", "separator")
def substring_before(value: object, separator: object = MISSING) -> object:
    """What stands before the first separator; all of it when there is none.

    {{ 'a.b.c' | substringBefore('.') }} → a
    """
    return _around(value, separator, "substringBefore", lambda s, at: s if at < 0 else s[:at], last=False)


@as_filter("substringBeforeLast", "separator")
def substring_before_last(value: object, separator: object = MISSING) -> object:
    """What stands before the last separator; all of it when there is none.

    {{ 'a.b.c' | substringBeforeLast('.') }} → a.b
    """
    return _around(value, separator or None, "substringBeforeLast", lambda s, at: s if at < 0 else s[:at], last=True)


@as_filter("substringAfter", "separator")
def substring_after(value: object, separator: object = MISSING) -> object:
    """What stands behind the first separator; nothing when there is none.

    {{ 'a.b.c' | substringAfter('.') }} → b.c
    """
    return _around(value, separator, "substringAfter", _behind(separator), last=False)


@as_filter("substringAfterLast", "separator")
def substring_after_last(value: object, separator: object = MISSING) -> object:
    """What stands behind the last separator; nothing when there is none.

    {{ 'a.b.c' | substringAfterLast('.') }} → c
    """
    return _around(value, separator or None, "substringAfterLast", _behind(separator), last=True)


def _behind(separator: object) -> Callable[[str, int], str]:
    size = len(separator) if isinstance(separator, str) else 0
    return lambda s, at: "" if at < 0 else s[at + size :]


def _around(value: object, separator: object, name: str, cut: Callable[[str, int], str], *, last: bool) -> object:
    if value is None:
        return None
    if separator is MISSING:
        raise RenderError(f"The '{name}' filter expects an argument 'separator'.")
    whole_text, mark = java_text(value), optional_text(separator, name)
    if mark is None:
        return cut(whole_text, -1)
    return cut(whole_text, whole_text.rfind(mark) if last else whole_text.find(mark))


@as_filter("slugify", lenient=True, chars=50)
def slugify(value: object) -> object:
    """Small letters and digits with dashes between them.

    {{ 'Hello World!' | slugify }} → hello-world
    """
    if value is None:
        return None
    plain = unicodedata.normalize("NFD", re.sub(r"\s", "-", java_text(value), flags=re.A))
    plain = re.sub(r"[^\w-]", "", plain, flags=re.A).lower()
    return re.sub(r"[-_]+", "-", plain).strip("-")


@as_filter("indent", "amount", "prefix", frame=True)
def indent(frame: Frame, value: object, amount: object = MISSING, prefix: object = MISSING) -> object:
    """Every line but the first moved to the right.

    {{ 'a⏎b' | indent(2) }} → a⏎  b
    """
    return _indent(frame, "indent", value, amount, prefix)


@as_filter("nindent", "amount", "prefix", frame=True)
def nindent(frame: Frame, value: object, amount: object = MISSING, prefix: object = MISSING) -> object:
    """A line end, then every line moved to the right.

    {{ 'a' | nindent(2) }} → ⏎  a
    """
    return _indent(frame, "nindent", value, amount, prefix)


def _indent(frame: Frame, name: str, value: object, amount: object, prefix: object) -> object:
    if value is None or value == "":
        return value
    if amount is MISSING:
        raise RenderError(f"The '{name}' filter expects an integer as argument 'amount'.")
    times = long(amount, name)
    if times < 0:
        raise RenderError(f"The '{name}' filter expects a positive integer >=0 as argument 'amount'.")
    whole_text, pad = java_text(value), " " if prefix is MISSING else text(prefix, name)
    end = next((e for e in ("\r\n", "\n\r", "\n", "\r") if e in whole_text), "\n")
    if name == "nindent":
        whole_text = end + whole_text
    frame.budget.room(len(whole_text) + whole_text.count(end) * len(pad) * times)
    return whole_text.replace(end, end + pad * times)


@as_filter("nl2br", lenient=True, chars=50)
def nl2br(value: object) -> object:
    """Line ends as HTML breaks.

    {{ 'a⏎b' | nl2br }} → a<br />b
    """
    return None if value is None else re.sub(r"\r\n|\n|\r", "<br />", text(value, "nl2br"))


@as_filter("escapeChar", "type")
def escape_char(value: object, type: object = MISSING) -> object:
    """Single or double quotes escaped with a backslash, or for a shell; in all texts of a list or map.

    {{ 'say "hi"' | escapeChar('double') }} → say \\"hi\\"
    """
    if value is None:
        return None
    if type is MISSING:
        raise RenderError("The 'escapeChar' filter expects an argument 'type'.")
    found = _ESCAPES.get(text(type, "escapeChar").lower())
    if found is None:
        raise RenderError(
            "The 'escapeChar' filter expects the value of 'type' to be either 'single', 'double', or 'shell'."
        )
    return _each_text(value, lambda s: s.replace(*found))


_ESCAPES = {"single": ("'", "\\'"), "double": ('"', '\\"'), "shell": ("'", "'\\''")}


@as_filter("replace", "replace_pairs", "regexp", frame=True)
def replace(frame: Frame, value: object, pairs: object = MISSING, by_regexp: object = MISSING) -> object:
    """Each key of a map replaced by its value, as plain text or regular expression; in all texts of a list or map.

    {{ 'aabb' | replace({'a': 'x'}) }} → xxbb
    """
    if value is None:
        return None
    if given(pairs) is None:
        raise RenderError("The argument 'replace_pairs' is required.")
    if not isinstance(pairs, Mapping):
        raise RenderError("'replace' needs a map")
    if by_regexp is not MISSING and not isinstance(by_regexp, bool):
        raise RenderError(f"'replace' needs true or false as 'regexp', not {kind(by_regexp)}")
    use_regexp = by_regexp is True

    def change(whole_text: str) -> str:
        for key, item in pairs.items():
            old, new = _never_null(key), _never_null(item)
            if use_regexp:
                whole_text = regexp.replace(old, new, whole_text, frame.budget)
            else:
                count = whole_text.count(old)
                frame.budget.room(len(whole_text) + count * (len(new) - len(old)))
                whole_text = whole_text.replace(old, new)
        return whole_text

    return _each_text(value, change)


def _each_text(value: object, change: Callable[[str], str], walk: Walk | None = None) -> object:
    if not isinstance(value, (list, tuple, Mapping)) or isinstance(value, (KeySet, Values)):
        return change(_never_null(value))
    walk = walk or Walk()
    walk.enter(len(value))
    if isinstance(value, Mapping):
        return hashed({key: _each_text(item, change, walk) for key, item in value.items()})
    return [_each_text(item, change, walk) for item in value]


def _never_null(value: object) -> str:
    """Kestra: a null among the values to change is an error."""
    if value is None:
        raise RenderError("A null can't be changed: it is no text")
    return java_text(value)


@as_filter("regexMatch", "regex", frame=True)
def regex_match(frame: Frame, value: object, regex: object = MISSING) -> object:
    """Whether a regular expression is found in a text.

    {{ 'abc1' | regexMatch('[a-z]+[0-9]') }} → true
    """
    if value is None:
        return False
    return regexp.search(_required(regex, "regex"), java_text(value), frame.budget) is not None


@as_filter("regexReplace", "regex", "replacement", frame=True)
def regex_replace(frame: Frame, value: object, regex: object = MISSING, replacement: object = MISSING) -> object:
    """All matches of a regular expression replaced; `$1` is its first group.

    {{ 'hello' | regexReplace('l+', 'L') }} → heLo
    """
    if value is None:
        return None
    source, new = _required(regex, "regex"), _required(replacement, "replacement")
    return regexp.replace(source, new, java_text(value), frame.budget)


@as_filter("regexExtract", "regex", "group", frame=True)
def regex_extract(frame: Frame, value: object, regex: object = MISSING, group: object = MISSING) -> object:
    """The first match of a regular expression or one of its groups; null when there is none.

    {{ 'k=v' | regexExtract('(.)=(.)', 2) }} → v
    """
    if value is None:
        return None
    source = _required(regex, "regex")
    number = 0 if given(group) is None else whole(group, "regexExtract")
    groups = regexp.pattern(source).groups
    if not 0 <= number <= groups:
        raise RenderError(f"Group index {number} is out of bounds: the pattern has only {groups} capture group(s).")
    match = regexp.search(source, java_text(value), frame.budget)
    return None if match is None else match.group(number)


def _required(value: object, name: str) -> str:
    if given(value) is None:
        raise RenderError(f"The argument '{name}' is required.")
    return java_text(value)


@as_filter("className", lenient=True)
def class_name_of(value: object) -> object:
    """The name of the Java class that Kestra would have for a value.

    {{ 1.5 | className }} → java.lang.Double
    """
    return None if value is None else class_name(value)
