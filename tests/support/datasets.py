"""Data sets nobody has seen before: seeded, written in every format, with known answers."""

import csv
import random
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import openpyxl
import psycopg
from psycopg import sql

_THEMES = (
    ("shipments", "carrier", ("Aster", "Borealis", "Cirrus", "Dune"), "weight"),
    ("tickets", "team", ("Harbour", "Meadow", "Orchard", "Quarry", "Tundra"), "minutes"),
    ("harvests", "orchard", ("North slope", "Mill field", "Old wall"), "kilograms"),
    ("journeys", "line", ("Amber", "Basalt", "Cobalt", "Dove", "Ember"), "distance"),
)


@dataclass(frozen=True, slots=True)
class Dataset:
    """One table with a dimension and a measure, and the sum of the measure per dimension."""

    table: str
    dimension: str
    measure: str
    rows: list[tuple[int, str | None, Decimal, date]]

    @property
    def columns(self) -> tuple[str, str, str, str]:
        return (f"{self.table[:-1]}_id", self.dimension, self.measure, "recorded_on")

    @property
    def question(self) -> str:
        return f"Total {self.measure} by {self.dimension}"

    @property
    def totals(self) -> dict[str | None, Decimal]:
        """The right answer to the question."""
        sums: dict[str | None, Decimal] = defaultdict(Decimal)
        for _, key, value, _day in self.rows:
            sums[key] += value
        return dict(sums)

    def write(self, folder: Path, kind: str) -> Path:
        """Write the table as csv, parquet or xlsx and return the file."""
        path = folder / f"{self.table}.{kind}"
        if kind == "xlsx":
            book = openpyxl.Workbook()
            sheet = book.active
            assert sheet is not None
            sheet.append(self.columns)
            for number, key, value, day in self.rows:
                sheet.append([number, key, float(value), day])
            book.save(path)
            return path
        source = path if kind == "csv" else path.with_suffix(".source.csv")
        with source.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(self.columns)
            writer.writerows(self.rows)
        if kind == "parquet":
            with duckdb.connect() as connection:
                connection.execute(f"copy (from read_csv('{source}')) to '{path}' (format parquet)")
            source.unlink()
        return path

    def load(self, url: str) -> None:
        """Create and fill the table in a PostgreSQL database."""
        number, dimension, measure, day = map(sql.Identifier, self.columns)
        with psycopg.connect(url) as connection:
            connection.execute(
                sql.SQL(
                    "create table {} ({} int primary key, {} text, {} numeric(12, 2), {} date)"
                ).format(sql.Identifier(self.table), number, dimension, measure, day)
            )
            copy = sql.SQL("copy {} from stdin").format(sql.Identifier(self.table))
            with connection.cursor().copy(copy) as stream:
                for row in self.rows:
                    stream.write_row(row)


def make_dataset(seed: int, *, size: int = 400) -> Dataset:
    """Return the data set of a seed; the same seed gives the same rows."""
    rng = random.Random(seed)
    table, dimension, values, measure = _THEMES[seed % len(_THEMES)]
    start = date(2026, 1, 1)
    rows: list[tuple[int, str | None, Decimal, date]] = [
        (
            number,
            rng.choice(values),
            Decimal(rng.randrange(100, 99_999)) / 100,
            start + timedelta(days=rng.randrange(300)),
        )
        for number in range(1, size + 1)
    ]
    return Dataset(table, dimension, measure, rows)
