from __future__ import annotations

import pytest

from kapell.sdk.glob import matcher, wildcard


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("a.txt", "/a.txt", True),
        ("a.txt", "/x/y/a.txt", True),
        ("/a.txt", "/x/a.txt", False),
        ("x/*.sql", "/deep/x/a.sql", True),
        ("x/*.sql", "/x/y/a.sql", False),
        ("x/**.sql", "/x/y/a.sql", True),
        ("**", "/anything/at/all", True),
        ("**.{sql,txt}", "/x/a.txt", True),
        ("/a?c.t[xy]t", "/abc.tyt", True),
        ("/a[!b].txt", "/ab.txt", False),
        ("/a\\*.txt", "/a*.txt", True),
        ("/a\\*.txt", "/ab.txt", False),
        ("glob:/x/*", "/x/a", True),
        ("regex:/x/\\d+", "/x/12", True),
        ("regex:/x/\\d+", "/x/12a", False),
    ],
)
def test_a_pattern_fits_paths_as_globs_do(pattern: str, path: str, fits: bool) -> None:
    assert matcher([pattern])(path) is fits


def test_an_anchored_pattern_begins_at_the_root() -> None:
    fits = matcher(["dbt/*", "glob:**/x"], anchored=True)
    assert [fits(path) for path in ("/dbt/a", "/y/dbt/a", "/y/x")] == [True, False, True]


def test_a_wildcard_knows_two_signs_only() -> None:
    fits = wildcard("a?_[*")
    assert [fits(name) for name in ("ab_[x", "ab_[", "a_[", "ab_x")] == [True, True, False, False]
