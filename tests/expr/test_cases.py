"""Every case in cases/: `name.txt` (variables as JSON, `---`, template) shows what `name.out` says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from expr.rendering import env, outcome
from kapell.expr import render
from kapell.expr.registry import FILTERS, FUNCTIONS, TESTS, Entry, load
from kapell.expr.tag import TAGS

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.stem for path in CASES.glob("*.txt"))

load()

EVERYTHING = [
    *(("filter", entry) for entry in FILTERS.values()),
    *(("function", entry) for entry in FUNCTIONS.values()),
    *(("test", entry) for entry in TESTS.values()),
]
CONTEXT = {
    "flow": {"id": "f", "namespace": "company.team"},
    "inputs": {},
    "outputs": {
        "write": {"uri": "kestra:///company/team/f/executions/e/tasks/write/r/a.txt"},
        "make": {"a": {"value": "made of a"}, "b": {"value": "made of b"}},
    },
    "task": {"id": "make"},
    "parent": {"task": {"id": "make"}, "taskrun": {"value": "b"}},
    "parents": [],
}
EXAMPLE = re.compile(r"^(\{\{.*\}\}) → (.*)$", re.M)


@pytest.mark.parametrize("name", NAMES)
def test_a_case_shows_what_stands_beside_it(name: str) -> None:
    source = (CASES / f"{name}.txt").read_text(encoding="utf-8")
    assert outcome(name, source) == (CASES / f"{name}.out").read_text(encoding="utf-8")


def test_no_expected_output_is_without_its_case() -> None:
    assert {path.stem for path in CASES.glob("*.out")} == set(NAMES)


@pytest.mark.parametrize(("kind", "entry"), EVERYTHING, ids=lambda value: getattr(value, "name", value))
def test_every_filter_function_and_test_has_a_case_and_an_example_that_holds(kind: str, entry: Entry) -> None:
    assert f"{kind}_{entry.name}" in NAMES
    found = EXAMPLE.search(entry.doc.replace("    {{", "{{"))
    assert found, f"{entry.name} has no example"
    variables = CONTEXT if entry.name == "subflow" else {**CONTEXT, "taskrun": {"value": "b", "iteration": 1}}
    shown = render(found[1].replace("⏎", "\n"), variables, env())
    assert str(shown).rstrip("\n") == found[2].replace("⏎", "\n")


@pytest.mark.parametrize("tag", [*TAGS, "raw", "verbatim", "comment"])
def test_every_tag_has_a_case(tag: str) -> None:
    assert f"tag_{tag}" in NAMES
