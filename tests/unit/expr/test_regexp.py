"""Regular expressions: Java's meaning of what both spell alike, and patterns that want too much."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

import pytest

from kapell.errors import RenderError
from kapell.expr import regexp
from kapell.expr.budget import Budget, OverBudget
from kapell.expr.environment import Limits


def budget(seconds: float = 10) -> Budget:
    return Budget(Limits(seconds=seconds))


def found(pattern: str, text: str) -> str | None:
    match = regexp.search(pattern, text, budget())
    return match[0] if match else None


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("a.b", "a\rb", None),
        ("a.b", "a\u2028b", None),
        ("(?s)a.b", "a\nb", "a\nb"),
        ("b$", "ab\r\n", "b"),
        ("b$", "ab\n\n", None),
        (r"b\z", "ab\n", None),
        (r"b\Z", "ab\n", "b"),
        ("(?m)^b$", "a\nb\nc", "b"),
        (r"(?m)^b$", "a\rb\rc", "b"),
        (r"\Qa.b\E+", "xa.bbb", "a.bbb"),
        (r"[\Q^]\E]", "]", "]"),
        ("[a-z&&[^m]]+", "mabcm", "abc"),
        ("[^a[b]]", "abc", "c"),
        ("[]a]+", "]a]", "]a]"),
        ("[[:alpha:]]+", "al:x", "al:"),
        ("[a||b]+", "a|b", "a|b"),
        (r"\p{Lower}+", "ABcdéE", "cd"),
        (r"\p{L}+", "1é2", "é"),
        (r"\pL", "1é2", "é"),
        (r"\w+", "é_a", "_a"),
        (r"\d+", "٣4", "4"),
        (r"\bfoo\b", "éfooé", "foo"),
        (r"\h+", "a \tb", " \t"),
        (r"\R", "a\r\nb", "\r\n"),
        (r"\x{1F600}", "😀", "😀"),
        (r"\u0041\0102\x43", "ABC", "ABC"),
        (r"(?<y>\d{4})-\k<y>", "2024-2024", "2024-2024"),
        (r"(a)(b)\2\1", "abba", "abba"),
        ("(?i)abc", "xABC", "ABC"),
        ("(?i)é", "É", None),
        ("(?iu)é", "É", "É"),
        ("(?i:A)b", "aB", None),
        ("a++b", "aaab", "aaab"),
        ("(?x) a b # more ( \n c", "abc", "abc"),
        ("", "abc", ""),
        ("a{2}{3}", "aaa", "aa"),
        (r"[\w.-]+@[\w.-]+", "x me@ex.com", "me@ex.com"),
    ],
)
def test_a_pattern_means_what_it_means_in_java(pattern: str, text: str, expected: str | None) -> None:
    assert found(pattern, text) == expected


@pytest.mark.parametrize(
    ("pattern", "words"),
    [
        ("(", "Unclosed group"),
        (")", "Unmatched closing"),
        ("[a", "Unclosed character class"),
        ("*a", "Dangling meta character"),
        ("a**", "Dangling meta character"),
        ("{", "Illegal repetition"),
        ("a{b", "Illegal repetition"),
        ("a{5,2}", "Illegal repetition range"),
        (r"\y", "escape sequence"),
        ("(?P<n>a)", "Unknown inline modifier"),
        ("(?R)", "Unknown inline modifier"),
        ("(?:foo){e<=1}", "Illegal repetition"),
        ("(((a{1000}){1000}){1000})", "too many"),
        ("((((a?){50}){50}){50}){50}", "too many"),
        ("a{999999999}", "too many"),
        ("(" * 500 + "a" + ")" * 500, "nested"),
        ("[" * 500 + "a" + "]" * 500, "nested"),
        ("a" * 60_000, "characters"),
    ],
)
def test_a_wrong_or_heavy_pattern_is_refused_at_once(pattern: str, words: str) -> None:
    started = monotonic()
    with pytest.raises(RenderError, match=words):
        found(pattern, "a")
    assert monotonic() - started < 1


RUNS: dict[str, Callable[[str, str, Budget], object]] = {
    "search": regexp.search,
    "whole": regexp.whole,
    "replace": lambda pattern, text, left: regexp.replace(pattern, "", text, left),
    "split": lambda pattern, text, left: regexp.split(pattern, text, 0, left),
}


@pytest.mark.parametrize("run", RUNS.values(), ids=RUNS)
@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", r"(.*a){25}b", r"(\w+\s?)*$"])
def test_a_pattern_that_backtracks_is_stopped(pattern: str, run: Callable[[str, str, Budget], object]) -> None:
    started = monotonic()
    with pytest.raises(OverBudget, match="takes too long"):
        run(pattern, "a" * 50_000 + "!", budget(0.2))
    assert monotonic() - started < 5


@pytest.mark.parametrize(
    ("replacement", "expected"),
    [("$1-$2", "a-b"), ("$12", "a2"), (r"\$1", "$1"), ("${x}", "b"), ("$0$0", "abab"), ("", "")],
)
def test_a_replacement_takes_groups_by_number_and_name(replacement: str, expected: str) -> None:
    assert regexp.replace("(a)(?<x>b)", replacement, "ab", budget()) == expected


@pytest.mark.parametrize("replacement", ["$", "$x", "$3", "${y}", "\\"])
def test_a_wrong_replacement_is_an_error_where_it_is_used(replacement: str) -> None:
    assert regexp.replace("z", replacement, "ab", budget()) == "ab"
    with pytest.raises(RenderError):
        regexp.replace("(a)", replacement, "ab", budget())


def test_split_drops_empty_ends_unless_there_is_a_limit() -> None:
    assert regexp.split(",", "a,b,,", 0, budget()) == ["a", "b"]
    assert regexp.split(",", "a,b,,", -1, budget()) == ["a", "b", "", ""]
    assert regexp.split("", "abc", -1, budget()) == ["a", "b", "c", ""]
    assert regexp.split(",", "a,b,c", 2, budget()) == ["a", "b,c"]
