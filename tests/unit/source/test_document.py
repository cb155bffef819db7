"""Several flows in one text."""

from __future__ import annotations

from time import process_time

import pytest

from kapell.source import check, documents
from kapell.source.document import in_whole

ONE = "id: a\nnamespace: n\n"


def test_a_text_with_one_flow_is_that_flow_byte_for_byte() -> None:
    for text in (ONE, f"---\n{ONE}", f"# told\n---\n{ONE}---\n", "", "# nothing\n"):
        assert documents(text) == [(text, 1)]


def test_each_flow_has_its_text_and_the_line_it_begins_on() -> None:
    text = f"# all of them\n---\n{ONE}---  # the next\nid: b\n...\n---\n\nid: c"
    assert documents(text) == [(ONE, 3), ("id: b\n", 6), ("\nid: c", 9)]


def test_what_stands_behind_the_mark_belongs_to_the_flow() -> None:
    assert documents("id: a\n--- {id: b}\n") == [("id: a\n", 1), ("--- {id: b}\n", 2)]


@pytest.mark.parametrize(
    "text", ["id: a\ndescription: |\n  x\n  ---\n  y\n", "id: a\n# ---\nid2: ---x\n", "a: '---'\n"]
)
def test_dashes_inside_of_a_flow_part_nothing(text: str) -> None:
    assert documents(text) == [(text, 1)]


def test_windows_line_ends_part_flows_as_well() -> None:
    assert [part.line for part in documents("id: a\r\n---\r\nid: b\r\n")] == [1, 3]


def test_the_problems_of_a_flow_are_told_with_lines_of_the_whole_text() -> None:
    second = documents(f"{ONE}---\n\nid: b\nnamespace: N\n")[1]
    found = {problem.path: problem.line for problem in in_whole(check(second.text), second)}
    assert found == {"namespace": 6, "tasks": 5}


def test_a_flow_with_a_second_one_behind_it_is_refused_where_that_begins() -> None:
    problem = check(f"{ONE}---\nid: b\n")[0]
    assert (problem.code, problem.line) == ("many-documents", 4)
    assert "a second begins" in problem.message


def test_a_mark_with_nothing_behind_it_is_passed_over() -> None:
    text = f"{ONE}tasks: [{{id: t, type: io.kestra.plugin.core.log.Log, message: m}}]\n"
    assert check(f"{text}---\n") == []
    assert check(f"{text}---\n# the end\n...\n") == []


def test_a_hundred_thousand_marks_are_parted_at_once() -> None:
    start = process_time()
    assert len(documents("a: b\n---\n" * 100_000)) == 100_000
    assert process_time() - start < 2
