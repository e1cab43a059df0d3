"""Read queries and results; cancel what runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import Row, Select, select, update
from sqlalchemy.dialects.postgresql import distinct_on

from datelier.kit.context import Context
from datelier.kit.errors import Conflict, Invalid, NotFound
from datelier.queries.access import own_query, seen
from datelier.queries.arrow_store import Index, StoredRows
from datelier.queries.column_profile import profile_column
from datelier.queries.file_names import download_name
from datelier.queries.filters import column_position, parse_filters, parse_order
from datelier.queries.models import Query, QueryVersion, Result
from datelier.queries.rows import View, page, view_page
from datelier.queries.schemas import (
    ColumnProfile,
    Format,
    QueryError,
    QueryOut,
    QueryVersionOut,
    ResultOut,
    ThreadQueries,
)
from datelier.queries.service import stop_here, version_out
from datelier.queries.watching import has_died
from datelier.sources.models import Source
from datelier.sources.schemas import ColumnOut, Rows

PAGE_DEFAULT: Final = 1000
PAGE_MAX: Final = 10_000
OFFSET_MAX: Final = 2**53  # what a JSON number holds exactly everywhere


class NotRunning(Conflict):
    """The query has ended already."""

    code = "not_running"


def _versions(ctx: Context) -> Select[QueryVersion, Query, str, Result]:
    return (
        select(QueryVersion, Query, Source.name, Result)
        .join(Query, (Query.org_id == QueryVersion.org_id) & (Query.id == QueryVersion.query_id))
        .join(Source, (Source.org_id == Query.org_id) & (Source.id == Query.source_id))
        .outerjoin(
            Result, (Result.org_id == QueryVersion.org_id) & (Result.id == QueryVersion.result_id)
        )
        .where(QueryVersion.org_id == ctx.org_id, seen(ctx))
    )


def _shown(row: Row[QueryVersion, Query, str, Result]) -> QueryVersionOut:
    out = version_out(row[0], row[1], row[2], row[3])
    if has_died(row[0]):
        # Nobody will ever end it.
        error = QueryError(code="interrupted", message="The server stopped before the answer came.")
        return out.model_copy(update={"status": "failed", "error": error})
    return out


async def get_query(ctx: Context, query_id: UUID) -> QueryOut:
    """Return a query with its versions, or raise NotFound."""
    statement = (
        _versions(ctx).where(QueryVersion.query_id == query_id).order_by(QueryVersion.version)
    )
    rows = (await ctx.session.execute(statement)).all()
    if not rows:
        raise NotFound("query", query_id)
    versions = [_shown(row) for row in rows]
    return QueryOut(query_id=query_id, handle=versions[0].handle, versions=versions)


async def queries_of_thread(ctx: Context, thread_id: UUID) -> ThreadQueries:
    """Return the newest version of every query of a thread.

    Whether the caller may see the thread is for the caller of this to know.
    """
    statement = (
        _versions(ctx)
        .where(Query.thread_id == thread_id)
        .ext(distinct_on(Query.handle, Query.id))
        .order_by(Query.handle, Query.id, QueryVersion.version.desc())
    )
    rows = (await ctx.session.execute(statement)).all()
    return ThreadQueries(data=[_shown(row) for row in rows])


async def version_of_result(ctx: Context, result_id: UUID) -> QueryVersionOut:
    """Return the version that made a result, or raise NotFound."""
    statement = _versions(ctx).where(QueryVersion.result_id == result_id)
    row = (await ctx.session.execute(statement)).first()
    if row is None:
        raise NotFound("result", result_id)
    return _shown(row)


async def version_id_of(ctx: Context, result_id: UUID) -> UUID:
    """Return the id of the version that made a result, or raise NotFound."""
    statement = _versions(ctx).where(QueryVersion.result_id == result_id)
    found = (await ctx.session.execute(statement.with_only_columns(QueryVersion.id))).scalar()
    if found is None:
        raise NotFound("result", result_id)
    return found


async def find_reference(ctx: Context, thread_id: UUID, handle: int, version: int | None) -> UUID:
    """Return the result that `Q3.v1` names in a thread; without a version the newest with rows.

    Raises:
        NotFound: There is no such result.
    """
    statement = (
        select(QueryVersion.result_id)
        .join(Query, (Query.org_id == QueryVersion.org_id) & (Query.id == QueryVersion.query_id))
        .where(
            QueryVersion.org_id == ctx.org_id,
            seen(ctx),
            Query.thread_id == thread_id,
            Query.handle == handle,
            QueryVersion.result_id.is_not(None),
        )
        .order_by(QueryVersion.version.desc())
        .limit(1)
    )
    if version is not None:
        statement = statement.where(QueryVersion.version == version)
    found = (await ctx.session.execute(statement)).scalar_one_or_none()
    if found is None:
        raise NotFound("result")
    return found


async def cancel_query(ctx: Context, query_id: UUID) -> QueryOut:
    """Cancel what runs of a query, wherever it runs; the statement is stopped at the source.

    Raises:
        NotFound: No such query.
        NotRunning: Nothing of it is running.
    """
    await own_query(ctx, query_id)
    stopped = {"code": "cancelled", "message": f"Stopped by {ctx.actor.name}."}
    statement = (
        update(QueryVersion)
        .where(
            QueryVersion.org_id == ctx.org_id,
            QueryVersion.query_id == query_id,
            QueryVersion.status == "running",
        )
        .values(status="cancelled", error=stopped)
        .returning(QueryVersion.id)
    )
    found = list((await ctx.session.execute(statement)).scalars())
    if not found:
        raise NotRunning("This query is not running.")
    for version_id in found:
        ctx.on_commit(lambda key=version_id: stop_here(key))
    return await get_query(ctx, query_id)


@dataclass(frozen=True, slots=True)
class StoredResult:
    """A result that is ready to be read outside a transaction."""

    out: ResultOut
    stored: StoredRows

    def rows(self, offset: int = 0, limit: int = PAGE_DEFAULT, view: View | None = None) -> Rows:
        """Return a page; call it off the event loop.

        Raises:
            Invalid: Offset or limit is out of range, or a filter does not fit its column.
            NotFound: The stored rows are gone.
        """
        if not 0 <= offset <= OFFSET_MAX:
            raise Invalid.field("offset", f"must be between 0 and {OFFSET_MAX}")
        if not 1 <= limit <= PAGE_MAX:
            raise Invalid.field("limit", f"must be between 1 and {PAGE_MAX}")
        path, index = self.stored.path, self.stored.index
        filtered = None
        try:
            if view is None or view.is_plain:
                data = page(path, index, len(self.out.columns), offset, limit)
            else:
                data, count = view_page(path, self.stored.types, view, (offset, limit))
                filtered = count if view.filters else None
        except FileNotFoundError:
            raise NotFound("result") from None
        return Rows.model_construct(
            columns=self.out.columns,
            data=data,
            offset=offset,
            row_count=self.out.row_count,
            filtered_count=filtered,
            total=self.out.total,
            truncated=self.out.truncated,
        )

    def view(self, sorts: Sequence[str], filters: str | None) -> View:
        """Return which rows are asked for; Invalid when that cannot be understood."""
        names = [column.name for column in self.out.columns]
        return View(parse_filters(filters, names), parse_order(sorts, names))

    def profile(self, column: str, filters: str | None) -> ColumnProfile:
        """Return the profile of a column; call it off the event loop.

        Raises:
            Invalid: There is no such column, or a filter does not fit.
            NotFound: The stored rows are gone.
        """
        names = [column.name for column in self.out.columns]
        position = column_position(column, names, "column")
        conditions = parse_filters(filters, names)
        try:
            return profile_column(self.stored.path, self.out.columns, position, conditions)
        except FileNotFoundError:
            raise NotFound("result") from None


async def open_result(ctx: Context, result_id: UUID) -> StoredResult:
    """Return a stored result that the caller may see, or raise NotFound."""
    statement = _versions(ctx).where(Result.id == result_id).with_only_columns(Result)
    row = (await ctx.session.execute(statement)).scalars().first()
    if row is None:
        raise NotFound("result", result_id)
    return _stored(ctx, row)


def _stored(ctx: Context, row: Result) -> StoredResult:
    columns = [ColumnOut.model_validate(column) for column in row.columns]
    out = ResultOut(
        id=row.id,
        columns=columns,
        row_count=row.row_count,
        truncated=row.truncated,
        total=row.total,
        created_at=row.created_at,
    )
    index: Index = [(entry[0], entry[1], entry[2]) for entry in row.batches]
    path = ctx.resources.blobs.path(row.blob_key)
    return StoredResult(out, StoredRows(path, index, columns))


async def open_download(ctx: Context, result_id: UUID, form: Format) -> tuple[StoredResult, str]:
    """Return a stored result and the file name of its download, or raise NotFound."""
    statement = _versions(ctx).where(QueryVersion.result_id == result_id)
    row = (await ctx.session.execute(statement)).first()
    if row is None:
        raise NotFound("result", result_id)
    version, query, _, result = row
    name = download_name(f"Q{query.handle}", query.title, version.version, form)
    return _stored(ctx, result), name
