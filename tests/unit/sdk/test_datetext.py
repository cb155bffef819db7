"""Dates by Java's patterns, both ways."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from kapell.sdk.datetext import date_text, date_value

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("pattern", "value", "text"),
    [
        ("yyyy-MM-dd", date(2026, 1, 2), "2026-01-02"),
        ("dd.MM.yyyy", date(2026, 1, 2), "02.01.2026"),
        ("HH:mm", time(10, 20), "10:20"),
        ("yyyy-MM-dd'T'HH:mm:ss.SSSXXX", datetime(2026, 7, 1, 12, tzinfo=UTC), "2026-07-01T14:00:00.000+02:00"),
        ("yyyy-MM-dd HH:mm", datetime(2026, 7, 1, 12), "2026-07-01 12:00"),
    ],
)
def test_dates_are_written_in_a_zone(pattern: str, value: date | time, text: str) -> None:
    assert date_text(pattern, PARIS)(value) == text


def test_texts_are_read_with_their_own_zone_or_the_one_given() -> None:
    read = date_value("yyyy-MM-dd'T'HH:mm[XXX]", PARIS)
    assert read("2026-07-01T12:00Z") == datetime(2026, 7, 1, 12, tzinfo=UTC)
    assert read("2026-07-01T12:00") == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert date_value("yyyy-MM-dd[XXX]", PARIS)("2026-07-01").date() == date(2026, 7, 1)


@pytest.mark.parametrize("text", ["01.07.2026", "2026-13-01", ""])
def test_what_does_not_fit_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        date_value("yyyy-MM-dd", UTC)(text)
