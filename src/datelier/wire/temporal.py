"""Days and microseconds to ISO text and back, over the whole range of PostgreSQL and DuckDB.

Python's datetime ends at the years 1 and 9999 and knows no infinity; stored data does not.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

DAY_MICROS: Final = 86_400_000_000
DATE_INFINITY: Final = 2**31 - 1
TIME_INFINITY: Final = 2**63 - 1
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO: Final = timedelta(microseconds=1)
_LAST_ORDINAL: Final = date.max.toordinal()
_STAMP: Final = re.compile(
    r"(?P<year>\d{4,7})-(?P<month>\d\d)-(?P<day>\d\d)"
    r"(?:[ T](?P<clock>\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)(?P<zone>Z|[+-]\d\d(?::?\d\d(?::\d\d)?)?)?)?"
    r"(?P<bc> BC)?$"
)
_CLOCK: Final = re.compile(r"(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,6}))?)?$")


@lru_cache(maxsize=4096)
def date_text(days: int) -> str:
    """Days since 1970-01-01 as `YYYY-MM-DD`, `… BC`, `infinity` or `-infinity`."""
    ordinal = days + _EPOCH_ORDINAL
    if 1 <= ordinal <= _LAST_ORDINAL:
        return date.fromordinal(ordinal).isoformat()
    if days >= DATE_INFINITY:
        return "infinity"
    if days <= -DATE_INFINITY:
        return "-infinity"
    year, month, day = _civil(days)
    suffix = "" if year > 0 else " BC"
    return f"{year if year > 0 else 1 - year:04}-{month:02}-{day:02}{suffix}"


def time_text(micros: int) -> str:
    """Microseconds since midnight as `HH:MM:SS[.ffffff]`; 24:00:00 is possible."""
    seconds, fraction = divmod(micros, 1_000_000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    text = f"{hour:02}:{minute:02}:{second:02}"
    return f"{text}.{fraction:06}" if fraction else text


def timestamp_text(micros: int, zone: str = "") -> str:
    """Microseconds since the epoch as ISO 8601 `YYYY-MM-DDTHH:MM:SS[.ffffff]` + zone."""
    if micros >= TIME_INFINITY:
        return "infinity"
    if micros <= -TIME_INFINITY:
        return "-infinity"
    days, rest = divmod(micros, DAY_MICROS)
    day, _, era = date_text(days).partition(" ")
    text = f"{day}T{time_text(rest)}{zone}"
    return f"{text} {era}" if era else text


def date_days(value: object) -> int:
    """A date, its text or days already counted, as days since 1970-01-01."""
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return value.toordinal() - _EPOCH_ORDINAL
    if isinstance(value, int):
        return value
    text = str(value)
    if len(text) == 10 and text[4] == "-":
        return date.fromisoformat(text).toordinal() - _EPOCH_ORDINAL
    if text.endswith("infinity"):
        return -DATE_INFINITY - 1 if text.startswith("-") else DATE_INFINITY
    return _parsed(text)[0]


def time_micros(value: object) -> int:
    """A time, its text or microseconds, as microseconds since midnight."""
    if isinstance(value, int):
        return value
    if isinstance(value, time):
        return (
            (value.hour * 60 + value.minute) * 60 + value.second
        ) * 1_000_000 + value.microsecond
    match = _CLOCK.match(str(value))
    if match is None:
        raise ValueError(f"not a time: {str(value)[:40]!r}")
    hour, minute, second, fraction = match.groups(default="0")
    whole = (int(hour) * 60 + int(minute)) * 60 + int(second)
    return whole * 1_000_000 + int(fraction.ljust(6, "0"))


def timestamp_micros(value: object) -> int:
    """A datetime (naive means UTC), its text or microseconds, as microseconds since the epoch."""
    if isinstance(value, int):
        return value
    if isinstance(value, datetime):
        aware = value if value.tzinfo else value.replace(tzinfo=UTC)
        return (aware - _EPOCH) // _MICRO
    text = str(value)
    if text.endswith("infinity"):
        return -TIME_INFINITY - 1 if text.startswith("-") else TIME_INFINITY
    days, micros = _parsed(text)
    return days * DAY_MICROS + micros


def _parsed(text: str) -> tuple[int, int]:
    """Days and microseconds (UTC) of ISO text as databases write it."""
    match = _STAMP.match(text)
    if match is None:
        raise ValueError(f"not a date or timestamp: {text[:40]!r}")
    year = int(match["year"])
    days = _days(1 - year if match["bc"] else year, int(match["month"]), int(match["day"]))
    micros = time_micros(match["clock"]) if match["clock"] else 0
    return days, micros - _zone_seconds(match["zone"]) * 1_000_000


def _zone_seconds(zone: str | None) -> int:
    if zone is None or zone == "Z":
        return 0
    parts = [int(part) for part in re.findall(r"\d\d", zone)]
    seconds = sum(part * unit for part, unit in zip(parts, (3600, 60, 1), strict=False))
    return -seconds if zone[0] == "-" else seconds


def _days(year: int, month: int, day: int) -> int:
    """Proleptic Gregorian date to days since 1970-01-01 (H. Hinnant, days_from_civil)."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def _civil(days: int) -> tuple[int, int, int]:
    """The inverse of `_days` (H. Hinnant, civil_from_days)."""
    era, day = divmod(days + 719_468, 146_097)
    year = (day - day // 1460 + day // 36_524 - day // 146_096) // 365
    of_year = day - (365 * year + year // 4 - year // 100)
    moved = (5 * of_year + 2) // 153
    month = moved + (3 if moved < 10 else -9)
    return year + era * 400 + (month <= 2), month, of_year - (153 * moved + 2) // 5 + 1
