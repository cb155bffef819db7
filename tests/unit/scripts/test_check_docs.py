from pathlib import Path

import pytest

from scripts import check_docs

DECISION = "# 0001 Words\n\n**Status** Accepted.\n\n**Context** C.\n\n**Decision** D.\n\n**Price** P.\n"


def test_a_whole_decision_passes() -> None:
    assert list(check_docs.decision_problems("0001-words.md", DECISION)) == []


@pytest.mark.parametrize("part", ["Status", "Context", "Decision", "Price"])
def test_a_decision_without_one_of_its_parts_fails(part: str) -> None:
    found = list(check_docs.decision_problems("0001-words.md", DECISION.replace(f"**{part}**", "")))
    assert found == [f"docs/decisions/0001-words.md:1: no part '{part}'"]


def test_a_decision_of_41_lines_fails() -> None:
    found = list(check_docs.decision_problems("0001-words.md", DECISION + "more\n" * 32))
    assert found == ["docs/decisions/0001-words.md:41: 41 lines; 40 is the most"]


def test_a_decision_whose_title_has_another_number_fails() -> None:
    assert list(check_docs.decision_problems("0002-words.md", DECISION)) != []


def test_a_gap_in_the_numbers_is_found() -> None:
    assert list(check_docs.number_problems(["0001-a.md", "0003-c.md"])) == [
        "docs/decisions/0003-c.md:1: number 0002 expected here"
    ]


def test_links_must_lead_to_a_file_and_a_heading(tmp_path: Path) -> None:
    (tmp_path / "other.md").write_text("# The `one` heading, here\n")
    page = tmp_path / "page.md"
    page.write_text(
        "[ok](other.md) [ok](other.md#the-one-heading-here) [ok](https://example.org/x) `[code](gone.md)`\n"
        "```\n[code](gone.md)\n```\n"
        "[bad](gone.md)\n"
        "[bad](other.md#nowhere)\n"
    )
    assert list(check_docs.link_problems(page, tmp_path)) == [
        "page.md:5: link to gone.md: no such file",
        "page.md:6: link to other.md#nowhere: no such heading",
    ]


def test_a_public_class_without_a_docstring_is_named() -> None:
    source = 'class Log:\n    x = 1\n\n\nclass _Inner: ...\n\n\ndef told():\n    """Yes."""\n'
    assert list(check_docs.undocumented("src/log.py", source)) == ["src/log.py:1: Log has no docstring; users see it"]


def test_words_that_only_promise_are_refused_unless_they_name_an_issue() -> None:
    promise = "TO" + "DO"
    assert list(check_docs.word_problems("a.py", f"x = 1  # {promise} later")) == [
        f"a.py:1: '{promise}' has no place here"
    ]
    assert list(check_docs.word_problems("a.py", f"x = 1  # {promise} (#12) later")) == []


def test_paths_of_one_machine_are_refused_and_those_of_addresses_are_not() -> None:
    assert list(check_docs.word_problems("a.md", "see /" + "home/me/kapell")) != []
    assert list(check_docs.word_problems("a.md", "kestra:///work/a and https://x.org/home/a")) == []


def test_a_changelog_needs_a_place_for_what_comes_next() -> None:
    assert list(check_docs.changelog_problems("# Changelog\n\n## 0.1.0\n")) != []
    assert list(check_docs.changelog_problems("# Changelog\n\n## Unreleased\n")) == []
