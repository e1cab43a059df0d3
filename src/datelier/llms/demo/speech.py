"""The planned statement in the words of a dialect that spells times otherwise.

Plans are written as DuckDB and PostgreSQL read them. What differs elsewhere comes from three
functions of `sql`, in capitals; literals are in small letters, so they are never taken for them.
"""

import re
from collections.abc import Callable
from typing import Final

_COLUMN: Final = r'((?:\w+\.)?(?:"(?:[^"]|"")+"|\w+))'
_BUCKET: Final = re.compile(rf"CAST\(DATE_TRUNC\('(\w+)', {_COLUMN}\) AS DATE\)")
_PART: Final = re.compile(rf"EXTRACT\((YEAR|MONTH) FROM {_COLUMN}\)")
_DAY: Final = re.compile(r"\bDATE ('\d{4}-\d\d-\d\d')")
_ROUNDED: Final = re.compile(r"CAST\(100\.0 \* (.+?) AS DECIMAL\(18, 1\)\)", re.DOTALL)
_SQLITE_STARTS: Final = {
    "day": "date({0})",
    "week": "date({0}, 'weekday 0', '-6 days')",
    "month": "date({0}, 'start of month')",
    "quarter": (
        "date({0}, 'start of month', '-' || ((CAST(strftime('%m', {0}) AS INTEGER) - 1) % 3)"
        " || ' months')"
    ),
    "year": "date({0}, 'start of year')",
}
_SQLITE_PARTS: Final = {"YEAR": "%Y", "MONTH": "%m"}


def spoken(statement: str, dialect: str) -> str:
    """Return a planned statement as the dialect says it."""
    speak = _SPEAKERS.get(dialect)
    return statement if speak is None else speak(statement)


def _sqlite(statement: str) -> str:
    statement = _BUCKET.sub(lambda m: _SQLITE_STARTS[m[1]].format(m[2]), statement)
    statement = _PART.sub(
        lambda m: f"CAST(strftime('{_SQLITE_PARTS[m[1]]}', {m[2]}) AS INTEGER)", statement
    )
    statement = _DAY.sub(lambda m: m[1], statement)
    return _ROUNDED.sub(lambda m: f"round(100.0 * {m[1]}, 1)", statement)


_SPEAKERS: Final[dict[str, Callable[[str], str]]] = {"sqlite": _sqlite}
