"""HTTP of write-enabled connections."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, status

from datelier.identity.access import needs
from datelier.kit.context import Context
from datelier.sources import write_connection
from datelier.sources.write_schemas import WriteConnectionIn, WriteConnectionOut

router = APIRouter(prefix="/sources", tags=["sources"])


@router.get("/{source_id}/write_connection")
async def get_write_connection(
    source_id: UUID, ctx: Annotated[Context, needs("write_connection:manage")]
) -> WriteConnectionOut:
    """Return whether approved writes may be made to a source, and as whom they come."""
    return await write_connection.show(ctx, source_id)


@router.put("/{source_id}/write_connection")
async def put_write_connection(
    source_id: UUID,
    data: WriteConnectionIn,
    ctx: Annotated[Context, needs("write_connection:manage")],
) -> WriteConnectionOut:
    """Allow approved writes to a source, and say as whom they come; nothing else comes so."""
    return await write_connection.put(ctx, source_id, data)


@router.delete("/{source_id}/write_connection", status_code=status.HTTP_204_NO_CONTENT)
async def delete_write_connection(
    source_id: UUID, ctx: Annotated[Context, needs("write_connection:manage")]
) -> None:
    """Forget the write-enabled connection of a source and its password."""
    await write_connection.remove(ctx, source_id)
