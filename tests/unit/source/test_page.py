"""The page of a type: all that its class says, and examples that can be saved as they are."""

from __future__ import annotations

import re

import pytest

from kapell.errors import TypeNotBuilt, UnknownType
from kapell.sdk.prop import properties
from kapell.source import check, doc, type_schema
from kapell.source.page import full_example
from kapell.source.types import all_types, examples_of, told


@pytest.mark.parametrize("name", all_types())
def test_a_page_has_every_property_and_every_example_as_a_flow(name: str) -> None:
    page, cls = doc(name), all_types()[name]
    assert page.startswith(f"# {cls.__name__}\n\n`{name}`")
    assert told(cls)[0] in page
    assert all(f"| `{prop.key}` |" in page for prop in properties(cls).values())
    assert page.count("```yaml") == len(examples_of(cls))


@pytest.mark.parametrize("name", all_types())
def test_the_examples_of_a_type_are_flows_without_an_error(name: str) -> None:
    for example in examples_of(all_types()[name]):
        source = full_example(name, all_types()[name], example)
        assert [str(found) for found in check(source) if found.severity == "error"] == [], source


def test_a_page_shows_outputs_and_former_names() -> None:
    page = doc("io.kestra.plugin.core.debug.Return")
    assert "## Outputs\n" in page
    assert re.search(r"\| `value` \| .+ \|", page)
    assert "`io.kestra.core.tasks.debugs.Return`" in page


def test_a_type_is_found_by_an_end_of_its_name_that_only_it_has() -> None:
    assert doc("log.Log") == doc("io.kestra.plugin.core.log.Log") == doc("io.kestra.core.tasks.log.Log")
    with pytest.raises(UnknownType):
        doc("Script")


def test_a_type_that_is_not_built_has_no_page() -> None:
    with pytest.raises(TypeNotBuilt):
        doc("io.kestra.plugin.core.flow.Template")


def test_a_page_tells_the_outputs_that_the_engine_makes() -> None:
    page = doc("io.kestra.plugin.core.flow.If")
    assert "| `evaluationResult` | boolean | Whether the condition held. |" in page
    schema = type_schema("io.kestra.plugin.core.flow.If")["$outputs"]
    told = {"type": "boolean", "title": "Whether the condition held."}
    assert schema == {"type": "object", "properties": {"evaluationResult": told}}
