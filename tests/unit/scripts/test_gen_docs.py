import pytest

from scripts import gen_docs

PAGE = "before\n<!-- generated: x (make docs) -->\nold\n<!-- end -->\nafter\n"


def test_only_what_stands_between_the_markers_is_written_anew() -> None:
    assert gen_docs.replaced(PAGE, "x", "new") == PAGE.replace("old", "new")


def test_a_page_without_the_markers_is_refused() -> None:
    with pytest.raises(ValueError, match="no part"):
        gen_docs.replaced(PAGE, "y", "new")


def test_the_generated_parts_of_the_docs_are_current(capsys: pytest.CaptureFixture[str]) -> None:
    assert gen_docs.main(["--check"]) == 0, capsys.readouterr().out


def test_the_table_of_states_names_every_state_and_every_move() -> None:
    rows = {row.split("**")[1]: row for row in gen_docs.state_table().splitlines()[2:]}
    assert list(rows) == list(gen_docs.State)
    assert rows["KILLING"] == "| **KILLING** |  | any but SKIPPED |"
    assert rows["RETRIED"] == "| **RETRIED** (an end) | RUNNING RESTARTED |  |"
