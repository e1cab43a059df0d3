"""HTTP doors of runs."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query
from starlette.responses import StreamingResponse

from datelier.identity.access import needs
from datelier.kit.context import Context
from datelier.kit.errors import Malformed
from datelier.runs import service
from datelier.runs.hub import RunHub
from datelier.runs.schemas import RunOut
from datelier.runs.sse import HEADERS, event_stream
from datelier.runs.start import stop_run

router = APIRouter(prefix="/runs", tags=["runs"])


@router.get("/{run_id}")
async def get_run(run_id: UUID, ctx: Annotated[Context, needs("run:get")]) -> RunOut:
    """Get a run: its state, what it used, why it failed."""
    return await service.describe(ctx, await service.visible_run(ctx, run_id))


@router.get("/{run_id}/events")
async def stream_events(
    run_id: UUID,
    ctx: Annotated[Context, needs("run:get", session=False)],
    after: Annotated[int | None, Query()] = None,
    last_event_id: Annotated[str | None, Header(max_length=20)] = None,
) -> StreamingResponse:
    """Stream a run's log as server-sent events; `Last-Event-ID` continues after that part."""
    seen = after if last_event_id is None else _seq(last_event_id)
    async with ctx.begin() as tx:
        await service.visible_run(tx, run_id)
        await service.check_seq(tx, run_id, seen or 0)
    batches = ctx.resources.get(RunHub).subscribe(run_id, seen or 0)
    return StreamingResponse(event_stream(batches), headers=HEADERS)


def _seq(header: str) -> int:
    if not header.isascii() or not header.isdigit():
        raise Malformed("Last-Event-ID must be a number.")
    return int(header)


@router.post("/{run_id}/stop")
async def stop(run_id: UUID, ctx: Annotated[Context, needs("run:stop")]) -> RunOut:
    """Stop a run; what it has produced is kept."""
    await service.visible_run(ctx, run_id)
    return await service.describe(ctx, await stop_run(ctx, run_id))
