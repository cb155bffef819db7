"""Regular expressions of inputs: whether one can be read at all."""

from __future__ import annotations


def is_pattern(text: str) -> bool:
    """Whether `text` is well formed as Java's patterns are: brackets closed, nothing repeated that is not there."""
    open_groups, index, repeatable = 0, 0, False
    while index < len(text):
        character = text[index]
        if character == "\\":
            end = _after_escape(text, index)
            if end is None:
                return False
            index, repeatable = end, True
        elif character == "[":
            end = _after_class(text, index)
            if end is None:
                return False
            index, repeatable = end, True
        elif character in "*+?" and not repeatable:
            return False
        else:
            open_groups += (character == "(") - (character == ")")
            if open_groups < 0:
                return False
            index += 1 + (text[index : index + 2] == "(?")
            repeatable = character not in "(|"
    return open_groups == 0


def _after_escape(text: str, index: int) -> int | None:
    if index + 1 >= len(text):
        return None
    if text[index + 1] != "Q":
        return index + 2
    end = text.find("\\E", index + 2)
    return len(text) if end < 0 else end + 2


def _after_class(text: str, index: int) -> int | None:
    depth = 0
    while index < len(text):
        if text[index] == "\\":
            index += 2
            continue
        if text[index] == "[":
            depth += 1
            start = index + 1 + (text[index + 1 : index + 2] == "^")
            index = start + (text[start : start + 1] == "]")
            continue
        if text[index] == "]":
            depth -= 1
            if depth == 0:
                return index + 1
        index += 1
    return None
