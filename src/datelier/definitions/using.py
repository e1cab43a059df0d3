"""Whether the query of an answer uses the definition it names, and what is kept of that."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy.dialects.postgresql import insert

from datelier.definitions.checking import known_tables
from datelier.definitions.comparing import uses
from datelier.definitions.grounding import is_within, usable
from datelier.definitions.models import Definition, DefinitionUse
from datelier.definitions.showing import former_handle_of, handle_of
from datelier.kit.context import Context
from datelier.kit.ids import uuid7
from datelier.kit.tools import ToolContext
from datelier.sources.target import get_source

_MEANT: Final = 200


async def find_named(tool: ToolContext, ctx: Context, wanted: str) -> Definition | None:
    """Return the definition that a model means by a handle or a name; None for no such.

    Args:
        tool: Where the call happens.
        ctx: The caller, in a transaction.
        wanted: ``M4`` or the definition's name; what was ``D4`` in older chats is found too.
    """
    said = wanted.strip()[:_MEANT].lower()
    known = await usable(ctx, tool.source_ids)
    for names in (_names, _former_names):
        for row in known:
            if said in names(row):
                return row if is_within(row, tool.schemas) else None
    return None


def _names(row: Definition) -> set[str]:
    return {handle_of(row).lower(), row.name.lower(), str(row.id)}


def _former_names(row: Definition) -> set[str]:
    return {former_handle_of(row).lower()}


async def judge(ctx: Context, row: Definition, source_id: UUID, sql: str) -> bool:
    """Whether a statement on a source computes what a definition says, in a transaction."""
    if not row.sql or row.source_id != source_id:
        return False
    engine = (await get_source(ctx, source_id)).engine
    return uses(row.sql, sql, engine, await known_tables(ctx, source_id))


async def note_use(ctx: Context, row: Definition, query_id: UUID, query_version: int) -> None:
    """Remember that a query used a definition; a step that is done again changes nothing."""
    statement = insert(DefinitionUse).values(
        id=uuid7(),
        org_id=ctx.org_id,
        definition_id=row.id,
        version=row.version,
        query_id=query_id,
        query_version=query_version,
    )
    await ctx.session.execute(statement.on_conflict_do_nothing())


def part_of(row: Definition) -> dict[str, Any]:
    """Return the part of a run's log that says an answer used a definition."""
    return {
        "type": "data-definition",
        "id": str(row.id),
        "data": {
            "definition_id": str(row.id),
            "handle": handle_of(row),
            "name": row.name,
            "status": row.status,
            "version": row.version,
        },
    }
