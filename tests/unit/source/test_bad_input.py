"""What may come in place of a flow: each is answered at once, with its place, and refused by its name."""

from __future__ import annotations

import tracemalloc
from time import process_time

import pytest

from kapell.source import check
from unit.source.sources import flow

LOG = "type: io.kestra.plugin.core.log.Log, message: m"
CASES = {
    "tabs indent": ("id: x\ntasks:\n\t- id: t\n", "a tab stands where only spaces may indent", 3),
    "an open quote": (flow('description: "abc\nlabels: {}\n'), "a quote is opened and never closed", 4),
    "an open bracket": ("id: x\ntasks: [{id: t}\nnamespace: a\n", "a `,` or the end of the list `]` was expected", 3),
    "a wrong indent": ("id: x\ntasks:\n  - id: t\n   type: b\n", "an item of the list was expected here", 4),
    "two colons": ("id: x\ndescription: a: b\n", "a `:` stands where no key can be", 2),
    "an expression without quotes": ("id: x\nnamespace: {{ a }}\n", "a key must be a text", 2),
    "a key twice": (flow("id: y\n"), "Duplicate field 'id': first on line 1, again on line 4", 4),
    "a list as a key": (flow("variables: {[a]: b}\n"), "a key must be a text", 4),
    "an anchor in itself": ("id: &a [*a]\n", "`*a` refers to a value that it is part of", 1),
    "an anchor that is not there": ("id: *a\n", "`*a` refers to an anchor that is not there", 1),
    "a NUL": (flow("description: a\0b\n"), "a character that YAML does not allow: U+0000", 4),
    "a bell": (flow("description: a\ab\n"), "a character that YAML does not allow: U+0007", 4),
    "half of a pair": (flow("description: a\ud800b\n"), "a character that YAML does not allow: U+D800", 4),
    "an escape of half a pair": (flow('description: "\\ud800"\n'), "an escape that is no character", 4),
    "UTF-16 read as bytes": (flow().encode("utf-16").decode("latin-1"), "a character that YAML does not allow", 1),
    "nothing": ("", "No content to map due to end-of-input", 1),
    "nothing but comments": ("# a\n---\n# b\n", "No content to map due to end-of-input", 1),
    "null": ("null\n", "No content to map due to end-of-input", 1),
    "a list": ("- id: x\n", "a flow is a map with id, namespace and tasks", 1),
    "a text": ("hello\n", "a flow is a map with id, namespace and tasks", 1),
    "100 MB": ("a" * 100_000_000, "the source has 100,000,000 characters, 10,000,000 are the limit", 1),
    "10,000 lists": ("[" * 10_000, "values lie more than 100 levels inside each other", 1),
    "4,000 maps": ("".join(f"{' ' * n}a:\n" for n in range(4000)), "values lie more than 100 levels", 101),
    "100,000 tasks": (
        "id: x\ntasks:\n" + "".join(f"- {{id: t{n}, {LOG}}}\n" for n in range(100_000)),
        "the source holds more than 100,000 values, aliases expanded",
        25_002,
    ),
    "a key of a megabyte": (flow("x" * 1_000_000 + ": a\n"), "a `:` is missing behind the key", 4),
}


@pytest.mark.parametrize("name", CASES)
def test_what_can_be_no_flow_is_refused_with_its_place(name: str) -> None:
    text, message, line = CASES[name]
    start = process_time()
    found = check(text)[0]
    assert process_time() - start < 3
    assert message in found.message
    assert (found.severity, found.line) == ("error", line)


@pytest.mark.parametrize(
    "rest",
    [
        "description: " + "x" * 1_000_000 + "\n",
        'description: "' + "x" * 1_000_000 + '"\n',
        "description: |\n" + "  a line of text\n" * 200_000,
        "variables: {1: a, true: b, 2024-01-01: c, 1.5: d}\n",
        "description: 🎉 ünï\n",
        "variables: {a: !!str 1, b: !x y, c: !!python/object:os.system z}\n",
    ],
    ids=["plain", "quoted", "block", "keys", "emoji", "tags"],
)
def test_what_is_large_or_odd_and_no_fault_is_taken(rest: str) -> None:
    start = process_time()
    assert check(flow(rest)) == []
    assert process_time() - start < 1


@pytest.mark.parametrize(
    "change", [lambda t: "\ufeff" + t, lambda t: t.replace("\n", "\r\n"), lambda t: f"%YAML 1.1\n---\n{t}"]
)
def test_what_editors_put_around_a_flow_is_no_fault(change: object) -> None:
    assert callable(change)
    assert check(change(flow())) == []


def test_a_text_that_is_too_large_takes_no_memory() -> None:
    text = "a" * 100_000_000
    tracemalloc.start()
    check(text)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 1_000_000
