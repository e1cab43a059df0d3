"""The sample source: one click, the same data for everybody, marked as a sample.

The sample itself is files, which are only read. Its practice copy is a database that approved
writes may change from the start.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from datelier.kit.context import Context
from datelier.kit.db import owned
from datelier.kit.ids import uuid7
from datelier.sources.catalog import look_at
from datelier.sources.manage import add_source, free_name, show_source
from datelier.sources.models import Source
from datelier.sources.practice_copy import write_practice_copy
from datelier.sources.retail_sample import TABLES, write_retail_sample
from datelier.sources.schemas import SourceOut
from datelier.sources.write_connection import put
from datelier.sources.write_schemas import WriteConnectionIn

NAME: Final = "Retail sample"
PRACTICE_NAME: Final = "Retail practice copy"
_FILE: Final = "retail.sqlite"


@dataclass(frozen=True, slots=True)
class _Kind:
    """One of the samples: `write` fills a new folder, `config` describes what is in it."""

    name: str
    engine: str
    write: Callable[[Path], object]
    config: Callable[[str], dict[str, Any]]
    writable: bool = False


async def add_sample(ctx: Context, *, writable: bool = False) -> tuple[SourceOut, bool]:
    """Return the organization's sample source and whether it was made just now.

    No transaction may be open. The files are written once per source, off the event loop.

    Args:
        ctx: The caller.
        writable: The practice copy, which approved writes may change.

    Raises:
        Forbidden: The caller may not say what can be written to.
    """
    if writable:
        ctx.require("write_connection:manage")
    kind = _PRACTICE if writable else _SAMPLE
    async with ctx.begin() as tx:
        known = await _known(tx, kind)
        if known is not None and known.status == "ready":
            return await show_source(tx, known.id), False
    source_id, made = (known.id, False) if known is not None else await _create(ctx, kind)
    return await look_at(ctx, source_id), made


async def _create(ctx: Context, kind: _Kind) -> tuple[UUID, bool]:
    source_id = uuid7()
    folder = f"{ctx.org_id}/sources/{source_id}"
    blobs = ctx.resources.blobs
    try:
        await asyncio.to_thread(kind.write, blobs.path(folder))
        async with ctx.begin() as tx:
            # Two clicks at once: the second one waits here and then finds the first one's source.
            await tx.session.execute(
                text("select pg_advisory_xact_lock(hashtextextended('sample:' || :org, 0))"),
                {"org": str(ctx.org_id)},
            )
            known = await _known(tx, kind)
            if known is None:
                row = Source(id=source_id, sample=True)
                name = await free_name(tx, kind.name)
                await add_source(tx, name, kind.engine, kind.config(folder), source=row)
                if kind.writable:
                    await put(tx, source_id, WriteConnectionIn())
                return source_id, True
    except BaseException:
        await asyncio.shield(blobs.delete(folder))
        raise
    await blobs.delete(folder)
    return known.id, False


async def _known(ctx: Context, kind: _Kind) -> Source | None:
    query = (
        owned(ctx, Source)
        .where(Source.sample, Source.engine == kind.engine, Source.deleted_at.is_(None))
        .limit(1)
    )
    return (await ctx.session.execute(query)).scalar_one_or_none()


def _tables(folder: str) -> dict[str, Any]:
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


def _database(folder: str) -> dict[str, Any]:
    facts = {"name": _FILE, "path": f"{folder}/{_FILE}", "format": "sqlite", "bytes": None}
    return {"files": [facts]}


_SAMPLE: Final = _Kind(NAME, "files", write_retail_sample, _tables)
_PRACTICE: Final = _Kind(
    PRACTICE_NAME,
    "sqlite",
    lambda folder: write_practice_copy(folder / _FILE),
    _database,
    writable=True,
)
