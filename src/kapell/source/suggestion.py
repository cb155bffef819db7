"""What can be written inside an expression: variables as they are known at that place, filters, functions, tests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from kapell.expr import registry
from kapell.source.calls import FlowLookup
from kapell.source.completion import Completion, CompletionKind
from kapell.source.nodes import MapNode
from kapell.source.outline import Outline
from kapell.source.parse import Parsed, parse
from kapell.source.problem import Findings
from kapell.source.read import read
from kapell.source.variable import Variable, in_flow

LONGEST = 2000
"""How many characters before the cursor are looked at."""
_NAME = r"[A-Za-z_]\w*"
_PATH = rf"{_NAME}(?:\.\w+|\[\s*(?:'[^']*'|\"[^\"]*\"|\w+)\s*\])*"
_FILTER = re.compile(r"(?<!\|)\|\s*(?P<typed>\w*)$")
_TEST = re.compile(r"\bis\s+(?:not\s+)?(?P<typed>\w*)$")
_KEY = re.compile(rf"(?P<path>{_PATH})\[\s*(?P<quote>['\"])(?P<typed>[^'\"]*)$")
_MEMBER = re.compile(rf"(?P<path>{_PATH})\.(?P<typed>[\w-]*)$")
_WORD = re.compile(r"(?P<typed>\w*)$")
_PART = re.compile(r"\.(\w+)|\[\s*(?:'([^']*)'|\"([^\"]*)\"|(\w+))\s*\]")
_TAGS = {
    "if": "Print what follows only where a condition holds.",
    "elseif": "Another condition, where those before did not hold.",
    "else": "Where no condition held, or a loop had nothing to go through.",
    "endif": "The end of an `if`.",
    "for": "Print what follows for each item of a list: `for item in list`.",
    "endfor": "The end of a `for`.",
    "set": "Give a name to a value: `set name = value`.",
    "macro": "Give a name to what is printed with changing arguments.",
    "endmacro": "The end of a `macro`.",
    "filter": "Send what is printed through filters.",
    "endfilter": "The end of a `filter`.",
    "raw": "Print what follows as it is written.",
    "endraw": "The end of a `raw`.",
}
_EXAMPLE = re.compile(r"\{[{%].*[}%]\} → ")


def suggestions(
    text: str, outline: Outline, opened: tuple[str, str], column: int, flows: FlowLookup | None = None
) -> list[Completion]:
    """What can be written in the expression that is `opened`: its bracket, and its text up to the cursor."""
    bracket, written = opened[0], opened[1][-LONGEST:]
    known = partial(_variables, text, outline, flows)
    if found := _KEY.search(written):
        return _members(known(), outline, found, _at(found, column), in_brackets=True)
    if _quote_at_end(written):
        return []
    registry.load()
    if found := _FILTER.search(written):
        return _fit(_entries(registry.FILTERS, "filter", _at(found, column)), found["typed"])
    if found := _TEST.search(written):
        return _fit(_entries(registry.TESTS, "test", _at(found, column)), found["typed"])
    if found := _MEMBER.search(written):
        return _members(known(), outline, found, _at(found, column), in_brackets=False)
    found = _WORD.search(written)
    assert found is not None
    at = _at(found, column)
    if bracket == "{%" and written[: found.start()].strip() in ("", "-"):
        return _fit((_made(tag, "tag", at, "", told) for tag, told in _TAGS.items()), found["typed"])
    if written[: found.start()].rstrip().endswith("."):
        return []
    roots = (_made(name, "variable", at, one.detail, one.doc) for name, one in known().items())
    return _fit([*roots, *_entries(registry.FUNCTIONS, "function", at)], found["typed"])


def _at(found: re.Match[str], column: int) -> int:
    """Where in the line the word that is being typed begins."""
    return column - len(found["typed"])


def _quote_at_end(text: str) -> str:
    """The quote that is open at the end of a text, or nothing."""
    quote = ""
    for letter in text:
        if quote or letter in "'\"":
            quote = "" if letter == quote else quote or letter
    return quote


def _members(
    here: Mapping[str, Variable], outline: Outline, found: re.Match[str], at: int, *, in_brackets: bool
) -> list[Completion]:
    name = re.match(_NAME, found["path"])
    assert name is not None
    parts = [name[0], *(next(filter(None, part.groups()), "") for part in _PART.finditer(found["path"], name.end()))]
    for part in parts:
        variable = here.get(part)
        if variable is None:
            return []
        here = variable.members()
    quote = '"' if _quote_at_end(outline.spot.typed.partition("{{")[0]) == "'" else "'"
    made = (
        _in_brackets(name, one, at, found["quote"]) if in_brackets else _member(name, one, at, quote)
        for name, one in here.items()
    )
    return _fit(made, found["typed"])


def _member(name: str, variable: Variable, at: int, quote: str) -> Completion:
    """A member; one whose name is no word is written in brackets, in place of the dot."""
    if re.fullmatch(r"\w+", name):
        return _made(name, _kind(variable), at, variable.detail, variable.doc)
    return _made(name, _kind(variable), at - 1, variable.detail, variable.doc, f"[{quote}{name}{quote}]")


def _in_brackets(name: str, variable: Variable, at: int, quote: str) -> Completion:
    return _made(name, _kind(variable), at, variable.detail, variable.doc, f"{name}{quote}]")


def _kind(variable: Variable) -> CompletionKind:
    return "task" if variable.is_task else "variable"


def _entries(table: Mapping[str, registry.Entry], kind: CompletionKind, at: int) -> Iterator[Completion]:
    for name, entry in sorted(table.items()):
        arguments = "…" if entry.arguments is None else ", ".join(entry.arguments)
        is_function = kind == "function"
        detail = f"({arguments})" if is_function or arguments else ""
        yield _made(name, kind, at, detail, _doc(entry.doc), f"{name}(" if is_function else name)


def _doc(doc: str) -> str:
    """A docstring as Markdown: its example is code."""
    text = " ".join(doc.split())
    found = _EXAMPLE.search(text)
    return f"{text[: found.start()].strip()}\n\n`{text[found.start() :]}`" if found else text


def _made(label: str, kind: CompletionKind, at: int, detail: str, doc: str, insert: str = "") -> Completion:
    return Completion(label=label, kind=kind, detail=detail, documentation=doc, insert=insert or label, column=at)


def _fit(found: Iterable[Completion], typed: str) -> list[Completion]:
    word = typed.lower()
    inside = [one for one in found if word in one.label.lower()]
    return sorted(inside, key=lambda one: not one.label.lower().startswith(word)) if word else inside


def _variables(text: str, outline: Outline, flows: FlowLookup | None) -> Mapping[str, Variable]:
    pointer = "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in outline.spot.steps)
    return in_flow(_parsed(text, outline), pointer, flows)


def _parsed(text: str, outline: Outline) -> Parsed:
    """The flow as far as it can be made out."""
    findings = Findings()
    root = read(text, findings)
    tree = root if isinstance(root, MapNode) else outline.root
    return parse(tree, text, Findings(), tenant="main", revision=1)
