"""What a definition said before, and where it was used."""

from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text

from datelier.definitions.models import DefinitionUse, DefinitionVersion
from datelier.definitions.schemas import (
    DefinitionDiff,
    DefinitionVersionOut,
    FieldChange,
    UseOut,
    UsesOut,
)
from datelier.definitions.service import get_definition, known_versions, stored_version
from datelier.definitions.showing import show_version, source_names
from datelier.kit.context import Context
from datelier.kit.lines import lines_between

# Threads belong to a slice above; a use in somebody else's chat is counted and not shown.
_OWN_USES = text(
    "select u.version, u.query_id, u.query_version, q.handle, q.title, q.thread_id, u.created_at "
    "from definition_use u join query q on q.org_id = u.org_id and q.id = u.query_id "
    "join thread t on t.org_id = q.org_id and t.id = q.thread_id "
    "where u.org_id = :org and u.definition_id = :definition and t.deleted_at is null "
    "and t.owner_id is not distinct from cast(:owner as uuid) "
    "order by u.id desc limit :most"
)
_MOST = 50


async def list_versions(ctx: Context, definition_id: UUID) -> list[DefinitionVersionOut]:
    """Return a definition's versions, newest first.

    Raises:
        NotFound: No such definition.
    """
    row = await get_definition(ctx, definition_id)
    found = await known_versions(ctx, definition_id)
    return [show_version(one, row.certified_version) for one in found]


async def get_version(ctx: Context, definition_id: UUID, version: int) -> DefinitionVersionOut:
    """Return what a definition said in one version.

    Raises:
        NotFound: No such definition or version.
    """
    row = await get_definition(ctx, definition_id)
    return show_version(await stored_version(ctx, definition_id, version), row.certified_version)


async def diff(ctx: Context, definition_id: UUID, before: int, after: int) -> DefinitionDiff:
    """Return what differs between two versions.

    Raises:
        NotFound: No such definition or version.
    """
    await get_definition(ctx, definition_id)
    old = await stored_version(ctx, definition_id, before)
    new = await stored_version(ctx, definition_id, after)
    names = await source_names(ctx, {old.source_id, new.source_id})
    was, now = _fields(old, names), _fields(new, names)
    changes = [
        FieldChange.model_validate({"field": name, "before": was[name], "after": now[name]})
        for name in was
        if was[name] != now[name]
    ]
    return DefinitionDiff.model_validate(
        {
            "from": before,
            "to": after,
            "changes": changes,
            "sql": lines_between(old.sql, new.sql),
            "note": lines_between(old.note, new.note),
        }
    )


def _fields(row: DefinitionVersion, names: dict[UUID, str]) -> dict[str, str | None]:
    source = None if row.source_id is None else names.get(row.source_id, str(row.source_id))
    return {"kind": row.kind, "name": row.name, "pattern": row.pattern, "source": source}


async def where_used(ctx: Context, definition_id: UUID) -> UsesOut:
    """Return how often answers used a definition, and those of the caller's own chats.

    Raises:
        NotFound: No such definition.
    """
    await get_definition(ctx, definition_id)
    counting = select(func.count(), func.max(DefinitionUse.created_at)).where(
        DefinitionUse.org_id == ctx.org_id, DefinitionUse.definition_id == definition_id
    )
    count, last = (await ctx.session.execute(counting)).one()
    values = {
        "org": ctx.org_id,
        "definition": definition_id,
        "owner": ctx.actor.id,
        "most": _MOST,
    }
    rows = (await ctx.session.execute(_OWN_USES, values)).all()
    return UsesOut(count=count, last_at=last, data=[_use(row) for row in rows])


def _use(row: Any) -> UseOut:
    return UseOut(
        version=row.version,
        query_id=row.query_id,
        query_version=row.query_version,
        handle=f"Q{row.handle}",
        title=row.title,
        thread_id=row.thread_id,
        at=row.created_at,
    )
