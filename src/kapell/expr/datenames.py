"""Names of months, days, eras and zones in a locale's words (CLDR), asked of babel only when a pattern needs them."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from kapell.expr.moment import Moment

if TYPE_CHECKING:
    from babel import Locale

Width = Literal["abbreviated", "wide", "narrow"]
Use = Literal["format", "stand-alone"]

_PLAIN_ENGLISH = ("en_US", "en", "")


@lru_cache(64)
def locale_of(name: str) -> Locale | None:
    """Babel's locale; None for an unknown one, whose names are CLDR's root forms."""
    from babel import Locale, UnknownLocaleError

    parts = name.replace("-", "_").split("_")
    # Kestra: `FR` is a country without a language and gives root forms
    if not parts[0].islower() and name:
        return None
    try:
        return Locale.parse(name.replace("-", "_") or "en_US")
    except (ValueError, UnknownLocaleError):
        try:
            return Locale.parse(parts[0])
        except (ValueError, UnknownLocaleError):
            return None


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def month(number: int, width: Width, use: Use, locale: str) -> str:
    """The name of a month, 1 to 12."""
    known = locale_of(locale)
    return str(known.months[use][width][number]) if known else _MONTHS[number - 1]


def day(number: int, width: Width, use: Use, locale: str) -> str:
    """The name of a weekday, 0 for Monday."""
    known = locale_of(locale)
    return str(known.days[use][width][number]) if known else _DAYS[number]


def quarter(number: int, width: Width, use: Use, locale: str) -> str:
    """The name of a quarter, 1 to 4."""
    known = locale_of(locale)
    return str(known.quarters[use][width][number]) if known else f"Q{number}"


def era(year: int, width: Width, locale: str) -> str:
    """The name of a year's era."""
    known = locale_of(locale)
    index = 1 if year > 0 else 0
    return str(known.eras[width][index]) if known else ("BCE", "CE")[index]


def half_day(hour: int, locale: str) -> str:
    """AM or PM."""
    known = locale_of(locale)
    name = "am" if hour < 12 else "pm"
    if known is None:
        return name.upper()
    widths = known.day_periods["format"]
    return str(widths["wide"].get(name) or widths["abbreviated"].get(name, name.upper()))


def day_period(moment: datetime, width: Width, locale: str) -> str:
    """The part of the day: "in the morning", "at night"."""
    known = locale_of(locale)
    if known is None:
        return half_day(moment.hour, "en")
    from babel.dates import get_period_id

    period = get_period_id(moment.time(), locale=known)
    names = known.day_periods["format"]
    return str(names.get(width, names["wide"]).get(period) or names["wide"].get(period, period))


def generic_zone_name(moment: Moment, width: Literal["short", "long"], locale: str) -> str:
    """`ET`, or `Eastern Time`: the name for summer and winter; that of the moment where there is no such name."""
    known = None if moment.zone.fixed else locale_of(locale)
    names = known.meta_zones.get(_meta_zone(moment.zone.name), {}) if known else {}
    return str(names.get(width, {}).get("generic") or zone_name(moment, width, locale))


def zone_name(moment: Moment, width: Literal["short", "long"], locale: str) -> str:
    """`EDT`, or `Eastern Daylight Time`."""
    short = moment.local.replace(tzinfo=moment.zone.info).tzname() or ""
    if moment.zone.fixed and moment.zone.name not in ("UTC", "GMT"):
        return moment.zone.name
    if width == "short":
        return short if short.isalpha() else moment.zone.name if moment.zone.fixed else f"GMT{_offset(moment)}"
    known = locale_of(locale)
    if known is None:
        return short
    if moment.zone.name == "UTC":
        return str(known.time_zones.get("Etc/UTC", {}).get("long", {}).get("standard", "UTC"))
    area = "GMT" if moment.zone.name == "GMT" else _meta_zone(moment.zone.name)
    summer = bool(moment.local.replace(tzinfo=moment.zone.info).dst())
    name = known.meta_zones.get(area, {}).get("long", {}).get("daylight" if summer else "standard")
    return str(name) if name else f"GMT{_offset(moment)}"


@lru_cache(64)
def _meta_zone(zone: str) -> str:
    """CLDR's name for the area of a zone; it still knows some zones by their old names."""
    from babel.core import get_global

    areas, aliases = get_global("meta_zones"), get_global("zone_aliases")
    known = (zone, *(old for old, new in aliases.items() if new == zone))
    return str(next((areas[name] for name in known if name in areas), ""))


def _offset(moment: Moment) -> str:
    seconds = int(moment.offset.total_seconds())
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"{'-' if seconds < 0 else '+'}{hours:02}:{minutes:02}"


def week_rules(locale: str) -> tuple[int, int]:
    """The first day of a week (0 for Monday), and how many days make a year's first week."""
    if locale in _PLAIN_ENGLISH:
        return 6, 1
    known = locale_of(locale)
    # Kestra: a locale without a territory counts as en_US does
    return (known.first_week_day, known.min_week_days) if known and known.territory else (6, 1)


def style_pattern(style: str, locale: str) -> str:
    """The pattern of `full`, `long`, `medium` or `short`."""
    known = locale_of(locale)
    if known is None:
        return {
            "full": "y MMMM d, EEEE HH:mm:ss zzzz",
            "long": "y MMMM d HH:mm:ss z",
            "medium": "y MMM d HH:mm:ss",
        }.get(style, "y-MM-dd HH:mm")
    joined = str(known.datetime_formats[style])
    return joined.replace("{1}", known.date_formats[style].pattern).replace("{0}", known.time_formats[style].pattern)
