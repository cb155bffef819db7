"""What Kestra was recorded doing, kapell does, but for the gaps that are listed."""

import pytest

from conformance.scores import GAPS, SCORE, SECONDS, flaky, judgement, known_gaps, score


@pytest.mark.parametrize("suite", SECONDS)
def test_a_suite_fails_in_its_known_gaps_and_nowhere_else(suite: str) -> None:
    if not SCORE.exists():
        pytest.skip(f"{SCORE} is missing: set KAPELL_SHARED to the folder that holds the recordings")
    went = score(suite)
    wrong = judgement(went.failed, known_gaps()[suite], flaky().get(suite, {}))
    assert not wrong, "\n".join([f"{suite}: {went.passed} of {went.total} pass, but", *wrong])


def test_a_case_that_fails_unlisted_is_a_regression() -> None:
    assert judgement(["a", "b"], ["a"], {}) == ["b fails and is not a known gap: a regression"]


def test_a_listed_case_that_passes_must_leave_the_list() -> None:
    assert judgement(["a"], ["a", "b"], {}) == [f"b passes: take it off the list in {GAPS.name}"]


def test_a_flaky_case_may_end_either_way_but_is_no_gap_too() -> None:
    assert judgement(["a"], [], {"a": "two timers are due at once", "b": "likewise"}) == []
    assert judgement(["a"], ["a"], {"a": "why"}) == ["a is in both lists: it is flaky or a gap, not both"]


def test_the_lists_are_sorted_name_no_case_twice_and_stay_short_where_they_must() -> None:
    for names in known_gaps().values():
        assert names == sorted(set(names))
    assert known_gaps().keys() == SECONDS.keys()
    assert sum(map(len, flaky().values())) <= 5
    assert all(reason for reasons in flaky().values() for reason in reasons.values())
