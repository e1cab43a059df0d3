"""Draw, read and change charts."""

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from datelier.artifacts.chart_data import chart_rows, describe
from datelier.artifacts.chart_guard import checked_spec
from datelier.artifacts.models import Chart, ChartVersion
from datelier.artifacts.schemas import ChartOut, ChartPatch
from datelier.identity.audit import record
from datelier.kit.context import Context
from datelier.kit.db import add_owned, get_owned
from datelier.kit.ids import uuid7
from datelier.kit.numbers import next_number
from datelier.queries.results import open_result, version_id_of, version_of_result
from datelier.queries.service import Author


@dataclass(frozen=True, slots=True)
class NewChart:
    """A chart to draw from a stored result."""

    result_id: UUID
    title: str
    spec: object
    thread_id: UUID | None = None


async def create_chart(ctx: Context, new: NewChart, author: Author) -> ChartOut:
    """Check, describe and store a chart; no transaction may be open.

    Raises:
        NotFound: No such result.
        ChartRefused: The spec is not acceptable; its errors name the places.
    """
    async with ctx.begin() as tx:
        result = await open_result(tx, new.result_id)
        version = await version_of_result(tx, new.result_id)
        version_id = await version_id_of(tx, new.result_id)
    fields = [column.name for column in result.out.columns]
    rows = await asyncio.to_thread(chart_rows, result)
    spec = await asyncio.to_thread(checked_spec, new.spec, fields, rows)
    spec["data"] = {"ref": version.reference}
    async with ctx.begin() as tx:
        kind = "chart" if new.thread_id is None else f"chart:{new.thread_id}"
        chart = Chart(
            id=uuid7(),
            thread_id=new.thread_id,
            handle=await next_number(tx, kind),
            version=1,
            title=new.title,
            description=describe(spec, new.title, rows),
            spec=spec,
            query_version_id=version_id,
            result_id=new.result_id,
            author_kind=author.kind,
            author_id=author.id,
            author_name=author.name,
        )
        await add_owned(tx, chart)
        await _keep_version(tx, chart, author)
    return _out(chart, (version.handle, version.version), result.out.row_count, rows)


async def _keep_version(ctx: Context, chart: Chart, author: Author) -> None:
    await add_owned(
        ctx,
        ChartVersion(
            id=uuid7(),
            chart_id=chart.id,
            version=chart.version,
            title=chart.title,
            spec=chart.spec,
            author_kind=author.kind,
            author_name=author.name,
        ),
    )


def _out(
    chart: Chart, query: tuple[str, int], row_count: int, rows: list[dict[str, Any]]
) -> ChartOut:
    return ChartOut.model_construct(
        id=chart.id,
        handle=f"C{chart.handle}",
        version=chart.version,
        title=chart.title,
        description=chart.description,
        spec=chart.spec,
        result_id=chart.result_id,
        query_handle=query[0],
        query_version=query[1],
        row_count=row_count,
        data=rows,
        created_at=chart.created_at,
    )


async def get_chart(ctx: Context, chart_id: UUID) -> ChartOut:
    """Return a chart with its rows, or raise NotFound; no transaction may be open."""
    async with ctx.begin() as tx:
        chart = await get_owned(tx, Chart, chart_id)
        result = await open_result(tx, chart.result_id)
        version = await version_of_result(tx, chart.result_id)
    rows = await asyncio.to_thread(chart_rows, result)
    return _out(chart, (version.handle, version.version), result.out.row_count, rows)


async def update_chart(ctx: Context, chart_id: UUID, patch: ChartPatch) -> ChartOut:
    """Make the next version of a chart; no transaction may be open.

    Raises:
        NotFound: No such chart.
        ChartRefused: The spec is not acceptable; its errors name the places.
    """
    async with ctx.begin() as tx:
        chart = await get_owned(tx, Chart, chart_id, for_update=True)
        result = await open_result(tx, chart.result_id)
        reference = chart.spec["data"]
        rows = await asyncio.to_thread(chart_rows, result)
        if patch.spec is not None:
            fields = [column.name for column in result.out.columns]
            spec = await asyncio.to_thread(checked_spec, patch.spec, fields, rows)
            chart.spec = {**spec, "data": reference}
        chart.title = patch.title or chart.title
        chart.description = describe(chart.spec, chart.title, rows)
        chart.version += 1
        await _keep_version(tx, chart, Author("user", ctx.actor.name, ctx.actor.id))
        await record(tx, action="chart.updated", target=("chart", chart.id), detail={})
        version = await version_of_result(tx, chart.result_id)
    return _out(chart, (version.handle, version.version), result.out.row_count, rows)
