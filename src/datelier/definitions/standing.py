"""Certify a definition, take that back, and check whether it still holds."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from datelier.definitions.checking import (
    Checked,
    check_sql,
    drifted,
    keep,
    known_tables,
    refuse_refused,
)
from datelier.definitions.errors import CheckFailed, DefinitionArchived
from datelier.definitions.models import Definition
from datelier.definitions.schemas import DefinitionDetail
from datelier.definitions.service import (
    get_definition,
    lapse_row,
    require_version,
)
from datelier.definitions.showing import show_one
from datelier.identity.audit import record
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.db import owned
from datelier.kit.errors import NotFound, Unavailable
from datelier.sources.schemas import CatalogTable


async def certify_definition(ctx: Context, definition_id: UUID, version: int) -> DefinitionDetail:
    """Certify a version that was read, once its SQL ran; no transaction may be open.

    Raises:
        NotFound: No such definition, or its source is gone.
        DefinitionChanged: It is not at `version` any more.
        CheckFailed: Its SQL does not run.
        Unavailable: It could not be checked now.
    """
    async with ctx.begin() as tx:
        row = await get_definition(tx, definition_id)
        _require_current(row, version)
    checked = await check_sql(ctx, row.source_id, row.sql)
    _require_good(checked)
    async with ctx.begin() as tx:
        row = await get_definition(tx, definition_id, for_update=True)
        _require_current(row, version)
        keep(row, checked)
        if row.status != "certified":
            row.status, row.lapsed, row.lapsed_at = "certified", None, None
            row.certified_by, row.certified_by_name = tx.actor.id, tx.actor.name
            row.certified_at, row.certified_version = now(), row.version
            await _note(tx, row, "certified", {"version": row.version})
        await tx.session.flush()
        await tx.session.refresh(row)
        return await show_one(tx, row)


def _require_current(row: Definition, version: int) -> None:
    if row.archived_at is not None:
        raise DefinitionArchived("This definition was archived.", hint="Write a new one.")
    require_version(row, version)


def _require_good(checked: Checked) -> None:
    refuse_refused(checked)
    if checked.ok is None:
        raise Unavailable(
            f"The SQL could not be checked now: {checked.message}",
            hint="Try again when the source can be reached.",
        )
    if not checked.ok:
        raise CheckFailed(
            f"The SQL does not run: {checked.message}", hint="Correct it, then certify it."
        )


async def withdraw_definition(ctx: Context, definition_id: UUID, reason: str) -> DefinitionDetail:
    """Say that a definition no longer holds.

    Raises:
        NotFound: No such definition.
        DefinitionArchived: It was archived.
    """
    row = await get_definition(ctx, definition_id, for_update=True)
    if row.archived_at is not None:
        raise DefinitionArchived("This definition was archived.")
    if row.status != "lapsed":
        lapse_row(row, "withdrawn", reason or f"{ctx.actor.name} said so.")
        await _note(ctx, row, "lapsed", row.lapsed or {})
    await ctx.session.flush()
    await ctx.session.refresh(row)
    return await show_one(ctx, row)


async def check_definition(ctx: Context, definition_id: UUID) -> DefinitionDetail:
    """Run a definition's SQL now; a certified one that fails lapses. No transaction may be open.

    Raises:
        NotFound: No such definition.
    """
    async with ctx.begin() as tx:
        row = await get_definition(tx, definition_id)
    gone = False
    checked = Checked(ok=None)
    try:
        checked = await check_sql(ctx, row.source_id, row.sql)
    except NotFound:
        gone = True
        checked = Checked(ok=False, code="not_found", message="Its source was removed.")
    async with ctx.begin() as tx:
        row, before = await get_definition(tx, definition_id, for_update=True), row
        if (row.sql, row.source_id) == (before.sql, before.source_id):
            tables = [] if gone or row.source_id is None else await known_tables(tx, row.source_id)
            drift = drifted(row.uses, tables) if row.uses and tables else None
            await _settle(tx, row, checked, drift, gone=gone)
        return await show_one(tx, row)


async def _settle(
    ctx: Context, row: Definition, checked: Checked, drift: str | None, *, gone: bool
) -> None:
    """Note a check, and let a certified definition lapse for what it found."""
    if drift is not None:
        checked = Checked(ok=False, code="drift", message=drift)
    keep(row, checked)
    if checked.ok is False and row.status == "certified" and row.archived_at is None:
        reason = "drift" if drift else "removed" if gone else "failed"
        lapse_row(row, reason, checked.message or "Its SQL does not run.")
        await _note(ctx, row, "lapsed", row.lapsed or {})
    await ctx.session.flush()
    await ctx.session.refresh(row)


async def settle_drift(ctx: Context, source_id: UUID, tables: Sequence[CatalogTable]) -> None:
    """Let what reads changed tables of a source lapse: its catalog was just read anew.

    Args:
        ctx: Who had it read, in the transaction that keeps the catalog.
        source_id: The source.
        tables: What it contains now.
    """
    query = owned(ctx, Definition).where(
        Definition.source_id == source_id,
        Definition.archived_at.is_(None),
        Definition.status != "lapsed",
    )
    for row in (await ctx.session.execute(query.with_for_update())).scalars().all():
        drift = drifted(row.uses, tables)
        if drift is not None:
            await _settle(ctx, row, Checked(ok=None), drift, gone=False)


async def _note(ctx: Context, row: Definition, what: str, detail: dict[str, Any]) -> None:
    await record(ctx, action=f"definition.{what}", target=("definition", row.id), detail=detail)
