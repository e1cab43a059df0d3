"""Look at a table's rows without a query; and small helpers around Arrow answers."""

import asyncio
from typing import Any, Final
from uuid import UUID

from datelier.kit.context import Context
from datelier.kit.errors import Invalid
from datelier.sources.errors import ActionFailed
from datelier.sources.gateway import ActionResult, WorkerGateway
from datelier.sources.schemas import ColumnOut, Rows
from datelier.wire.arrow import read_batches
from datelier.wire.columnar import to_columnar_json

_OFFSET_MAX: Final = 10_000_000


async def preview(
    ctx: Context, source_id: UUID, table: str, *, limit: int | None = None, offset: int = 0
) -> Rows:
    """Return a page of a table; no transaction may be open.

    Args:
        ctx: The caller.
        source_id: The source.
        table: `name` or `schema.name` as in the catalog.
        limit: Rows, at most the configured preview limit.
        offset: Rows to skip.

    Raises:
        Invalid: The limit or the offset is out of range.
        NotFound, NoWorker, ActionFailed: As for every action.
    """
    rows = checked_limit(ctx, limit)
    if not 0 <= offset <= _OFFSET_MAX:
        raise Invalid.field("offset", f"must be between 0 and {_OFFSET_MAX}")
    answer = await ctx.resources.get(WorkerGateway).perform(
        ctx, source_id, "preview", {"table": table, "limit": rows, "offset": offset}
    )
    return await rows_of(answer, offset)


def checked_limit(ctx: Context, limit: int | None) -> int:
    """Return the rows to preview; Invalid when out of range."""
    settings = ctx.resources.settings
    rows = settings.preview_default if limit is None else limit
    if not 1 <= rows <= settings.preview_max:
        raise Invalid.field("limit", f"must be between 1 and {settings.preview_max}")
    return rows


async def rows_of(answer: ActionResult, offset: int = 0) -> Rows:
    """Return an action's batches as one page; decoding happens off the event loop."""
    columns = result_columns(answer.result)
    data = await asyncio.to_thread(_decode, answer.batches, len(columns))
    total = answer.result.get("total")
    return Rows.model_construct(
        columns=columns,
        data=data,
        offset=offset,
        row_count=len(data[0]) if data else 0,
        total=total if isinstance(total, int) else None,
        truncated=bool(answer.result.get("truncated")),
    )


def result_columns(result: dict[str, Any]) -> list[ColumnOut]:
    """Return the columns of a tabular answer, or raise ActionFailed when it names none."""
    try:
        return [ColumnOut.model_validate(column) for column in result["columns"]]
    except (KeyError, TypeError, ValueError):
        raise ActionFailed("The data worker did not say which columns it sent.") from None


def _decode(batches: list[bytes], width: int) -> list[list[Any]]:
    data: list[list[Any]] = [[] for _ in range(width)]
    try:
        for batch in read_batches(batches):
            for column, values in zip(data, to_columnar_json(batch), strict=True):
                column.extend(values)
    except ValueError:
        raise ActionFailed("The data worker sent rows that do not fit their columns.") from None
    return data
