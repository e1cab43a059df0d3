"""The agent's chart tool: a spec without data, checked, and sent back for repair at most 3 times."""

import re
from collections import OrderedDict
from typing import Annotated, Any, Final
from uuid import UUID

import orjson
from pydantic import BaseModel, Field

from datelier.artifacts.chart_choice import Wish
from datelier.artifacts.chart_makers import Kind
from datelier.artifacts.errors import ChartRefused, Problem
from datelier.artifacts.service import NewChart, Reader, create_chart
from datelier.kit.errors import DatelierError, Invalid
from datelier.kit.tools import Tool, ToolContext, ToolResult
from datelier.queries.disclosure import Disclosure, disclosure_of
from datelier.queries.results import find_reference, version_of_result
from datelier.queries.service import Author
from datelier.queries.tools import failed
from datelier.queries.trace.locales import locale_of

ATTEMPTS: Final = 3
_REFERENCE: Final = re.compile(r"Q(\d{1,9})(?:[. ]?v(\d{1,9}))?", re.IGNORECASE)
_KEPT: Final = 1024
_failures: OrderedDict[tuple[UUID, str], int] = OrderedDict()


class CreateChart(BaseModel):
    """Draw a chart."""

    result: Annotated[
        str, Field(max_length=60, description="The stored result to draw, such as Q1.v1.")
    ]
    title: Annotated[
        str | None,
        Field(
            max_length=200,
            description="Figures in it are placeholders, such as {{Q1[0].revenue | eur 0}}.",
        ),
    ] = None
    kind: Annotated[
        Kind | None,
        Field(description="Leave it out, and the chart follows from the result's columns."),
    ] = None
    x: Annotated[str | None, Field(max_length=500, description="A column, if it matters.")] = None
    y: Annotated[str | None, Field(max_length=500, description="A column, if it matters.")] = None
    facet: Annotated[
        str | None, Field(max_length=500, description="A column: one small chart per value.")
    ] = None
    spec: Annotated[
        dict[str, Any] | str | None,
        Field(
            description="Only for what the short form cannot draw: Vega-Lite v6 without data: mark, "
            "encoding, simple transforms. Fields are the result's columns. No url, href, params, "
            "expressions or calculate. A line or a label at a value takes it from a result: "
            '{"mark": "rule", "encoding": {"y": {"datum": "{{= avg(Q1.revenue)}}"}}}.'
        ),
    ] = None


async def _create_chart(tool: ToolContext, data: CreateChart) -> ToolResult:
    seen: Disclosure | None = None
    try:
        result_id = await _result(tool, data.result)
        async with tool.ctx.begin() as tx:
            version = await version_of_result(tx, result_id)
        seen = await disclosure_of(tool.ctx, version)
        new = _new(tool, data, result_id)
        chart = await create_chart(tool.ctx, new, Author("agent", tool.agent, None, tool.run_id))
    except ChartRefused as error:
        return _refused(tool, data.title or "", error, seen)
    except DatelierError as error:
        return failed(error)
    _failures.pop((tool.run_id, data.title or ""), None)
    await tool.emit(chart.to_part())
    output = {
        "type": "vega_lite_spec",
        "spec": chart.spec,
        "url": f"/api/v1/charts/{chart.id}",
        "error": None,
        **chart.reference(),
    }
    # The description names the lowest and the highest value.
    what = chart.description if seen.complete else "its values are private to the person"
    return ToolResult(
        f"Chart {chart.handle} was drawn from {chart.query_handle}.v{chart.query_version}: "
        f"{what}. Show it with {{{{card {chart.handle}}}}}.",
        output,
    )


def _new(tool: ToolContext, data: CreateChart, result_id: UUID) -> NewChart:
    wish = Wish(data.kind, data.x, data.y, None, data.facet)
    reader = Reader(tool.question, locale_of(tool.locale), tool.numbers)
    return NewChart(result_id, data.title, _spec(data.spec), tool.thread_id, wish, reader)


def _spec(spec: dict[str, Any] | str | None) -> object:
    if not isinstance(spec, str):
        return spec
    try:
        return orjson.loads(spec)
    except ValueError as error:
        raise ChartRefused([Problem("", f"is not JSON: {str(error)[:100]}")]) from None


async def _result(tool: ToolContext, reference: str) -> UUID:
    """Return the result that is meant: `Q1.v1` in this thread, or the id of one of its results."""
    match = _REFERENCE.fullmatch(reference.strip())
    async with tool.ctx.begin() as tx:
        if match is not None:
            version = int(match[2]) if match[2] else None
            return await find_reference(tx, tool.thread_id, int(match[1]), version)
        try:
            result_id = UUID(reference.strip())
        except ValueError:
            raise Invalid.field("result", "must be a reference such as Q1.v1") from None
        version_out = await version_of_result(tx, result_id)
        if version_out.thread_id != tool.thread_id:
            raise Invalid.field("result", "must be a result of this chat, such as Q1.v1")
        return result_id


def _refused(
    tool: ToolContext, title: str, error: ChartRefused, seen: Disclosure | None
) -> ToolResult:
    key = (tool.run_id, title)
    count = _failures[key] = _failures.pop(key, 0) + 1
    while len(_failures) > _KEPT:
        _failures.popitem(last=False)
    problems = list(error.errors or ())
    if seen is not None and not seen.complete:
        # A message may list the result's columns, and a pivot makes columns of values.
        fields = ", ".join(seen.names)
        problems = [{"path": "", "message": f"does not fit the result; its columns: {fields}"}]
    lines = [f"- {problem['path']}: {problem['message']}" for problem in problems]
    left = ATTEMPTS - count
    advice = (
        f"Correct this and call create_chart again; {left} {'try is' if left == 1 else 'tries are'}"
        " left."
        if left > 0
        else "Do not try again: answer without a chart and say that it could not be drawn."
    )
    text = "\n".join(["The chart was refused:", *lines, advice])
    body = {"code": error.code, "message": error.detail, "errors": problems}
    return ToolResult(text, {"error": body, "attempts_left": max(0, left)}, is_error=True)


CREATE_CHART: Final = Tool(
    "create_chart",
    "Draw a chart",
    "Draw a chart from a stored result. Name the result, and a kind or columns if they matter; the "
    "rest is chosen by the result's shape. Several charts are several calls.",
    CreateChart,
    "chart:update",
    _create_chart,
    partition="viz",
)
