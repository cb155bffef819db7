"""Java's date patterns, both ways, in zones and locales."""

from __future__ import annotations

import pytest

from kapell.errors import RenderError
from kapell.expr.dateparse import parse_date
from kapell.expr.datepattern import format_moment
from kapell.expr.moment import Zone, parse_iso, to_moment, zone_of

UTC = zone_of("UTC")
PARIS = zone_of("Europe/Paris")
MOMENT = parse_iso("2024-03-05T07:08:09.012345678Z", UTC).at(UTC)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("yyyy-MM-dd'T'HH:mm:ss.SSSSSSSSS", "2024-03-05T07:08:09.012345678"),
        ("d/M/yy h:mm a", "5/3/24 7:08 AM"),
        ("EEE EEEE EEEEE MMM MMMM MMMMM", "Tue Tuesday T Mar March M"),
        ("D DDD Q QQQ QQQQ", "65 065 1 Q1 1st quarter"),
        ("YYYY ww W e F", "2024 10 2 3 1"),
        ("k K H h", "7 7 7 7"),
        ("S SSS n A", "0 012 12345678 25689012"),
        ("X XX XXX x xxx Z ZZZZ ZZZZZ O VV z", "Z Z Z +00 +00:00 +0000 GMT Z GMT UTC UTC"),
        ("G GGGG", "AD Anno Domini"),
        ("''yyyy'' 'o''clock'", "'2024' o'clock"),
        ("[yyyy[-MM]]", "2024-03"),
        ("ppppH|", "   7|"),
        ("iso", "2024-03-05T07:08:09.012345Z"),
        ("sql_sec", "2024-03-05 07:08:09"),
        ("iso_ordinal_date", "2024-065Z"),
        ("iso_week_date", "2024-W10-2Z"),
        ("rfc_1123_date_time", "Tue, 5 Mar 2024 07:08:09 GMT"),
        ("medium", "Mar 5, 2024, 7:08:09\u202fAM"),
    ],
)
def test_a_moment_is_printed_by_a_pattern(pattern: str, text: str) -> None:
    assert format_moment(MOMENT, pattern, "en_US") == text


@pytest.mark.parametrize(
    ("zone", "pattern", "text"),
    [
        ("Asia/Kolkata", "HH:mm XXX z zzzz", "12:38 +05:30 IST India Standard Time"),
        ("America/New_York", "HH:mm z O", "02:08 EST GMT-5"),
        ("+02:00", "HH:mm X VV", "09:08 +02 +02:00"),
        ("UTC+2", "HH:mm Z", "09:08 +0200"),
    ],
)
def test_a_moment_is_printed_in_a_zone(zone: str, pattern: str, text: str) -> None:
    assert format_moment(MOMENT.at(zone_of(zone)), pattern, "en_US") == text


@pytest.mark.parametrize(
    ("locale", "pattern", "text"),
    [
        ("de", "EEEE, d. MMMM yyyy", "Dienstag, 5. März 2024"),
        ("fr-FR", "EEE d MMM", "mar. 5 mars"),
        ("pl", "d MMMM | LLLL", "5 marca | marzec"),
        ("ja", "full", "2024年3月5日火曜日 7時08分09秒 協定世界時"),
        ("xx", "EEEE MMMM", "Tue Mar"),
        ("de_DE", "ww e", "10 2"),
        ("de", "ww e", "10 3"),
    ],
)
def test_a_moment_is_printed_in_a_locale(locale: str, pattern: str, text: str) -> None:
    assert format_moment(MOMENT, pattern, locale) == text


@pytest.mark.parametrize(
    ("text", "pattern", "printed"),
    [
        ("05/03/24 14:00 +0200", "dd/MM/yy HH:mm Z", "2024-03-05T12:00:00Z"),
        ("20240315", "yyyyMMdd", "2024-03-15T00:00:00Z"),
        ("20240315102030123", "yyyyMMddHHmmssSSS", "2024-03-15T10:20:30Z"),
        ("Mar 5, 2024 1:02 PM", "MMM d, yyyy h:mm a", "2024-03-05T13:02:00Z"),
        ("Tuesday 5 March 2024", "EEEE d MMMM yyyy", "2024-03-05T00:00:00Z"),
        ("2024-065", "yyyy-DDD", "2024-03-05T00:00:00Z"),
        ("2024-03-05", "yyyy-MM-dd[ HH:mm]", "2024-03-05T00:00:00Z"),
        ("2024-03-05 08:00 Europe/Paris", "yyyy-MM-dd HH:mm VV", "2024-03-05T07:00:00Z"),
        ("2024-03-05T08:00:00+01:00", "iso_date_time", "2024-03-05T07:00:00Z"),
    ],
)
def test_a_text_is_read_by_a_pattern(text: str, pattern: str, printed: str) -> None:
    assert format_moment(parse_date(text, pattern, UTC, "en_US").at(UTC), "iso_sec", "en_US") == printed


@pytest.mark.parametrize(
    ("text", "zone", "printed"),
    [
        ("2024-02-29", PARIS, "2024-02-29T00:00:00+01:00"),
        ("2024-07-01T10:00", PARIS, "2024-07-01T10:00:00+02:00"),
        ("2024-07-01T10:00:00Z", PARIS, "2024-07-01T12:00:00+02:00"),
        ("2025-03-30T02:30:00", PARIS, "2025-03-30T03:30:00+02:00"),
        ("2025-10-26T02:30:00", PARIS, "2025-10-26T02:30:00+02:00"),
        ("2024-03-15T10:20:30+01:00[Europe/Paris]", UTC, "2024-03-15T09:20:30Z"),
    ],
)
def test_iso_text_without_a_zone_is_local(text: str, zone: Zone, printed: str) -> None:
    assert format_moment(parse_iso(text, zone).at(zone), "iso_sec", "en_US") == printed


@pytest.mark.parametrize("pattern", ["yyyy-qqqqqq", "b", "j", "{", "#", "VVV", "'open", "y]", "y" * 2000])
def test_a_pattern_that_java_refuses_is_refused(pattern: str) -> None:
    with pytest.raises(RenderError):
        format_moment(MOMENT, pattern, "en_US")


@pytest.mark.parametrize("value", ["", "nope", "2023-02-29", "2024-03-15T25:00:00Z", [1], None, 42, True])
def test_what_is_no_date_is_refused(value: object) -> None:
    with pytest.raises(RenderError):
        to_moment(value, UTC, None, "en_US")


@pytest.mark.parametrize("name", ["Nope/Zone", "", "../etc", "/etc/passwd", "+25:00"])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(RenderError):
        zone_of(name)
