"""What a person sees of a write before approving it: statement, estimate, affected rows.

The write is planned on the write-enabled connection, which changes nothing; the affected rows are
read through the walls of the read path, like any query.
"""

from typing import Any, Final
from uuid import UUID

from datelier.effects.writes import open_write
from datelier.kit.errors import DatelierError
from datelier.kit.tools import Effect, Preview, PreviewRefused, ToolContext
from datelier.sources.errors import SqlFailed, SqlRefused
from datelier.sources.gateway import Order, WorkerGateway
from datelier.sources.preview import rows_of
from datelier.sources.schemas import Rows
from datelier.sources.target import open_target
from datelier.sources.write_connection import NotWritable

ROWS_SHOWN: Final = 20
_CELL: Final = 200
_SECONDS: Final = 20.0


async def preview_write(at: ToolContext, source_id: UUID, sql: str) -> Preview:
    """Return what a write would do; nothing is changed.

    Raises:
        PreviewRefused: It can never be made as it is: not allowed, or the database cannot plan it.
        DatelierError: No preview is possible just now.
    """
    plan = await _planned(at, source_id, sql)
    verb, table = str(plan["verb"]), str(plan["table"])
    select = str(plan["affected"])
    seen = await _affected(at, source_id, select, list(plan["changed"]))
    counted = seen.pop("exact", None)
    if seen.get("truncated") and plan["rows"] is None and plan["estimated_rows"] is None:
        counted = await _counted(at, source_id, select)
    exact = next(
        (n for n in (plan["rehearsed_rows"], plan["rows"], counted) if n is not None), None
    )
    data: dict[str, Any] = {
        "kind": "sql_write",
        "verb": verb,
        "table": table,
        "statement": plan["sql"],
        "estimated_rows": exact if exact is not None else plan["estimated_rows"],
        "exact": exact is not None,
        "changed": plan["changed"],
        **seen,
    }
    if plan["rehearsed_rows"] is not None:
        data["note"] = "It was run and rolled back to see what it does."
    if plan["everything"]:
        data["note"] = f"No condition narrows it down: every row of {table} is affected."
    risk: Effect = "destructive" if plan["everything"] else "write"
    return Preview(_title(data), data, risk, source_id, data["estimated_rows"])


async def _planned(at: ToolContext, source_id: UUID, sql: str) -> dict[str, Any]:
    try:
        allowed = await open_write(at.ctx, source_id)
        target = allowed.target.within(at.schemas.get(source_id))
        order = Order("plan_write", {"sql": sql, "rehearse": allowed.rehearse}, _SECONDS)
        plan = (await at.ctx.resources.get(WorkerGateway).perform_on(at.ctx, target, order)).result
    except (SqlRefused, SqlFailed, NotWritable) as error:
        raise PreviewRefused(error.detail, hint=error.hint) from None
    if plan["problem"]:
        raise PreviewRefused(f"The database cannot do this: {plan['problem']}")
    return plan


async def _affected(
    at: ToolContext, source_id: UUID, select: str, changed: list[str]
) -> dict[str, Any]:
    """Read the first affected rows; for an UPDATE, also as they would be afterwards."""
    try:
        page = await _read(at, source_id, select)
    except DatelierError as error:
        return {"rows_note": f"The affected rows cannot be shown: {error.detail}"}
    rows = [[_short(cell) for cell in row] for row in zip(*page.data, strict=True)]
    columns = [column.name for column in page.columns]
    width = len(columns) - len(changed)
    names = columns[:width]
    shown: dict[str, Any] = {"columns": names, "truncated": page.truncated}
    if not page.truncated:
        shown["exact"] = len(rows)
    if changed:
        places = [names.index(name) if name in names else None for name in changed]
        shown["before"] = [row[:width] for row in rows]
        shown["after"] = [_after(row, width, places) for row in rows]
    else:
        shown["rows"] = rows
    return shown


async def _read(at: ToolContext, source_id: UUID, select: str) -> Rows:
    target = (await open_target(at.ctx, source_id)).within(at.schemas.get(source_id))
    order = Order("execute", {"sql": select, "row_limit": ROWS_SHOWN}, _SECONDS)
    return await rows_of(
        await at.ctx.resources.get(WorkerGateway).perform_on(at.ctx, target, order)
    )


async def _counted(at: ToolContext, source_id: UUID, select: str) -> int | None:
    """Count the affected rows, where the database has no estimate of its own."""
    try:
        # Its text went through the wall of reads already, and goes through it once more.
        page = await _read(at, source_id, f"SELECT count(*) AS n FROM ({select}) AS affected")  # noqa: S608  # one SELECT that the wall passed
    except DatelierError:
        return None
    return int(str(page.data[0][0]))


def _after(row: list[Any], width: int, places: list[int | None]) -> list[Any]:
    after = row[:width]
    for place, value in zip(places, row[width:], strict=True):
        if place is not None:
            after[place] = value
    return after


def _short(cell: Any) -> Any:
    if cell is None or isinstance(cell, bool | int | float):
        return cell
    text = str(cell)
    return text if len(text) <= _CELL else text[: _CELL - 1] + "…"


def _title(data: dict[str, Any]) -> str:
    count = data["estimated_rows"]
    about = "" if data["exact"] else "about "
    rows = "" if count is None else f" ({about}{count:,} row{'' if count == 1 else 's'})"
    return f"wants to run {data['verb']} on {data['table']}{rows}"
