"""Draw, read and change charts."""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from datelier.artifacts.chart_choice import Choice, Wish, choose
from datelier.artifacts.chart_data import chart_rows, describe
from datelier.artifacts.chart_figures import Account, Told, told
from datelier.artifacts.chart_guard import checked_spec
from datelier.artifacts.chart_renewal import as_written
from datelier.artifacts.errors import ChartRefused
from datelier.artifacts.models import Chart, ChartVersion
from datelier.artifacts.schemas import ChartIn, ChartOut, ChartPatch
from datelier.identity.audit import record
from datelier.kit.context import Context
from datelier.kit.db import add_owned, get_owned, owned
from datelier.kit.errors import NotFound
from datelier.kit.ids import uuid7
from datelier.kit.numbers import next_number
from datelier.queries.access import own_query
from datelier.queries.results import StoredResult, open_result, version_id_of, version_of_result
from datelier.queries.schemas import QueryVersionOut
from datelier.queries.service import Author
from datelier.queries.trace.formula import Reference
from datelier.queries.trace.locales import ENGLISH, Locale


@dataclass(frozen=True, slots=True)
class Reader:
    """For whom a chart is drawn.

    Attributes:
        question: What was asked.
        numbers: What becomes of figures without a receipt: allow, warn or block.
        by_person: A person draws it: what they type needs no receipt.
    """

    question: str = ""
    locale: Locale = ENGLISH
    numbers: Any = "warn"
    by_person: bool = False


@dataclass(frozen=True, slots=True)
class NewChart:
    """A chart to draw from a stored result; without a spec it is chosen by the result's columns."""

    result_id: UUID
    title: str | None = None
    spec: object = None
    thread_id: UUID | None = None
    wish: Wish = field(default_factory=Wish)
    reader: Reader = field(default_factory=Reader)


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A result with the rows that a chart shows."""

    result: StoredResult
    version: QueryVersionOut
    version_id: UUID
    rows: list[dict[str, Any]]

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.result.out.columns]

    @property
    def columns(self) -> list[tuple[str, str]]:
        return [(column.name, column.type) for column in self.result.out.columns]

    def account(self, thread_id: UUID | None, reader: Reader) -> Account:
        """Return what a chart's figures are held against."""
        reference = Reference(int(self.version.handle[1:]), self.version.version)
        return Account(
            reference, thread_id, reader.question, reader.locale, reader.numbers, reader.by_person
        )

    async def chosen(self, wish: Wish) -> Choice:
        return await asyncio.to_thread(choose, self.columns, self.rows, wish)

    async def checked(self, spec: object) -> dict[str, Any]:
        made = await asyncio.to_thread(checked_spec, spec, self.names, self.rows)
        return {**made, "data": {"ref": self.version.reference}}


async def _drawn(ctx: Context, result_id: UUID) -> _Drawn:
    async with ctx.begin() as tx:
        result = await open_result(tx, result_id)
        version = await version_of_result(tx, result_id)
        version_id = await version_id_of(tx, result_id)
    return _Drawn(result, version, version_id, await asyncio.to_thread(chart_rows, result))


async def create_chart(ctx: Context, new: NewChart, author: Author) -> ChartOut:
    """Check, describe and store a chart; no transaction may be open.

    Raises:
        NotFound: No such result.
        ChartRefused: The spec is not acceptable, or the result has no shape to draw; its errors
            name the places.
    """
    drawn = await _drawn(ctx, new.result_id)
    spec, title = new.spec, new.title
    if spec is None:
        choice = await drawn.chosen(new.wish)
        spec, title = choice.spec, title or choice.title
    title = title or drawn.version.title or "Chart"
    words = await told(ctx, title, spec, drawn.account(new.thread_id, new.reader))
    checked = await drawn.checked(words.spec)
    async with ctx.begin() as tx:
        kind = "chart" if new.thread_id is None else f"chart:{new.thread_id}"
        chart = Chart(
            id=uuid7(),
            thread_id=new.thread_id,
            handle=await next_number(tx, kind),
            version=1,
            title=words.title,
            description=describe(checked, words.title, drawn.rows),
            spec=checked,
            figures=words.figures,
            query_version_id=drawn.version_id,
            result_id=new.result_id,
            author_kind=author.kind,
            author_id=author.id,
            author_name=author.name,
        )
        await add_owned(tx, chart)
        await _keep_version(tx, chart, author)
        if author.kind == "user":
            await record(tx, action="chart.created", target=("chart", chart.id), detail={})
    return _out(chart, drawn)


async def draw_chart(ctx: Context, data: ChartIn) -> ChartOut:
    """Draw a chart for a person; no transaction may be open.

    Raises:
        NotFound: No such result, or it is of somebody else's query.
        ChartRefused: As in :func:`create_chart`.
    """
    async with ctx.begin() as tx:
        version = await version_of_result(tx, data.result_id)
        await own_query(tx, version.query_id)
    reader = Reader(by_person=True)
    new = NewChart(data.result_id, data.title, data.spec, version.thread_id, data.wish(), reader)
    return await create_chart(ctx, new, Author("user", ctx.actor.name, ctx.actor.id))


async def _keep_version(ctx: Context, chart: Chart, author: Author) -> None:
    await add_owned(
        ctx,
        ChartVersion(
            id=uuid7(),
            chart_id=chart.id,
            version=chart.version,
            title=chart.title,
            spec=chart.spec,
            figures=chart.figures,
            author_kind=author.kind,
            author_name=author.name,
        ),
    )


def _out(chart: Chart, drawn: _Drawn) -> ChartOut:
    try:
        kinds = list(choose(drawn.columns, drawn.rows).kinds)
    except ChartRefused:
        kinds = []
    row_count = drawn.result.out.row_count
    return ChartOut.model_construct(
        id=chart.id,
        handle=f"C{chart.handle}",
        version=chart.version,
        title=chart.title,
        description=chart.description,
        spec=chart.spec,
        result_id=chart.result_id,
        query_id=drawn.version.query_id,
        query_handle=drawn.version.handle,
        query_version=drawn.version.version,
        row_count=row_count,
        truncated=drawn.version.truncated or row_count > len(drawn.rows),
        kinds=kinds,
        figures=chart.figures,
        data=drawn.rows,
        created_at=chart.created_at,
    )


async def _chart(ctx: Context, chart_id: UUID) -> tuple[Chart, _Drawn]:
    """Return a chart that the caller may see, as they may its result."""
    async with ctx.begin() as tx:
        chart = await get_owned(tx, Chart, chart_id)
    try:
        return chart, await _drawn(ctx, chart.result_id)
    except NotFound:
        raise NotFound("chart", chart_id) from None


async def get_chart(ctx: Context, chart_id: UUID) -> ChartOut:
    """Return a chart with its rows, or raise NotFound; no transaction may be open."""
    return _out(*await _chart(ctx, chart_id))


async def update_chart(ctx: Context, chart_id: UUID, patch: ChartPatch) -> ChartOut:
    """Make the next version of a chart; no transaction may be open.

    Raises:
        NotFound: No such chart, or it is drawn from somebody else's query.
        ChartRefused: The spec is not acceptable; its errors name the places.
    """
    chart, drawn = await _chart(ctx, chart_id)
    async with ctx.begin() as tx:
        await own_query(tx, drawn.version.query_id)
    title, spec = patch.title or chart.title, patch.spec or chart.spec
    if patch.draws_anew:
        spec = (await drawn.chosen(patch.wish())).spec
    account = drawn.account(chart.thread_id, Reader(by_person=True))
    words = await told(ctx, title, spec, account)
    checked = await drawn.checked(words.spec)
    async with ctx.begin() as tx:
        chart = await get_owned(tx, Chart, chart_id, for_update=True)
        chart.figures = _still_told(chart.figures, words)
        chart.spec = checked
        chart.title = words.title
        chart.description = describe(chart.spec, chart.title, drawn.rows)
        chart.version += 1
        await _keep_version(tx, chart, Author("user", ctx.actor.name, ctx.actor.id))
        await record(tx, action="chart.updated", target=("chart", chart.id), detail={})
    return _out(chart, drawn)


@dataclass(frozen=True, slots=True)
class Renewed:
    """A chart drawn from a newer result, not stored yet."""

    chart: Chart
    words: Told
    spec: dict[str, Any]
    drawn: _Drawn

    async def keep(self, ctx: Context) -> ChartOut:
        """Store it as the chart's next version, in the open transaction."""
        chart, words = await get_owned(ctx, Chart, self.chart.id, for_update=True), self.words
        chart.figures = words.figures
        chart.spec = self.spec
        chart.title = words.title
        chart.description = describe(self.spec, words.title, self.drawn.rows)
        chart.query_version_id = self.drawn.version_id
        chart.result_id = self.drawn.version.result_id or chart.result_id
        chart.version += 1
        await _keep_version(ctx, chart, Author("user", ctx.actor.name, ctx.actor.id))
        await record(ctx, action="chart.updated", target=("chart", chart.id), detail={})
        return _out(chart, self.drawn)


async def renew_chart(ctx: Context, chart_id: UUID, result_id: UUID, reader: Reader) -> Renewed:
    """Draw a chart from a newer result: its words filled and checked anew; no transaction is open.

    Args:
        ctx: Who wants it.
        chart_id: The chart.
        result_id: The newer result of its query.
        reader: For whom. A person's own words still need no receipt.

    Raises:
        NotFound: No such chart or result.
        ChartRefused: The result lacks what the chart draws or says.
    """
    async with ctx.begin() as tx:
        chart = await get_owned(tx, Chart, chart_id)
        newest = owned(tx, ChartVersion).where(
            ChartVersion.chart_id == chart.id, ChartVersion.version == chart.version
        )
        by_person = (await tx.session.execute(newest)).scalar_one().author_kind == "user"
    drawn = await _drawn(ctx, result_id)
    title, spec = as_written(chart.title, chart.spec, chart.figures)
    account = replace(
        drawn.account(chart.thread_id, reader),
        by_person=by_person,
        strict=frozenset(str(entry["path"]) for entry in chart.figures),
    )
    words = await told(ctx, title, spec, account)
    return Renewed(chart, words, await drawn.checked(words.spec), drawn)


def _still_told(before: list[dict[str, Any]], words: Told) -> list[dict[str, Any]]:
    """Return the receipts of a changed chart: words that stayed keep those they had."""
    known = {(entry["path"], entry["text"]): entry for entry in before}
    now = {entry["path"]: entry for entry in words.figures}
    kept = {path: entry for (path, text), entry in known.items() if words.says(path, text)}
    return list({**now, **kept}.values())
