"""HTTP of charts."""

from typing import Annotated
from uuid import UUID

import orjson
from fastapi import APIRouter, Response

from datelier.artifacts import service
from datelier.artifacts.schemas import ChartOut, ChartPatch
from datelier.identity.access import needs
from datelier.kit.context import Context

router = APIRouter(prefix="/charts", tags=["artifacts"])


def _json(chart: ChartOut) -> Response:
    # Twenty thousand rows are not validated once more on their way out.
    names = type(chart).model_fields
    body = orjson.dumps({name: getattr(chart, name) for name in names})
    return Response(body, media_type="application/json")


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
    """Make the next version of a chart."""
    return _json(await service.update_chart(ctx, chart_id, data))
