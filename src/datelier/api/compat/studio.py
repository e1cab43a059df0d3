"""The paths and shapes of a data-quality studio's API (contract Q13-Q24) over our verbs."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from datelier.identity.access import needs
from datelier.kit.context import Context
from datelier.kit.errors import DatelierError, Invalid
from datelier.llms.service import active_model
from datelier.queries.text import cell_text, rows_of_columns
from datelier.sources.catalog import get_catalog
from datelier.sources.gateway import WorkerGateway
from datelier.sources.manage import find_source
from datelier.sources.preview import checked_limit, preview, rows_of
from datelier.sources.schemas import Rows
from datelier.sources.sql_names import qualified
from datelier.sources.workers import online_numbers
from datelier.threads.related import related_threads

router = APIRouter(prefix="/studio", tags=["studio"])

_CELL = 10_000
_CONVERSATIONS = 50


class StudioStatus(BaseModel):
    """Connected workers by number."""

    connected_workers: list[int]
    worker_count: int


class ActiveConfig(BaseModel):
    """The active model, without its key."""

    id: UUID
    name: str
    provider: str
    model_name: str
    endpoint_url: str | None


class Capabilities(BaseModel):
    """Whether an agent can answer; the agent is always part of the product."""

    agent_available: bool
    llm_configured: bool
    active_config: ActiveConfig | None


class StudioRow(BaseModel):
    """A row, every cell as text."""

    values: list[str]


class StudioPreview(BaseModel):
    """A preview; `total_rows` counts before the limit, None when unknown."""

    ok: bool
    data_type: str
    headers: list[str] = []
    rows: list[StudioRow] = []
    total_rows: int | None = None
    error: str | None = None


@router.get("/status")
async def get_studio_status(ctx: Annotated[Context, needs("source:get")]) -> StudioStatus:
    """Return the connected workers that this organization may use."""
    numbers = await online_numbers(ctx)
    return StudioStatus(connected_workers=numbers, worker_count=len(numbers))


@router.get("/agent/capabilities")
async def get_studio_capabilities(ctx: Annotated[Context, needs("source:get")]) -> Capabilities:
    """Return whether agent and model are ready."""
    model = await active_model(ctx)
    active = None
    if model is not None:
        active = ActiveConfig(
            id=model.id,
            name=model.name,
            provider=model.provider,
            model_name=model.model_name,
            endpoint_url=model.endpoint_url,
        )
    return Capabilities(
        agent_available=True, llm_configured=active is not None, active_config=active
    )


@router.get("/sources/{source_id}/preview", response_model=StudioPreview)
async def get_studio_preview(
    source_id: str,
    ctx: Annotated[Context, needs("source:get", session=False)],
    limit: int | None = None,
    source_version_id: str | None = None,
    query: Annotated[str | None, Query(max_length=100_000)] = None,
) -> Response:
    """Return rows of a source's first table, or of a read-only `query`, as texts."""
    del source_version_id  # sources have one version here; the parameter stays accepted
    try:
        rows = await _rows(ctx, source_id, limit, query)
    except DatelierError as error:
        body = {"ok": False, "data_type": "error", "error": error.detail}
        return JSONResponse(body, error.status)
    return JSONResponse(
        {
            "ok": True,
            "data_type": "table",
            "headers": [column.name for column in rows.columns],
            "rows": [
                {"values": [cell_text(cell, _CELL) for cell in row]}
                for row in rows_of_columns(rows.data)
            ],
            "total_rows": rows.total,
        }
    )


class StudioConversation(BaseModel):
    """An earlier conversation; we link none to an issue or a project."""

    id: UUID
    title: str
    question: str
    source_id: UUID
    issue_id: UUID | None = None
    project_id: UUID | None = None
    created_at: datetime


class StudioContext(BaseModel):
    """Conversations by what they are about; a chat here is about sources alone."""

    source_conversations: list[StudioConversation] = []
    issue_conversations: list[StudioConversation] = []
    project_conversations: list[StudioConversation] = []
    total_count: int = 0


@router.get("/conversations/context")
async def get_studio_context(
    ctx: Annotated[Context, needs("thread:get")], source_id: str | None = None
) -> StudioContext:
    """Return your conversations about a source, the newest first; none when none is named."""
    if source_id is None:
        return StudioContext()
    source = await find_source(ctx, source_id)
    found = (await related_threads(ctx, [source.id], limit=_CONVERSATIONS)).data
    conversations = [
        StudioConversation(
            id=one.id,
            title=one.title,
            question=one.question,
            source_id=source.id,
            created_at=one.asked_at,
        )
        for one in found
    ]
    return StudioContext(source_conversations=conversations, total_count=len(conversations))


async def _rows(ctx: Context, wanted: str, limit: int | None, query: str | None) -> Rows:
    count = checked_limit(ctx, limit)
    async with ctx.begin() as tx:
        source = await find_source(tx, wanted)
    if query is not None:
        ctx.require("query:run")
        params: dict[str, Any] = {"sql": query, "row_limit": count}
        gateway = ctx.resources.get(WorkerGateway)
        return await rows_of(await gateway.perform(ctx, source.id, "execute", params))
    async with ctx.begin() as tx:
        tables = (await get_catalog(tx, source.id)).tables
    if not tables:
        raise Invalid("The source has no tables.")
    return await preview(ctx, source.id, qualified(source.engine, tables[0]), limit=count)
