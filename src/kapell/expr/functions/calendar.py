"""Functions on the time and on days: now, weekdays, holidays, comparisons of dates."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime, timedelta

from kapell.errors import RenderError
from kapell.expr.filters.date import format_argument
from kapell.expr.lexer import SPACE
from kapell.expr.moment import Moment, from_datetime, parse_iso, zone_of
from kapell.expr.printing import java_text
from kapell.expr.registry import as_function
from kapell.expr.runtime import MISSING, Frame
from kapell.expr.value import given

_WEEKDAYS = ("MONDAY", "TUESDAY", "WEDNESDAY", "THURSDAY", "FRIDAY", "SATURDAY", "SUNDAY")
_POSITIONS = ("FIRST", "SECOND", "THIRD", "FOURTH", "LAST")


@as_function("now", "format", "timeZone", "existingFormat", "locale", frame=True)
def now(
    frame: Frame,
    format: object = MISSING,
    zone: object = MISSING,
    existing: object = MISSING,
    locale: object = MISSING,
) -> object:
    """The time of the rendering, printed as the `date` filter prints it.

    {{ now('yyyy') | length }} → 4
    """
    moment = from_datetime(frame.env.now(), zone_of("UTC"))
    return format_argument(frame, moment, format, zone, locale)


def _required(value: object, function_name: str, argument: str) -> object:
    if given(value) is None:
        raise RenderError(f"The '{function_name}()' function expects a '{argument}' argument.")
    return value


def _moment(value: object, message: str) -> Moment:
    if isinstance(value, datetime):
        return from_datetime(value, zone_of("UTC"))
    try:
        return parse_iso(java_text(value), zone_of("UTC"))
    except RenderError as error:
        raise RenderError(f"{message}: {error.message}") from None


def _day(value: object, name: str) -> date:
    """The local day of a date argument, as it is written: no zone is applied."""
    _required(value, name, "date")
    return _moment(value, f"The '{name}()' function could not parse 'date'").local.date()


@as_function("isWeekend", "date")
def is_weekend(day: object = MISSING) -> object:
    """Whether a date is a Saturday or Sunday.

    {{ isWeekend('2024-03-16') }} → true
    """
    return _day(day, "isWeekend").weekday() > 4


@as_function("dayOfWeek", "date")
def day_of_week(day: object = MISSING) -> object:
    """The name of a date's weekday.

    {{ dayOfWeek('2024-03-15') }} → FRIDAY
    """
    return _WEEKDAYS[_day(day, "dayOfWeek").weekday()]


@as_function("dayOfMonth", "date")
def day_of_month(day: object = MISSING) -> object:
    """The day in the month.

    {{ dayOfMonth('2024-03-15') }} → 15
    """
    return _day(day, "dayOfMonth").day


@as_function("monthOfYear", "date")
def month_of_year(day: object = MISSING) -> object:
    """The month, 1 to 12.

    {{ monthOfYear('2024-03-15') }} → 3
    """
    return _day(day, "monthOfYear").month


@as_function("hourOfDay", "date")
def hour_of_day(day: object = MISSING) -> object:
    """The hour as it is written, 0 to 23; a date without a time of day has none.

    {{ hourOfDay('2024-03-15T10:20:30Z') }} → 10
    """
    _required(day, "hourOfDay", "date")
    message = "The 'hourOfDay()' function could not parse 'date'"
    moment = _moment(day, message)
    written = java_text(day)
    if "T" not in written.upper():
        raise RenderError(f"{message}: Text '{written}' could not be parsed at index {len(written)}")
    return moment.local.hour


@as_function("isDayWeekInMonth", "date", "dayOfWeek", "position")
def is_day_week_in_month(day: object = MISSING, weekday: object = MISSING, position: object = MISSING) -> object:
    """Whether a date is the FIRST … FOURTH or LAST such weekday of its month.

    {{ isDayWeekInMonth('2024-03-25', 'MONDAY', 'LAST') }} → true
    """
    name = "isDayWeekInMonth"
    for value, argument in ((day, "date"), (weekday, "dayOfWeek"), (position, "position")):
        _required(value, name, argument)
    local = _day(day, name)
    wanted = _weekday(weekday, name, "dayOfWeek", "Expected one of: " + ", ".join(_WEEKDAYS) + ".")
    place = java_text(position).upper()
    if place not in _POSITIONS:
        raise RenderError(
            f"The '{name}()' function received an invalid 'position' value: '{java_text(position)}'. "
            f"Expected one of: {', '.join(_POSITIONS)}."
        )
    if local.weekday() != wanted:
        return False
    if place == "LAST":
        return local.day + 7 > monthrange(local.year, local.month)[1]
    return (local.day - 1) // 7 == _POSITIONS.index(place)


def _weekday(value: object, name: str, argument: str, expected: str) -> int:
    word = java_text(value)
    if word.upper() not in _WEEKDAYS:
        raise RenderError(f"The '{name}()' function received an invalid '{argument}' value: '{word}'. {expected}")
    return _WEEKDAYS.index(word.upper())


@as_function("isLastWorkingDay", "date", "workingDays")
def is_last_working_day(day: object = MISSING, working_days: object = MISSING) -> object:
    """Whether a date is its month's last working day, Monday to Friday unless other days are named.

    {{ isLastWorkingDay('2024-03-29') }} → true
    """
    name = "isLastWorkingDay"
    local = _day(day, name)
    written = "" if given(working_days) is None else java_text(working_days)
    words = written.replace(",", " ").split()
    if written.strip(SPACE) and not words:
        raise RenderError(f"The '{name}()' function requires at least one valid day in 'workingDays'.")
    expected = "Expected day names like MONDAY, TUESDAY, etc."
    working = {_weekday(word, name, "workingDays", expected) for word in words} or set(range(5))
    last = local.replace(day=monthrange(local.year, local.month)[1])
    while last.weekday() not in working:
        last -= timedelta(days=1)
    return local == last


@as_function("isPublicHoliday", "date", "countryCode", "subDivision")
def is_public_holiday(day: object = MISSING, country: object = MISSING, division: object = MISSING) -> object:
    """Whether a date is a public holiday of a country or one of its parts.

    {{ isPublicHoliday('2024-07-14', 'FR') }} → true
    """
    name = "isPublicHoliday"
    for value, argument in ((day, "date"), (country, "countryCode")):
        _required(value, name, argument)
    local = _day(day, name)
    part = java_text(division).upper() if given(division) is not None else ""
    code = java_text(country).upper()
    import holidays

    try:
        known = holidays.country_holidays(code, years=local.year)
        # Kestra: a part that has no holidays of its own has those of the country
        if part in known.subdivisions:
            known = holidays.country_holidays(code, subdiv=part, years=local.year)
    except NotImplementedError:
        raise RenderError(f"The '{name}()' function knows no country '{code}'") from None
    return local in known


@as_function("isDateBefore", "date", "reference")
def is_date_before(day: object = MISSING, reference: object = MISSING) -> object:
    """Whether a date lies before another; those without a zone are UTC.

    {{ isDateBefore('2024-01-01', '2024-01-02') }} → true
    """
    return _instant(day, "isDateBefore", "date") < _instant(reference, "isDateBefore", "reference")


@as_function("isDateAfter", "date", "reference")
def is_date_after(day: object = MISSING, reference: object = MISSING) -> object:
    """Whether a date lies after another; those without a zone are UTC.

    {{ isDateAfter('2024-01-02', '2024-01-01') }} → true
    """
    return _instant(day, "isDateAfter", "date") > _instant(reference, "isDateAfter", "reference")


@as_function("isDateBetween", "date", "after", "before")
def is_date_between(day: object = MISSING, after: object = MISSING, before: object = MISSING) -> object:
    """Whether a date lies after one and before another.

    {{ isDateBetween('2024-01-02', '2024-01-01', '2024-01-03') }} → true
    """
    name = "isDateBetween"
    return _instant(after, name, "after") < _instant(day, name, "date") < _instant(before, name, "before")


def _instant(value: object, name: str, argument: str) -> int:
    _required(value, name, argument)
    words = f"could not parse '{argument}'" if name == "isDateBetween" else "could not parse a date argument"
    return _moment(value, f"The '{name}()' function {words}").epoch_nano
