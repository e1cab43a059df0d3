"""Opening stored results as the tables that formulas and the checker read."""

import asyncio
from typing import Any, Final
from uuid import UUID

from datelier.kit.context import Context
from datelier.kit.errors import NotFound
from datelier.queries.disclosure import disclosure_of
from datelier.queries.results import (
    PAGE_MAX,
    StoredResult,
    find_reference,
    open_result,
    queries_of_thread,
    version_of_result,
)
from datelier.queries.trace.errors import TraceError
from datelier.queries.trace.formula import Reference
from datelier.queries.trace.tables import Table

_CUT_CELL: Final = 500


async def load_table(ctx: Context, thread_id: UUID, reference: Reference) -> Table:
    """Return a result of a thread; no transaction may be open.

    Raises:
        TraceError: The thread has no such result, or its rows are gone.
    """
    try:
        async with ctx.begin() as tx:
            found = await find_reference(tx, thread_id, reference.handle, reference.version)
            version = await version_of_result(tx, found)
            result = await open_result(tx, found)
        seen = await disclosure_of(ctx, version)
        data = await asyncio.to_thread(_all_rows, result)
    except NotFound:
        name = f"Q{reference.handle}" + (f".v{reference.version}" if reference.version else "")
        raise TraceError("no_such_query", f"This chat has no result {name}.") from None
    names = tuple(column.name for column in version.columns)
    hidden = (name for name, ok in zip(names, seen.shown, strict=True) if not ok)
    return Table(
        int(version.handle[1:]),
        version.version,
        names,
        tuple(column.type for column in version.columns),
        data,
        version.truncated,
        frozenset(hidden),
        facts_of(version.model_dump(mode="json")),
    )


async def thread_references(ctx: Context, thread_id: UUID) -> list[Reference]:
    """Return the newest version of every query of a thread that has a result, oldest first."""
    found = await queries_of_thread(ctx, thread_id)
    return [
        Reference(int(version.handle[1:]), version.version)
        for version in found.data
        if version.result_id is not None
    ]


def _all_rows(result: StoredResult) -> list[list[Any]]:
    data: list[list[Any]] = [[] for _ in result.out.columns]
    for offset in range(0, max(1, result.out.row_count), PAGE_MAX):
        for column, more in zip(data, result.rows(offset, PAGE_MAX).data, strict=True):
            column.extend(_storable(cell) for cell in more)
    return data


def _storable(cell: Any) -> Any:
    """Return a cell as answers can be stored: texts of PostgreSQL hold no NUL, those of files may."""
    return cell.replace("\0", "\ufffd") if isinstance(cell, str) and "\0" in cell else cell


def facts_of(version: dict[str, Any]) -> dict[str, Any]:
    """Return what receipts tell of a query's version, given as JSON."""
    names = ("query_id", "result_id", "sql", "title", "source_id", "source_name", "ran_at")
    return {name: version.get(name) for name in names}


def table_of_version(version: dict[str, Any], output: dict[str, Any]) -> Table | None:
    """Return a result from what its tool answered, without reading it again.

    None when the answer does not hold the whole result exactly: more rows than a model is shown,
    or texts that were cut for it.

    Args:
        version: The finished version as JSON .
        output: What the tool gave for people.
    """
    rows: list[list[str | None]] = output.get("rows") or []
    columns: list[dict[str, str]] = output.get("columns") or []
    stored: list[dict[str, str]] = version.get("columns") or []
    names = [column["name"] for column in columns]
    if len(rows) != output.get("row_count") or names != [column["name"] for column in stored]:
        return None
    if any(cell is not None and _is_changed(cell) for row in rows for cell in row):
        return None
    data: list[list[str | None]] = [[row[i] for row in rows] for i in range(len(names))]
    return Table(
        int(str(version["handle"])[1:]),
        int(version["version"]),
        tuple(names),
        tuple(column["type"] for column in columns),
        data,
        bool(version.get("truncated")),
        frozenset(version.get("withheld") or ()),
        facts_of(version),
    )


def _is_changed(cell: str) -> bool:
    """Whether a text may have been changed for a model: cut, or its bars replaced."""
    return len(cell) >= _CUT_CELL or "¦" in cell or cell == "(binary)"
