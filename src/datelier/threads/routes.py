"""HTTP doors of threads; sending belongs to the chat slice."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from datelier.identity.access import needs
from datelier.kit.context import Context
from datelier.kit.pagination import MAX_LIMIT, Page
from datelier.queries.results import queries_of_thread
from datelier.queries.schemas import ThreadQueries
from datelier.threads import service
from datelier.threads.related import related_threads
from datelier.threads.schemas import (
    Messages,
    RelatedThreads,
    ThreadIn,
    ThreadOut,
    ThreadPatch,
)

router = APIRouter(prefix="/threads", tags=["threads"])

Search = Annotated[str | None, Query(max_length=200)]
Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT)]


@router.get("")
async def list_threads(
    ctx: Annotated[Context, needs("thread:get")],
    q: Search = None,
    cursor: str | None = None,
    limit: Limit = 50,
) -> Page[ThreadOut]:
    """List your threads, newest message first; `q` searches titles and messages."""
    return await service.list_threads(ctx, q=q, cursor=cursor, limit=limit)


@router.post("", status_code=201)
async def create_thread(
    body: ThreadIn, ctx: Annotated[Context, needs("thread:create")]
) -> ThreadOut:
    """Begin a thread; with an id of your own, asking twice gives the same thread."""
    thread = await service.create_thread(ctx, body)
    return (await service.describe(ctx, [thread]))[0]


@router.get("/related")
async def list_related_threads(
    ctx: Annotated[Context, needs("thread:get")],
    source_id: Annotated[list[UUID] | None, Query(max_length=20)] = None,
    q: Annotated[str | None, Query(max_length=2_000)] = None,
    but: UUID | None = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 5,
) -> RelatedThreads:
    """List your chats about these sources, or any; with `q`, those that asked something alike."""
    return await related_threads(ctx, source_id or (), q=q, but=but, limit=limit)


@router.get("/{thread_id}")
async def get_thread(thread_id: UUID, ctx: Annotated[Context, needs("thread:get")]) -> ThreadOut:
    """Get one of your threads."""
    thread = await service.get_own_thread(ctx, thread_id)
    return (await service.describe(ctx, [thread]))[0]


@router.patch("/{thread_id}")
async def update_thread(
    thread_id: UUID, body: ThreadPatch, ctx: Annotated[Context, needs("thread:update")]
) -> ThreadOut:
    """Rename a thread, or change its model, agent or sources."""
    thread = await service.update_thread(ctx, thread_id, body)
    return (await service.describe(ctx, [thread]))[0]


@router.get("/{thread_id}/messages")
async def list_messages(thread_id: UUID, ctx: Annotated[Context, needs("thread:get")]) -> Messages:
    """List every message of a thread, all branches."""
    return await service.list_messages(ctx, thread_id)


@router.get("/{thread_id}/queries")
async def list_thread_queries(
    thread_id: UUID, ctx: Annotated[Context, needs("thread:get")]
) -> ThreadQueries:
    """List the queries of a thread, each in its newest version."""
    await service.get_own_thread(ctx, thread_id)
    return await queries_of_thread(ctx, thread_id)
