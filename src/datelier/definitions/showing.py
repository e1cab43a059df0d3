"""Definitions as the API gives them."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from datelier.definitions.models import Definition, DefinitionVersion
from datelier.definitions.schemas import (
    CheckOut,
    DefinitionDetail,
    DefinitionOut,
    DefinitionVersionOut,
    LapseOut,
    PersonRef,
    UsedTable,
)
from datelier.kit.context import Context
from datelier.sources.models import Source


async def show(ctx: Context, rows: Sequence[Definition]) -> list[DefinitionOut]:
    """Return definitions with the names of their sources; a removed source has none."""
    names = await source_names(ctx, {row.source_id for row in rows})
    return [_shown(row, names) for row in rows]


async def show_one(ctx: Context, row: Definition) -> DefinitionDetail:
    """Return one definition with what it reads."""
    [shown] = await show(ctx, [row])
    uses = [UsedTable(table=u["table"], columns=[c for c, _ in u["columns"]]) for u in row.uses]
    return DefinitionDetail(
        **shown.model_dump(),
        uses=uses,
        origin_query_id=row.origin_query_id,
        origin_version=row.origin_version,
    )


async def source_names(ctx: Context, ids: set[UUID | None]) -> dict[UUID, str]:
    """Return the names of sources that are there."""
    query = select(Source.id, Source.name).where(
        Source.org_id == ctx.org_id,
        Source.deleted_at.is_(None),
        Source.id.in_([one for one in ids if one is not None]),
    )
    return {row.id: row.name for row in await ctx.session.execute(query)}


def handle_of(row: Definition) -> str:
    """Return how people and models name a definition: ``M4``, M for what something means."""
    return f"M{row.number}"


def former_handle_of(row: Definition) -> str:
    """Return how it was named before documents had that letter: stored messages still say so."""
    return f"D{row.number}"


def _shown(row: Definition, names: dict[UUID, str]) -> DefinitionOut:
    certified = row.certified_at is not None
    return DefinitionOut(
        id=row.id,
        number=row.number,
        handle=handle_of(row),
        kind=row.kind,  # pyright: ignore[reportArgumentType]  # the table's check lists the same
        name=row.name,
        pattern=row.pattern,
        sql=row.sql,
        note=row.note,
        source_id=row.source_id,
        source_name=names.get(row.source_id) if row.source_id else None,
        status=row.status,  # pyright: ignore[reportArgumentType]  # the table's check lists the same
        version=row.version,
        owner=PersonRef(id=row.owner_id, name=row.owner_name),
        certified_by=PersonRef(id=row.certified_by, name=row.certified_by_name)
        if certified
        else None,
        certified_at=row.certified_at,
        check=CheckOut.model_validate(row.checked) if row.checked else None,
        checked_at=row.checked_at,
        lapsed=LapseOut.model_validate(row.lapsed) if row.lapsed else None,
        lapsed_at=row.lapsed_at,
        archived_at=row.archived_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


def show_version(row: DefinitionVersion, certified: int | None) -> DefinitionVersionOut:
    """Return one version; `certified` is the version that was certified last."""
    return DefinitionVersionOut(
        version=row.version,
        kind=row.kind,  # pyright: ignore[reportArgumentType]  # the table's check lists the same
        name=row.name,
        pattern=row.pattern,
        sql=row.sql,
        note=row.note,
        source_id=row.source_id,
        author=PersonRef(id=row.author_id, name=row.author_name),
        created_at=row.created_at,
        certified=row.version == certified,
    )
