"""What a YAML parser complains about, in the words of somebody who writes flows."""

from __future__ import annotations

NEVER_CLOSED = frozenset({"found unexpected end of stream", "found unexpected document indicator"})
"""What is said of a quote that nothing closes."""
_SENTENCES = {
    "mapping values are not allowed in this context": (
        "a `:` stands where no key can be",
        "indent the line as its neighbours are, or put quotes around a text that holds `: `",
    ),
    "did not find expected key": (
        "a key was expected here",
        "indent the line as its neighbours are, and close every quote and bracket above it",
    ),
    "did not find expected '-' indicator": (
        "an item of the list was expected here",
        "begin it with `- `, indented as the items before",
    ),
    "could not find expected ':'": ("a `:` is missing behind the key", "write `key: value`"),
    "found unexpected end of stream": ("a quote is opened and never closed", "close it"),
    "found unexpected document indicator": ("a quote is opened and never closed", "close it"),
    "did not find expected ',' or ']'": ("a `,` or the end of the list `]` was expected here", ""),
    "did not find expected ',' or '}'": (
        "a `,` or the end of the map `}` was expected here",
        'an expression needs quotes: "{{ … }}"',
    ),
    "did not find expected node content": ("a value was expected here", ""),
    "block sequence entries are not allowed in this context": (
        "a list begins where none can be",
        "put the first `- ` on a line of its own",
    ),
    "block mapping keys are not allowed in this context": (
        "a key stands where none can be",
        "put it on a line of its own",
    ),
    "did not find expected <document start>": (
        "the text goes on behind its end",
        "indent the line as its neighbours are",
    ),
    "found unexpected ':'": ("a `:` needs a space behind it", "write `key: value`"),
    "found invalid Unicode character escape code": ("an escape that is no character", "use two backslashes for one"),
    "found unknown escape character": ("an escape that YAML does not know", "use two backslashes for one"),
    "found undefined tag handle": ("a tag that is not known", "put quotes around a text that begins with `!`"),
}


def in_words(problem: str, context: str, line: str, column: int) -> tuple[str, str]:
    """A sentence and a remedy for the parser's `problem`, found at `column` of `line`."""
    if problem == "found character that cannot start any token":
        return _bad_start(line, column)
    sentence, remedy = _SENTENCES.get(problem, (problem or "it can't be read", ""))
    return sentence, remedy


def _bad_start(line: str, column: int) -> tuple[str, str]:
    character = line[column - 1 : column]
    if character == "\t":
        return "a tab stands where only spaces may indent", "replace it by spaces"
    return f"a value can't begin with `{character}`", "put quotes around it"
