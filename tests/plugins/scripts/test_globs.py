import re

import pytest

from kapell.sdk.folder import glob


@pytest.mark.parametrize(
    ("pattern", "taken", "left"),
    [
        ("a.txt", ["a.txt"], ["b.txt", "a_txt", "x/a.txt"]),
        ("*.txt", ["a.txt", ".txt"], ["a.csv", "d/a.txt"]),
        ("**/*.txt", ["a.txt", "d/e/a.txt"], ["a.csv"]),
        ("d/**", ["d/a", "d/e/f"], ["e/a"]),
        ("d/", ["d/a", "d/e/f"], ["d"]),
        ("d", ["d", "d/a"], ["da"]),
        ("?.{csv,txt}", ["a.csv", "b.txt"], ["ab.csv", "a.json"]),
        ("[ab]-[!x].txt", ["a-1.txt"], ["c-1.txt", "a-x.txt"]),
        ("a{b", ["a{b"], ["ab"]),
    ],
)
def test_a_glob_takes_what_it_names(pattern: str, taken: list[str], left: list[str]) -> None:
    matches = re.compile(glob(pattern)).fullmatch
    assert [path for path in taken if not matches(path)] == []
    assert [path for path in left if matches(path)] == []
