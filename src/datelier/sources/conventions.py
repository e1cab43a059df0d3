"""How a source counts: its year, its week, its clock, its money, the units of its columns.

People say it once; every model that is told about the source is told this with it, and figures
are written in the source's currency.
"""

import re
from calendar import month_name
from collections.abc import Iterable, Sequence
from typing import Annotated, Any, Final, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, field_validator
from sqlalchemy import select

from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.currencies import CURRENCY_CODES
from datelier.kit.errors import Invalid
from datelier.sources.models import Source

MOST_UNITS: Final = 500
_PRINTABLE: Final = re.compile(r"[^\x00-\x1f\x7f|<>]+")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True, frozen=True)


class ColumnUnit(_Strict):
    """The unit of a column's numbers: ``kg``, ``cents``, ``°C``, ``EUR``."""

    table: str = Field(min_length=1, max_length=300)
    column: str = Field(min_length=1, max_length=300)
    unit: str = Field(min_length=1, max_length=40)

    @field_validator("unit")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if not _PRINTABLE.fullmatch(value):
            raise ValueError("must be a short name of a unit on one line")
        return value


class Conventions(_Strict):
    """What numbers and dates of a source mean; what is null is not known.

    Attributes:
        fiscal_year_start: The month (1 to 12) in which its business year begins.
        week_start: The first day of its weeks.
        time_zone: In which its moments without a zone are, by its IANA name.
        currency: Of its amounts, unless a column's unit says otherwise.
        units: Units of single columns.
    """

    fiscal_year_start: Annotated[int, Field(ge=1, le=12)] | None = None
    week_start: Literal["monday", "saturday", "sunday"] | None = None
    time_zone: Annotated[str, Field(max_length=64)] | None = None
    currency: Annotated[str, Field(min_length=3, max_length=3)] | None = None
    units: list[ColumnUnit] = Field(default=[], max_length=MOST_UNITS)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, value: str | None) -> str | None:
        try:
            return ZoneInfo(value).key if value else None
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError("must be a time zone such as Europe/Berlin") from None

    @field_validator("currency")
    @classmethod
    def _known_currency(cls, value: str | None) -> str | None:
        if value is not None and value.upper() not in CURRENCY_CODES:
            raise ValueError("must be a currency code such as EUR")
        return value.upper() if value else None

    def said(self) -> str:
        """Return what a model is told of the source as a whole; empty when nothing is known."""
        parts: list[str] = []
        if self.fiscal_year_start is not None:
            month = month_name[self.fiscal_year_start]
            parts.append(
                "the fiscal year is the calendar year"
                if self.fiscal_year_start == 1
                else f"the fiscal year begins on 1 {month}; say which months a year or quarter means"
            )
        if self.week_start is not None:
            parts.append(f"weeks begin on {self.week_start.capitalize()}")
        if self.time_zone is not None:
            parts.append(f"moments without a time zone are in {self.time_zone}")
        if self.currency is not None:
            parts.append(
                f"amounts are in {self.currency} unless a column says otherwise: write them with "
                f"the format {self.currency.lower()}"
            )
        return f"Conventions: {'; '.join(parts)}." if parts else ""

    def unit_of(self, tables: Iterable[str], column: str) -> str | None:
        """Return the unit of a column of a table that has any of these names."""
        names = {table.lower() for table in tables}
        for entry in self.units:
            if entry.column.lower() == column.lower() and entry.table.lower() in names:
                return entry.unit
        return None


NO_CONVENTIONS: Final = Conventions()


def conventions_of(stored: dict[str, Any] | None) -> Conventions:
    """Return stored conventions."""
    return Conventions.model_validate(stored or {})


async def set_conventions(ctx: Context, source: Source, wanted: Conventions) -> None:
    """Replace a source's conventions; those who are told of it are told anew.

    Raises:
        Invalid: A unit is given twice, or to a column that is not in the catalog.
    """
    await _known(ctx, source, wanted.units)
    source.conventions = wanted.model_dump(mode="json", exclude_none=True)
    # What was written down about the source for models is made anew when this moves.
    source.values_at = now()


async def _known(ctx: Context, source: Source, units: Sequence[ColumnUnit]) -> None:
    if not units:
        return
    query = select(Source.catalog).where(Source.org_id == ctx.org_id, Source.id == source.id)
    catalog: dict[str, Any] = (await ctx.session.execute(query)).scalar_one_or_none() or {}
    known = {
        (name, column["name"])
        for table in catalog.get("tables", ())
        for name in (table["name"], f"{table.get('schema') or ''}.{table['name']}")
        for column in table["columns"]
    }
    kept = {(entry.table, entry.column) for entry in conventions_of(source.conventions).units}
    seen: set[tuple[str, str]] = set()
    for number, entry in enumerate(units):
        place = (entry.table, entry.column)
        if place not in known | kept:
            raise Invalid.field(
                f"conventions.units.{number}", "names no column of this source's catalog"
            )
        if place in seen:
            raise Invalid.field(f"conventions.units.{number}", "has a unit already")
        seen.add(place)
