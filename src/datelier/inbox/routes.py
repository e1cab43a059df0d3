"""HTTP doors of the inbox; deciding belongs to the runs slice, which goes on with the run."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from datelier.identity.access import needs
from datelier.inbox import service
from datelier.inbox.schemas import (
    AssignIn,
    CountOut,
    ReadIn,
    RequestDetail,
    RequestOut,
    RequestQuery,
    SnoozeIn,
)
from datelier.kit.context import Context
from datelier.kit.pagination import Page

router = APIRouter(prefix="/requests", tags=["inbox"])


@router.get("")
async def list_requests(
    ctx: Annotated[Context, needs("request:get")], wanted: Annotated[RequestQuery, Query()]
) -> Page[RequestOut]:
    """List requests: due first, then by risk, then the oldest; done ones newest first."""
    return await service.list_requests(ctx, wanted)


@router.get("/count")
async def count_requests(ctx: Annotated[Context, needs("request:get")]) -> CountOut:
    """Count the requests that need you."""
    return await service.count_requests(ctx)


@router.get("/{request_id}")
async def get_request(
    request_id: UUID, ctx: Annotated[Context, needs("request:get")]
) -> RequestDetail:
    """Get a request with its decisions, its history and similar ones of before."""
    return await service.get_request(ctx, request_id)


@router.post("/{request_id}/assign")
async def assign_request(
    request_id: UUID, body: AssignIn, ctx: Annotated[Context, needs("request:decide")]
) -> RequestDetail:
    """Give a request to one member, or with null back to everybody."""
    return await service.detail(ctx, await service.assign(ctx, request_id, body.person_id))


@router.post("/{request_id}/snooze")
async def snooze_request(
    request_id: UUID, body: SnoozeIn, ctx: Annotated[Context, needs("request:decide")]
) -> RequestDetail:
    """Put a request off until a time; null brings it back."""
    return await service.detail(ctx, await service.snooze(ctx, request_id, body.until))


@router.post("/{request_id}/escalate")
async def escalate_request(
    request_id: UUID, ctx: Annotated[Context, needs("request:decide")]
) -> RequestDetail:
    """Show a request to the whole organization."""
    return await service.detail(ctx, await service.escalate(ctx, request_id))


@router.post("/{request_id}/read")
async def read_request(
    request_id: UUID, body: ReadIn, ctx: Annotated[Context, needs("request:get")]
) -> RequestDetail:
    """Note that a request was read, or is to count as unread."""
    return await service.detail(ctx, await service.mark_read(ctx, request_id, read=body.read))
