"""The sources of a chat: their names, their rows, their catalogs."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import undefer

from datelier.kit.context import Context
from datelier.kit.db import owned
from datelier.sources.models import Source


async def attached_sources(
    ctx: Context, source_ids: list[UUID], *, catalogs: bool = True
) -> list[Source]:
    """Return the sources with these ids that exist, in the order asked, catalogs loaded or not."""
    query = owned(ctx, Source).where(Source.id.in_(source_ids), Source.deleted_at.is_(None))
    if catalogs:
        query = query.options(undefer(Source.catalog))
    found = {source.id: source for source in (await ctx.session.execute(query)).scalars()}
    return [found[key] for key in source_ids if key in found]


async def source_names(ctx: Context, source_ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the names of those of these sources that exist, in the order asked.

    A transaction of its own is opened if none is open.
    """
    if not ctx.in_transaction:
        async with ctx.begin() as tx:
            return await source_names(tx, source_ids)
    query = (
        owned(ctx, Source)
        .with_only_columns(Source.id, Source.name)
        .where(Source.id.in_(source_ids), Source.deleted_at.is_(None))
    )
    found = {row.id: row.name for row in await ctx.session.execute(query)}
    return {key: found[key] for key in source_ids if key in found}


async def catalog_tables(ctx: Context, source_id: UUID) -> list[dict[str, Any]]:
    """Return the tables of a source as they are stored; none when it was never looked at."""
    query = owned(ctx, Source).with_only_columns(Source.catalog).where(Source.id == source_id)
    catalog = (await ctx.session.execute(query)).scalar_one_or_none() or {}
    return list(catalog.get("tables", ()))
