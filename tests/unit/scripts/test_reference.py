from collections.abc import Mapping

from kapell.sdk import Example, Level, Output, Part, RunContext, RunnableTask, Templated, prop
from kapell.sdk.registry import find
from scripts import reference


class Sorted(Output, frozen=True, kw_only=True):
    """What came of it."""

    sorted_lines: list[str]
    first: str | None = None


class Key(Part):
    """What to sort by."""

    column: str = prop("Which column.")


class Sort(RunnableTask[Sorted]):
    """Sort lines | in order."""

    lines: Templated[list[str]] = prop("The lines.")
    most_lines: int = prop("How many | at most.", default=10)
    level: Level = prop("How loud.", default=Level.INFO)
    by: list[Key] = prop("The keys.", default=())
    names: Mapping[str, str] | None = prop("Names.")

    aliases = ("com.acme.OldSort",)
    examples = (Example("Two lines", "lines: [b, a]"),)

    def run(self, ctx: RunContext) -> Sorted:
        return Sorted(sorted_lines=sorted(self.lines))


def test_a_type_shows_its_properties_outputs_examples_and_former_names() -> None:
    lines = list(reference.type_lines(Sort))
    assert lines[0] == "Sort lines | in order."
    assert "| `lines` | list of text, expressions | required | The lines. |" in lines
    assert "| `mostLines` | integer | `10` | How many \\| at most. |" in lines
    assert "| `names` | map of text |  | Names. |" in lines
    assert "| `by[].column` | text | required | Which column. |" in lines
    assert "| `sortedLines` | list of text |" in lines
    assert "| `first` | text, or absent |" in lines
    assert "lines: [b, a]" in lines
    assert "Former names: `com.acme.OldSort`." in lines


def test_every_built_in_type_is_listed_and_described_under_the_name_that_finds_it() -> None:
    page = reference.types_page()
    described = {family: reference.family_page(family) for family in reference.families()}
    for name, cls in reference.built_in():
        assert find(name) is cls
        assert f"- [`{name}`]({reference.link(name)}): " in page
        assert f"\n`{name}`\n" in described[reference.family_of(name)]


def test_a_type_is_described_on_the_page_of_its_folder() -> None:
    assert reference.link("io.kestra.plugin.core.flow.If") == "types/core.flow.md#if"
    assert "\n## If\n" in reference.family_page("core.flow")


def test_every_filter_function_and_test_is_on_the_page_with_its_arguments() -> None:
    page = reference.expressions_page()
    assert "| `value is defined` |" in page
    assert "| `value \\| split(delimiter, limit)` |" in page
    assert all(entry.doc for entry in reference.expressions.FILTERS.values())


def test_a_docstring_is_told_apart_from_its_example() -> None:
    told = reference.told("Joins | items.\n\n    {{ [1, 2] | join(', ') }} → 1, 2")
    assert told == ("Joins \\| items.", "`{{ [1, 2] \\| join(', ') }}`", "`1, 2`")
    assert reference.told("Nothing to show.") == ("Nothing to show.", "", "")
