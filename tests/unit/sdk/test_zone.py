"""Time zones by Java's names."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from kapell.sdk.zone import in_zone, parse_zone


@pytest.mark.parametrize(
    ("name", "hours"),
    [
        ("Z", 0),
        ("UTC", 0),
        ("Europe/Paris", 1),
        ("Etc/GMT+5", -5),
        ("GMT+3", 3),
        ("UTC-03:30", -3.5),
        ("+0200", 2),
        ("-18:00", -18),
    ],
)
def test_a_zone_is_a_region_or_an_offset(name: str, hours: float) -> None:
    assert datetime(2025, 1, 1, tzinfo=parse_zone(name)).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize("name", ["", "EST", "europe/paris", "Nope/Zone", "../UTC", "+19:00", "+02:60", "2", "zones"])
def test_what_is_no_zone_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not a valid time-zone ID") as refused:
        parse_zone(name)
    assert str(refused.value) == f"timezone '({name})' is not a valid time-zone ID"


def test_an_instant_is_told_in_a_zone_by_its_offset() -> None:
    told = in_zone(datetime(2025, 7, 1, 10, tzinfo=UTC), parse_zone("Europe/Paris"))
    assert told.isoformat() == "2025-07-01T12:00:00+02:00"
    assert told == datetime(2025, 7, 1, 10, tzinfo=UTC)
