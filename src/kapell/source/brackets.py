"""Where a cursor is inside lists and maps that are written in brackets on one line, closed or not."""

from __future__ import annotations

import re

from kapell.source.outline import Spot


def into_brackets(spot: Spot) -> Spot:
    """The same place, further inside where a list or map is written on the line."""
    text = spot.typed
    if spot.key and not text.startswith(("[", "{")):
        return spot
    steps: list[str | int] = list(spot.steps)
    opened: list[str] = []
    start, quote = 0, ""
    for index, letter in enumerate(text):
        if quote or letter in "'\"":
            quote = "" if letter == quote else quote or letter
        elif letter in "[{":
            opened.append(letter)
            steps.extend([0] if letter == "[" else [])
            start = index + 1
        elif letter == ":" and opened[-1:] == ["{"] and text[index + 1 : index + 2] in ("", " "):
            steps.append(text[start:index].strip(" '\""))
            start = index + 1
        elif letter == "," and opened:
            _next(steps, opened[-1], text[:index])
            start = index + 1
        elif letter in "]}" and opened:
            _shut(steps, opened.pop(), text[:index])
            start = index + 1
    typed = text[start:].lstrip()
    in_key = opened[-1:] == ["{"] and _awaits_key(text)
    at = spot.column + len(text) - len(typed)
    return Spot(tuple(steps), typed, at, in_key if opened else spot.key, inline=bool(opened))


def _awaits_key(text: str) -> bool:
    """Whether the innermost map that is open at the end of `text` has no key that waits for its value."""
    tail = re.split(r"[{,]", text)[-1]
    return re.search(r":(?:\s|$)", tail) is None


def _next(steps: list[str | int], bracket: str, before: str) -> None:
    if bracket == "[" and steps and isinstance(steps[-1], int):
        steps[-1] += 1
    elif bracket == "{" and steps and isinstance(steps[-1], str) and not _awaits_key(before):
        steps.pop()


def _shut(steps: list[str | int], bracket: str, before: str) -> None:
    if steps and (bracket == "[" or not _awaits_key(before)):
        steps.pop()
