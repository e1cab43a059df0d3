"""HTTP doors of runs."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Path, Query
from pydantic import AwareDatetime
from starlette.responses import StreamingResponse

from datelier.effects.schemas import EffectList
from datelier.identity.access import needs
from datelier.kit.context import Context
from datelier.kit.errors import Malformed
from datelier.kit.pagination import MAX_LIMIT, Page
from datelier.runs import listing, service
from datelier.runs.export import exported
from datelier.runs.hub import RunHub
from datelier.runs.ledger import ledger_of
from datelier.runs.list_schemas import Histogram, RunDetail, RunKind, RunRow
from datelier.runs.schemas import RunOut, RunState
from datelier.runs.sse import live_response
from datelier.runs.start import stop_run
from datelier.runs.step_log import step_of, steps_of
from datelier.runs.step_schemas import StepDetail, StepsOut

router = APIRouter(prefix="/runs", tags=["runs"])


def _wanted(  # one per query parameter
    status: Annotated[list[RunState] | None, Query(description="Any of these states.")] = None,
    kind: Annotated[RunKind | None, Query(description="Chat, background, or a test.")] = None,
    agent_id: Annotated[UUID | None, Query()] = None,
    source_id: Annotated[UUID | None, Query()] = None,
    q: Annotated[str | None, Query(max_length=200, description="Words of the question.")] = None,
    since: Annotated[AwareDatetime | None, Query(description="Nothing that began earlier.")] = None,
) -> listing.RunFilter:
    return listing.RunFilter(
        statuses=tuple(status) if status else None,
        kind=kind,
        agent_id=agent_id,
        source_id=source_id,
        q=q,
        since=since,
    )


Wanted = Annotated[listing.RunFilter, Depends(_wanted)]


@router.get("")
async def list_runs(
    ctx: Annotated[Context, needs("run:get")],
    wanted: Wanted,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LIMIT)] = 50,
) -> Page[RunRow]:
    """List runs, the newest first.

    Of other people's, those in the background are among them that asked or told the caller something.
    """
    return await listing.list_runs(ctx, wanted, cursor=cursor, limit=limit)


@router.get("/histogram")
async def get_histogram(
    ctx: Annotated[Context, needs("run:get")],
    wanted: Wanted,
    buckets: Annotated[int, Query(ge=1, le=200)] = 48,
) -> Histogram:
    """Count runs over time by how they ended; without `since` those of the last day."""
    return await listing.histogram(ctx, wanted, buckets=buckets)


@router.get("/{run_id}")
async def get_run(run_id: UUID, ctx: Annotated[Context, needs("run:get")]) -> RunDetail:
    """Get a run: what it was asked, its state, what it used, why it failed."""
    run = await service.visible_run(ctx, run_id)
    return await listing.described(ctx, run)


@router.get("/{run_id}/steps")
async def get_steps(run_id: UUID, ctx: Annotated[Context, needs("run:get")]) -> StepsOut:
    """Get the tree of a run: steps, model calls, tools and waiting, with times, tokens and cost."""
    return await steps_of(ctx, await service.visible_run(ctx, run_id))


@router.get("/{run_id}/steps/{step}")
async def get_step(
    run_id: UUID,
    step: Annotated[str, Path(max_length=40)],
    ctx: Annotated[Context, needs("run:get")],
    full: Annotated[bool, Query(description="Values up to 20 MB in place of 100 kB.")] = False,
) -> StepDetail:
    """Get what went into a step and what came out; large values are cut, and say so."""
    return await step_of(ctx, await service.visible_run(ctx, run_id), step, full=full)


@router.get("/{run_id}/effects")
async def get_effects(run_id: UUID, ctx: Annotated[Context, needs("run:get")]) -> EffectList:
    """Get what a run changed outside of the platform: each call once, and how it ended."""
    await service.visible_run(ctx, run_id)
    return await ledger_of(ctx, run_id)


@router.get("/{run_id}/export", response_class=StreamingResponse)
async def export_run(
    run_id: UUID, ctx: Annotated[Context, needs("run:get", session=False)]
) -> StreamingResponse:
    """Download a run as one JSON document: the run, its steps, and its whole log."""
    async with ctx.begin() as tx:
        await service.visible_run(tx, run_id)
    name = f'attachment; filename="run-{run_id}.json"'
    headers = {"Content-Disposition": name}
    return StreamingResponse(exported(ctx, run_id), media_type="application/json", headers=headers)


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
    return live_response(batches)


def _seq(header: str) -> int:
    if not header.isascii() or not header.isdigit():
        raise Malformed("Last-Event-ID must be a number.")
    return int(header)


@router.post("/{run_id}/stop")
async def stop(run_id: UUID, ctx: Annotated[Context, needs("run:stop")]) -> RunOut:
    """Stop a run; what it has produced is kept."""
    await service.own_run(ctx, run_id)
    return await service.describe(ctx, await stop_run(ctx, run_id))
