"""What a model may see of a source: everything, or schema and aggregates only.

This is the one place that decides. Grounding and tool results ask it; nothing else may show
values of a source to a model.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, select

from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.db import owned
from datelier.kit.errors import Invalid
from datelier.sources.models import Source, ValueIndex
from datelier.sources.profile_schemas import PrivateColumn
from datelier.worker.functions import Dialect

DIALECTS: Final[dict[str, Dialect]] = {
    "files": "duckdb",
    "postgresql": "postgres",
    "mysql": "mysql",
    "sqlite": "sqlite",
    "clickhouse": "clickhouse",
    "trino": "trino",
    "bigquery": "bigquery",
    "snowflake": "snowflake",
    "sqlserver": "tsql",
}


@dataclass(frozen=True, slots=True)
class Privacy:
    """Which values of a source are for people only.

    Attributes:
        everything: The whole source is private.
        columns: Lower-case `(table, column)`; tables as the catalog lists them, and bare.
    """

    engine: str
    everything: bool = False
    columns: frozenset[tuple[str, str]] = frozenset()

    @property
    def open(self) -> bool:
        """Whether nothing is private."""
        return not self.everything and not self.columns

    def hides(self, table: str, column: str) -> bool:
        """Whether a model may not see a column's values; `table` bare or with its schema."""
        return self.everything or (table.lower(), column.lower()) in self.columns

    def hidden_in(self, tables: Iterable[str]) -> frozenset[str]:
        """Lower-case names of the private columns of these tables (lower-case, bare names)."""
        named = set(tables)
        return frozenset(column for table, column in self.columns if table in named)


def privacy_of(source: Source) -> Privacy:
    """Return what of a source is private."""
    return privacy(source.engine, source.private, source.private_columns)


def privacy(engine: str, everything: bool, entries: Iterable[Mapping[str, Any]]) -> Privacy:
    """Return the rule of a source's stored columns."""
    columns: set[tuple[str, str]] = set()
    for entry in entries:
        table, column = str(entry["table"]).lower(), str(entry["column"]).lower()
        columns |= {(table, column), (table.partition(".")[2] or table, column)}
    return Privacy(engine, everything, frozenset(columns))


async def source_privacy(ctx: Context, source_id: UUID) -> Privacy:
    """Return the privacy of a source by its id; an unknown source is private altogether."""
    query = owned(ctx, Source).where(Source.id == source_id)
    source = (await ctx.session.execute(query)).scalar_one_or_none()
    return Privacy("", everything=True) if source is None else privacy_of(source)


def table_key(schema: str | None, name: str) -> str:
    """Return a table's name as the API takes and gives it: with its schema, if it has one."""
    return f"{schema}.{name}" if schema else name


async def set_privacy(
    ctx: Context, source: Source, private: bool | None, columns: list[PrivateColumn] | None
) -> None:
    """Change what of a source is private, and forget the values that became so.

    Raises:
        Invalid: A column is not in the source's catalog.
    """
    if columns is not None:
        await _known(ctx, source, columns)
        chosen = sorted({(entry.table, entry.column) for entry in columns})
        source.private_columns = [{"table": t, "column": c} for t, c in chosen]
    if private is not None:
        source.private = private
    source.values_at = now()
    rule = privacy_of(source)
    kept = select(ValueIndex.id, ValueIndex.table_name, ValueIndex.column_name).where(
        ValueIndex.org_id == ctx.org_id, ValueIndex.source_id == source.id
    )
    gone = [
        r.id for r in await ctx.session.execute(kept) if rule.hides(r.table_name, r.column_name)
    ]
    await ctx.session.execute(
        delete(ValueIndex).where(ValueIndex.org_id == ctx.org_id, ValueIndex.id.in_(gone))
    )


async def _known(ctx: Context, source: Source, columns: list[PrivateColumn]) -> None:
    query = select(Source.catalog).where(Source.org_id == ctx.org_id, Source.id == source.id)
    catalog: dict[str, Any] = (await ctx.session.execute(query)).scalar_one_or_none() or {}
    known = {
        (table_key(table.get("schema"), table["name"]), column["name"])
        for table in catalog.get("tables", ())
        for column in table["columns"]
    }
    already = {(entry["table"], entry["column"]) for entry in source.private_columns}
    for number, entry in enumerate(columns):
        if (entry.table, entry.column) not in known | already:
            raise Invalid.field(
                f"private_columns.{number}", "names no column of this source's catalog"
            )
