from pathlib import Path

import pytest

from scripts import suites
from scripts.suites import Count

REPORT = """<testsuites><testsuite>
<testcase name="a"/>
<testcase name="b"><failure message="no"/></testcase>
<testcase name="c"><failure message="no"/><error message="nor here"/></testcase>
<testcase name="d"><skipped message="not on this machine"/></testcase>
</testsuite></testsuites>"""


def test_all_suites_together_stay_within_twelve_minutes() -> None:
    assert sum(suites.BUDGETS.values()) <= suites.ALL_SECONDS == 720


def test_a_test_that_fails_and_errs_counts_once(tmp_path: Path) -> None:
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    assert suites.counted(report) == Count(passed=1, failed=2, skipped=1)


def test_only_folders_with_tests_are_suites_and_one_without_a_budget_comes_last(tmp_path: Path) -> None:
    for name in ("zoo/test_a.py", "unit/model/test_b.py", "expr/test_c.py", "support/flows.py"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    assert suites.suites(tmp_path) == ["unit", "expr", "zoo"]


@pytest.mark.parametrize(
    ("code", "seconds", "failed", "said"),
    [
        (0, 9.0, 0, ""),
        (suites.NO_TESTS, 1.0, 0, ""),
        (1, 9.0, 2, ""),
        (4, 1.0, 0, "exit code 4"),
        (0, 10.5, 0, "unit took 10.5 s; its budget is 10 s"),
        (None, 20.0, 0, "(stopped)"),
    ],
)
def test_what_fails_beside_the_tests_is_said_with_its_figure(
    code: int | None, seconds: float, failed: int, said: str
) -> None:
    found = suites.troubles("unit", code, Count(passed=3, failed=failed), seconds, budget=10)
    assert bool(found) == bool(said)
    assert said in "".join(found)


def test_the_closing_line_is_plain() -> None:
    assert str(Count(7, 1, 2)) == "7 passed, 1 failed, 2 skipped"


def test_an_unknown_suite_is_refused_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert suites.main(["nowhere"]) == 2
    assert "nowhere" in capsys.readouterr().out
