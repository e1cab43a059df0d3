"""Does a definition's SQL run, read-only, on its source now? Asked of a worker, like any query."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from datelier.definitions.models import Definition
from datelier.definitions.reading import Reading, read_tables, table_name
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.errors import DatelierError, Invalid, NotFound
from datelier.sources.catalog import get_catalog
from datelier.sources.errors import BadFile, SourceMissing, SqlFailed, SqlRefused
from datelier.sources.gateway import WorkerGateway
from datelier.sources.schemas import CatalogTable
from datelier.sources.target import get_source

CHECK_SECONDS: Final = 30.0
_MOST_DETAIL: Final = 500
# The SQL itself does not run; every other failure says nothing about it.
_ITS_OWN: Final = (SqlFailed, SqlRefused, SourceMissing, BadFile)


@dataclass(frozen=True, slots=True)
class Checked:
    """How a check ended.

    Attributes:
        ok: None when it could not be made.
        uses: What the SQL reads, by the catalog as it is.
    """

    ok: bool | None
    code: str | None = None
    message: str | None = None
    uses: tuple[Reading, ...] = ()

    def stored(self) -> dict[str, Any]:
        """Return it as the definition keeps it."""
        return {"ok": self.ok, "code": self.code, "message": self.message}


async def check_sql(ctx: Context, source_id: UUID | None, sql: str) -> Checked:
    """Run a statement read-only for one row and throw the row away; no transaction may be open.

    Args:
        ctx: The caller.
        source_id: The source; None for a term that holds for every source.
        sql: The statement; nothing is run for an empty one.

    Raises:
        NotFound: No such source.
    """
    if source_id is None:
        return Checked(ok=True)
    async with ctx.begin() as tx:
        engine = (await get_source(tx, source_id)).engine
        tables = await known_tables(tx, source_id)
    if not sql:
        return Checked(ok=True)
    gateway = ctx.resources.get(WorkerGateway)
    parameters = {"sql": sql, "row_limit": 1}
    try:
        await gateway.perform(ctx, source_id, "execute", parameters, timeout_s=CHECK_SECONDS)
    except _ITS_OWN as error:
        return Checked(ok=False, code=error.code, message=error.detail[:_MOST_DETAIL])
    except DatelierError as error:
        return Checked(ok=None, code=error.code, message=error.detail[:_MOST_DETAIL])
    return Checked(ok=True, uses=tuple(read_tables(sql, engine, tables) or ()))


async def known_tables(ctx: Context, source_id: UUID) -> list[CatalogTable]:
    """Return the tables of a source's catalog; none while it is not known."""
    try:
        return (await get_catalog(ctx, source_id)).tables
    except NotFound:
        return []


def keep(row: Definition, checked: Checked) -> None:
    """Note how a check ended; what the SQL reads is kept of one that went well."""
    row.checked = checked.stored()
    row.checked_at = now()
    if checked.ok:
        row.uses = [reading.stored() for reading in checked.uses]


def refuse_refused(checked: Checked) -> None:
    """Raise Invalid at `sql` for a statement that the walls do not let through."""
    if checked.code == SqlRefused.code:
        raise Invalid.field("sql", checked.message or "is refused")


def drifted(uses: Sequence[dict[str, Any]], tables: Sequence[CatalogTable]) -> str | None:
    """Say what of the tables and columns that a definition reads is gone or has changed.

    A table that could not be read at the moment says nothing.
    """
    there = {table_name(table): table for table in tables}
    for reading in uses:
        name = str(reading["table"])
        table = there.get(name)
        if table is None:
            return f"The table {name} is no longer there."
        if table.error:
            continue
        types = {column.name: column.type for column in table.columns}
        for column, kind in reading["columns"]:
            if column not in types:
                return f"The column {name}.{column} is no longer there."
            if types[column] != kind:
                return f"The column {name}.{column} was {kind} and is {types[column]} now."
    return None
