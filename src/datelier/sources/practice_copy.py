"""The practice copy: the retail sample as a SQLite file, for trying out what changes data."""

import sqlite3
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final

from datelier.sources.retail_sample import TABLES, Row, retail_rows

_TYPES: Final[tuple[tuple[type, str], ...]] = (
    (int, "INTEGER"),
    (float, "REAL"),
    (datetime, "DATETIME"),  # before date, of which it is one
    (date, "DATE"),
    (str, "TEXT"),
)
# Orders hold duplicates on purpose: nothing about them is unique.
_KEYS: Final = frozenset({"customer_id", "product_id", "return_id"})


def write_practice_copy(path: Path) -> None:
    """Write the sample into a new SQLite file; the same rows each time.

    Takes a second or two: call it off the event loop.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = retail_rows()
    connection = sqlite3.connect(path)
    try:
        for table in TABLES:
            cells = rows[table.table]
            columns = ", ".join(
                f"{name} {_type(cells, place)}{' PRIMARY KEY' if not place and name in _KEYS else ''}"
                for place, name in enumerate(table.columns)
            )
            connection.execute(f"CREATE TABLE {table.table} ({columns})")
            marks = ", ".join("?" * len(table.columns))
            connection.executemany(
                f"INSERT INTO {table.table} VALUES ({marks})",  # noqa: S608  # our own names
                (tuple(map(_cell, row)) for row in cells),
            )
        connection.commit()
    finally:
        connection.close()


def _type(rows: Sequence[Row], place: int) -> str:
    value = next(row[place] for row in rows if row[place] is not None)
    return next(name for kind, name in _TYPES if isinstance(value, kind))


def _cell(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else value
