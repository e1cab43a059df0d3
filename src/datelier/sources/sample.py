"""The sample source: one click, the same data for everybody, marked as a sample."""

import asyncio
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from datelier.kit.context import Context
from datelier.kit.db import owned
from datelier.kit.ids import uuid7
from datelier.sources.catalog import look_at
from datelier.sources.manage import add_source, free_name, show_source
from datelier.sources.models import Source
from datelier.sources.retail_sample import TABLES, write_retail_sample
from datelier.sources.schemas import SourceOut

NAME: Final = "Retail sample"


async def add_sample(ctx: Context) -> tuple[SourceOut, bool]:
    """Return the organization's sample source and whether it was made just now.

    No transaction may be open. The files are written once per source, off the event loop.
    """
    async with ctx.begin() as tx:
        known = await _known(tx)
        if known is not None and known.status == "ready":
            return await show_source(tx, known.id), False
    source_id, made = (known.id, False) if known is not None else await _create(ctx)
    return await look_at(ctx, source_id), made


async def _create(ctx: Context) -> tuple[UUID, bool]:
    source_id = uuid7()
    folder = f"{ctx.org_id}/sources/{source_id}"
    blobs = ctx.resources.blobs
    try:
        await asyncio.to_thread(write_retail_sample, blobs.path(folder))
        async with ctx.begin() as tx:
            # Two clicks at once: the second one waits here and then finds the first one's source.
            await tx.session.execute(
                text("select pg_advisory_xact_lock(hashtextextended('sample:' || :org, 0))"),
                {"org": str(ctx.org_id)},
            )
            known = await _known(tx)
            if known is None:
                row = Source(id=source_id, sample=True)
                await add_source(
                    tx, await free_name(tx, NAME), "files", _config(folder), source=row
                )
                return source_id, True
    except BaseException:
        await asyncio.shield(blobs.delete(folder))
        raise
    await blobs.delete(folder)
    return known.id, False


async def _known(ctx: Context) -> Source | None:
    query = owned(ctx, Source).where(Source.sample, Source.deleted_at.is_(None)).limit(1)
    return (await ctx.session.execute(query)).scalar_one_or_none()


def _config(folder: str) -> dict[str, Any]:
    return {
        "files": [
            {
                "name": table.path,
                "table": table.table,
                "path": f"{folder}/{table.path}",
                "format": "csv",
                "bytes": None,
            }
            for table in TABLES
        ]
    }
