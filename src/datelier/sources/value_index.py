"""The value index: all values of text columns with few of them, so that filters use real ones.

A column's values are all known or not kept at all; a part of them is never passed off as all.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import delete, func, null, select
from sqlalchemy.dialects.postgresql import insert

from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.ids import uuid7
from datelier.kit.log import get_logger
from datelier.sources.errors import ActionFailed, NoWorker
from datelier.sources.gateway import WorkerGateway
from datelier.sources.models import ValueIndex
from datelier.sources.privacy import Privacy, privacy_of, table_key
from datelier.sources.schemas import CatalogTable
from datelier.sources.target import get_source

log = get_logger(__name__)

SOURCE_BYTES: Final = 256 * 1024
REFRESH_SECONDS: Final = 5.0
REFRESH_ROWS: Final = 1_000_000
_MOST_VALUES: Final = 200


@dataclass(frozen=True, slots=True)
class Indexed:
    """What is known of a column's values; `values` None unless it is all of them."""

    state: str
    distinct: int | None
    values: tuple[str, ...] | None


async def keep_values(
    ctx: Context, source_id: UUID, table: str, columns: Sequence[dict[str, Any]]
) -> None:
    """Replace the index of a table by what a worker found; private columns are left out.

    Args:
        ctx: A context inside a transaction.
        source_id: The source; its row is locked, so that its privacy cannot change meanwhile.
        table: The table's key.
        columns: A worker's columns: `name`, `kind`, `distinct` and `values`.
    """
    source = await get_source(ctx, source_id, for_update=True)
    rule = privacy_of(source)
    mine = (ValueIndex.org_id == ctx.org_id, ValueIndex.source_id == source_id)
    await ctx.session.execute(delete(ValueIndex).where(*mine, ValueIndex.table_name == table))
    used = select(func.coalesce(func.sum(ValueIndex.bytes), 0)).where(*mine)
    room = SOURCE_BYTES - int((await ctx.session.execute(used)).scalar_one())
    rows: list[dict[str, Any]] = []
    for column in columns:
        if column.get("kind") != "text" or rule.hides(table, str(column["name"])):
            continue
        state, entries = _entry(column, room)
        if state is None:
            continue
        size = len(orjson.dumps(entries)) if entries is not None else 0
        room -= size
        rows.append(
            {
                "id": uuid7(),
                "org_id": ctx.org_id,
                "source_id": source_id,
                "table_name": table,
                "column_name": str(column["name"]),
                "state": state,
                "distinct_count": column.get("distinct"),
                "entries": null() if entries is None else entries,
                "bytes": size,
                "built_at": now(),
            }
        )
    for row in rows:
        await ctx.session.execute(insert(ValueIndex).values(**row))
    source.values_at = now()
    await ctx.session.flush()


def _entry(column: dict[str, Any], room: int) -> tuple[str | None, list[str] | None]:
    """The state of a column's index and its values; no state when nothing is known of it."""
    values, distinct = column.get("values"), column.get("distinct")
    if distinct is None:
        return None, None
    if values is None and distinct <= _MOST_VALUES:
        # Few values, but too long ones, or only the first rows were looked at.
        return ("too_long", None) if column.get("distinct_exact") else (None, None)
    if values is None:
        return "too_many", None
    entries = [str(value) for value in values]
    if len(orjson.dumps(entries)) > room:
        return "over_cap", None
    return "complete", entries


async def build_values(ctx: Context, source_id: UUID, tables: Sequence[CatalogTable]) -> None:
    """Index what can be indexed in a few seconds after a catalog was read.

    Tables that are large, or of unknown size, wait for their profile. What is gone from the
    catalog goes from the index. A worker that fails here fails nothing else.
    """
    async with ctx.begin() as tx:
        source = await get_source(tx, source_id)
        rule = privacy_of(source)
        await _drop_missing(tx, source_id, {table_key(t.schema_name, t.name) for t in tables})
    if rule.everything:
        return
    deadline = monotonic() + REFRESH_SECONDS
    for table in tables:
        left = deadline - monotonic()
        if left < 0.5:
            log.info("value_index_unfinished", source_id=str(source_id))
            return
        if table.rows is None or table.rows > REFRESH_ROWS or not _has_texts(table):
            continue
        if not await _build(ctx, source_id, table_key(table.schema_name, table.name), left):
            return


def _has_texts(table: CatalogTable) -> bool:
    words = ("char", "text", "enum", "string", "user-defined")
    return any(word in column.type.lower() for column in table.columns for word in words)


async def _build(ctx: Context, source_id: UUID, table: str, seconds: float) -> bool:
    """Index one table; False when no worker answers, so that no other is tried."""
    params = {"table": table, "values_only": True}
    gateway = ctx.resources.get(WorkerGateway)
    try:
        async with asyncio.timeout(seconds):
            answer = await gateway.perform(ctx, source_id, "profile", params, timeout_s=seconds)
        columns: list[dict[str, Any]] = [dict(one) for one in answer.result["profile"]]
        async with ctx.begin() as tx:
            await keep_values(tx, source_id, table, columns)
    except (NoWorker, TimeoutError):
        return False
    except (ActionFailed, KeyError, TypeError, ValueError) as error:
        log.info("value_index_failed", source_id=str(source_id), error=type(error).__name__)
    return True


async def _drop_missing(ctx: Context, source_id: UUID, tables: set[str]) -> None:
    await ctx.session.execute(
        delete(ValueIndex).where(
            ValueIndex.org_id == ctx.org_id,
            ValueIndex.source_id == source_id,
            ValueIndex.table_name.not_in(sorted(tables)),
        )
    )


async def values_of(ctx: Context, source_id: UUID, rule: Privacy) -> dict[tuple[str, str], Indexed]:
    """Return the index of a source by `(table key, column)`, without what is private."""
    if rule.everything:
        return {}
    query = select(ValueIndex).where(
        ValueIndex.org_id == ctx.org_id, ValueIndex.source_id == source_id
    )
    rows = (await ctx.session.execute(query)).scalars()
    return {
        (row.table_name, row.column_name): Indexed(
            row.state, row.distinct_count, None if row.entries is None else tuple(row.entries)
        )
        for row in rows
        if not rule.hides(row.table_name, row.column_name)
    }
