"""HTTP of charts."""

from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Response

from datelier.artifacts import service
from datelier.artifacts.schemas import ChartIn, ChartOut, ChartPatch
from datelier.identity.access import needs
from datelier.kit.context import Context

router = APIRouter(prefix="/charts", tags=["artifacts"])


def _json(chart: ChartOut, status: int = 200) -> Response:
    # Twenty thousand rows are not validated once more on their way out.
    names = type(chart).model_fields
    body = orjson.dumps({name: getattr(chart, name) for name in names})
    return Response(body, media_type="application/json", status_code=status)


@router.post("", response_model=ChartOut, status_code=201)
async def draw_chart(
    data: ChartIn, ctx: Annotated[Context, needs("chart:update", session=False)]
) -> Response:
    """Draw a chart from a stored result: by a spec, or chosen by the result's columns."""
    return _json(await service.draw_chart(ctx, data), 201)


@router.get("/{chart_id}", response_model=ChartOut)
async def get_chart(
    chart_id: UUID, ctx: Annotated[Context, needs("chart:get", session=False)]
) -> Response:
    """Return a chart with the rows it is drawn from."""
    return _json(await service.get_chart(ctx, chart_id))


@router.patch("/{chart_id}", response_model=ChartOut)
async def update_chart(
    chart_id: UUID, data: ChartPatch, ctx: Annotated[Context, needs("chart:update", session=False)]
) -> Response:
    """Make the next version of a chart: with another spec, or drawn anew as another kind."""
    return _json(await service.update_chart(ctx, chart_id, data))
