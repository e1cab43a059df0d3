"""What a source contains: asked of a worker, kept on the source row."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import select

from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.db import get_owned, owned
from datelier.kit.errors import NotFound
from datelier.sources.errors import ActionFailed, BadFile, NeverRead, NoWorker
from datelier.sources.gateway import WorkerGateway
from datelier.sources.manage import show_source
from datelier.sources.models import Source
from datelier.sources.schemas import CatalogOut, CatalogTable, SourceOut
from datelier.sources.starters import SAMPLE_STARTERS, starters_of
from datelier.sources.value_index import build_values

SAMPLE_ROWS: Final = 3
DESCRIBE_SECONDS: Final = 45.0
FILE_HINT: Final = "Save it anew, as CSV in UTF-8 or as Parquet for example, and upload that."
CatalogWatch = Callable[[Context, UUID, Sequence[CatalogTable]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class CatalogWatches:
    """Who is told that a source's catalog was read anew; slices above register themselves."""

    all: tuple[CatalogWatch, ...] = ()


async def get_catalog(ctx: Context, source_id: UUID) -> CatalogOut:
    """Return what is known of a source's contents.

    Raises:
        NotFound: No such source.
        NeverRead: It has never been looked at.
    """
    query = (
        owned(ctx, Source)
        .with_only_columns(Source.catalog, Source.catalog_at, Source.last_error)
        .where(Source.id == source_id, Source.deleted_at.is_(None))
    )
    row = (await ctx.session.execute(query)).one_or_none()
    if row is None:
        raise NotFound("source", source_id)
    if row.catalog is None or row.catalog_at is None:
        raise NeverRead(row.last_error)
    return CatalogOut(
        source_id=source_id,
        refreshed_at=row.catalog_at,
        tables=[CatalogTable.model_validate(table) for table in row.catalog["tables"]],
    )


async def refresh_catalog(ctx: Context, source_id: UUID) -> CatalogOut:
    """Ask a worker what a source contains and keep it; no transaction may be open.

    Raises:
        NotFound: No such source.
        NoWorker: Nobody is connected who holds the source; the source's state does not change.
        ActionFailed: The worker could not read it; the source then says so.
    """
    gateway = ctx.resources.get(WorkerGateway)
    try:
        answer = await gateway.perform(
            ctx, source_id, "describe", {"samples": SAMPLE_ROWS}, timeout_s=DESCRIBE_SECONDS
        )
        tables = _tables(answer.result)
    except ActionFailed as error:
        await _store(ctx, source_id, {"status": "error", "last_error": error.detail[:500]})
        raise
    broken = [table.error for table in tables if table.error]
    unreadable = bool(tables) and len(broken) == len(tables)
    await _store(
        ctx,
        source_id,
        {
            "status": "error" if unreadable else "ready",
            "last_error": broken[0][:500] if broken else None,
            "catalog": {"tables": [t.model_dump(by_alias=True) for t in tables]},
            "catalog_at": now(),
        },
    )
    await build_values(ctx, source_id, tables)
    async with ctx.begin() as tx:
        for told in ctx.resources.find(CatalogWatches, CatalogWatches()).all:
            await told(tx, source_id, tables)
        return await get_catalog(tx, source_id)


def _tables(result: dict[str, Any]) -> list[CatalogTable]:
    try:
        return [CatalogTable.model_validate(table) for table in result["tables"]]
    except (KeyError, TypeError, ValidationError):
        raise ActionFailed("The data worker's description cannot be read.") from None


async def _store(ctx: Context, source_id: UUID, values: dict[str, Any]) -> None:
    async with ctx.begin() as tx:
        source = await get_owned(tx, Source, source_id, for_update=True)
        for name, value in values.items():
            setattr(source, name, value)
        source.checked_at = now()


async def look_at(ctx: Context, source_id: UUID, *, strict: bool = False) -> SourceOut:
    """Refresh a new source's catalog if that is possible now, and return the source either way.

    Raises:
        BadFile: A file cannot be read as what it claims to be, and `strict` was asked for.
    """
    try:
        catalog = await refresh_catalog(ctx, source_id)
    except BadFile:
        if strict:
            raise
    except (NoWorker, ActionFailed):
        pass  # the source itself says what is wrong, and can be refreshed later
    else:
        # A view of a database may be broken; a file of its own is not what it claims to be.
        files = (table for table in catalog.tables if table.kind == "file")
        broken = next((table.error for table in files if table.error), None)
        if broken is not None and strict:
            raise BadFile(broken, hint=FILE_HINT)
    async with ctx.begin() as tx:
        return await show_source(tx, source_id)


async def starters(ctx: Context, source_id: UUID) -> list[str]:
    """Return four questions to begin with; fewer when the catalog gives no more."""
    query = select(Source.sample, Source.catalog_at).where(
        Source.id == source_id, Source.org_id == ctx.org_id, Source.deleted_at.is_(None)
    )
    row = (await ctx.session.execute(query)).one_or_none()
    if row is None:
        raise NotFound("source", source_id)
    if row.sample:
        return list(SAMPLE_STARTERS)
    if row.catalog_at is None:
        return []
    return starters_of((await get_catalog(ctx, source_id)).tables)
