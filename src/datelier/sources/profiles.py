"""Profile a table: started, watched while it runs, and kept until the next one."""

import asyncio
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from pydantic import ValidationError
from sqlalchemy import null, select, update
from sqlalchemy.orm import undefer

from datelier.identity.audit import record
from datelier.kit.clock import now
from datelier.kit.context import Context
from datelier.kit.db import add_owned, owned
from datelier.kit.errors import DatelierError, NotFound
from datelier.kit.ids import uuid7
from datelier.kit.log import get_logger
from datelier.sources.errors import ActionFailed
from datelier.sources.gateway import WorkerGateway
from datelier.sources.models import ColumnProfile, Source, ValueIndex
from datelier.sources.privacy import privacy_of, table_key
from datelier.sources.profile_schemas import (
    Answer,
    IndexedValues,
    ProfileError,
    ProfileOut,
    Progress,
    TableFacts,
)
from datelier.sources.target import get_source
from datelier.sources.value_index import keep_values
from datelier.wire.arrow import read_batches
from datelier.wire.columnar import to_columnar_json

log = get_logger(__name__)

_GRACE: Final = timedelta(seconds=20)
_running: Final[dict[UUID, "asyncio.Task[None]"]] = {}


async def get_profile(ctx: Context, source_id: UUID, table: str) -> ProfileOut:
    """Return the newest profile of a table, or how far one is; status `none` before the first.

    Raises:
        NotFound: No such source, or no such table in its catalog.
    """
    source, key = await _table(ctx, source_id, table)
    row = await _row(ctx, source_id, key)
    if row is None:
        return ProfileOut(source_id=source_id, table=key, status="none")
    return await _out(ctx, source, row)


async def start_profile(ctx: Context, source_id: UUID, table: str) -> ProfileOut:
    """Start to profile a table and return at once; one that runs is not started again.

    The caller may go away: the profile is finished and kept. No transaction may be open.

    Raises:
        NotFound: No such source, or no such table in its catalog.
    """
    seconds = ctx.resources.settings.statement_timeout_s
    async with ctx.begin() as tx:
        source, key = await _table(tx, source_id, table, for_update=True)
        row = await _row(tx, source_id, key)
        if row is not None and row.status == "running" and row.deadline_at > now():
            return await _out(tx, source, row)
        values: dict[str, Any] = {
            "status": "running",
            "started_at": now(),
            "deadline_at": now() + timedelta(seconds=seconds) + _GRACE,
            "finished_at": None,
        }
        if row is None:
            row = ColumnProfile(id=uuid7(), source_id=source_id, table_name=key, **values)
            await add_owned(tx, row)
        else:
            await _write(tx, row.id, values | {"progress": null(), "error": null()})
            await tx.session.refresh(row)
        await record(
            tx, action="source.profiled", target=("source", source_id), detail={"table": key}
        )
        out, row_id = await _out(tx, source, row), row.id
    task = asyncio.create_task(_run(ctx, row_id, source_id, key), name="profile")
    _running[row_id] = task
    task.add_done_callback(lambda _: _running.pop(row_id, None))
    return out


async def stop_profile(ctx: Context, source_id: UUID, table: str) -> ProfileOut:
    """Stop the profile that runs, if one does; its statement is cancelled at the source.

    Raises:
        NotFound: No such source, or no such table in its catalog.
    """
    async with ctx.begin() as tx:
        source, key = await _table(tx, source_id, table)
        row = await _row(tx, source_id, key)
        if row is None:
            return ProfileOut(source_id=source_id, table=key, status="none")
        if row.status == "running":
            body = {"code": "cancelled", "message": f"Stopped by {ctx.actor.name}."}
            ended = {"status": "failed", "error": body, "finished_at": now()}
            await _write(tx, row.id, ended)
            await tx.session.refresh(row)
            await record(
                tx, action="source.profile_stopped", target=("source", source_id),
                detail={"table": key},
            )  # fmt: skip
        task = _running.get(row.id)
        out = await _out(tx, source, row)
    if task is not None:
        task.cancel()
    return out


async def _table(
    ctx: Context, source_id: UUID, table: str, *, for_update: bool = False
) -> tuple[Source, str]:
    """Return the source and the table's key; `table` may leave the schema out."""
    source = await get_source(ctx, source_id, for_update=for_update)
    query = owned(ctx, Source).where(Source.id == source_id).options(undefer(Source.catalog))
    await ctx.session.execute(query.execution_options(populate_existing=True))
    tables: list[dict[str, Any]] = (source.catalog or {}).get("tables", [])
    keys = [table_key(one.get("schema"), one["name"]) for one in tables]
    names = [one["name"] for one in tables]
    if table in keys:
        return source, table
    if names.count(table) == 1:
        return source, keys[names.index(table)]
    raise NotFound("table")


async def _row(ctx: Context, source_id: UUID, key: str) -> ColumnProfile | None:
    query = owned(ctx, ColumnProfile).where(
        ColumnProfile.source_id == source_id, ColumnProfile.table_name == key
    )
    return (await ctx.session.execute(query)).scalar_one_or_none()


async def _write(
    ctx: Context, row_id: UUID, values: dict[str, Any], *, only_running: bool = False
) -> bool:
    change = update(ColumnProfile).where(
        ColumnProfile.org_id == ctx.org_id, ColumnProfile.id == row_id
    )
    if only_running:
        change = change.where(ColumnProfile.status == "running")
    done = await ctx.session.execute(change.values(**values).returning(ColumnProfile.id))
    return done.scalar_one_or_none() is not None


async def _out(ctx: Context, source: Source, row: ColumnProfile) -> ProfileOut:
    out = ProfileOut(
        source_id=row.source_id,
        table=row.table_name,
        status=row.status,  # pyright: ignore[reportArgumentType]  # the table's check lists the same
        progress=Progress.model_validate(row.progress) if row.progress else None,
        started_at=row.started_at,
        finished_at=row.finished_at,
        error=ProfileError.model_validate(row.error) if row.error else None,
        profile=TableFacts.model_validate(row.profile) if row.profile else None,
    )
    if out.status == "running" and row.deadline_at < now():
        out.status = "failed"  # its process died; nobody will ever end it
        out.error = ProfileError(code="interrupted", message="The server stopped before the end.")
    if out.profile is not None:
        rule = privacy_of(source)
        query = select(ValueIndex).where(
            ValueIndex.org_id == ctx.org_id,
            ValueIndex.source_id == row.source_id,
            ValueIndex.table_name == row.table_name,
        )
        indexed = {one.column_name: one for one in (await ctx.session.execute(query)).scalars()}
        for column in out.profile.columns:
            column.private = rule.hides(row.table_name, column.name)
            found = indexed.get(column.name)
            if found is not None:
                column.indexed = IndexedValues(
                    state=found.state,  # pyright: ignore[reportArgumentType]  # as the table's check
                    distinct=found.distinct_count,
                    built_at=found.built_at,
                )
    return out


async def _run(ctx: Context, row_id: UUID, source_id: UUID, table: str) -> None:
    """Perform a profile and keep how it went, whatever happens."""
    try:
        answer = await _perform(ctx, row_id, source_id, table)
        facts = _facts(answer)
        async with ctx.begin() as tx:
            ended = {
                "status": "done",
                "profile": facts.model_dump(by_alias=True, mode="json"),
                "progress": null(),
                "finished_at": now(),
            }
            if await _write(tx, row_id, ended, only_running=True):
                await keep_values(tx, source_id, table, answer["profile"])
    except asyncio.CancelledError:
        stopped = {"code": "cancelled", "message": "It was stopped."}
        await asyncio.shield(_fail(ctx, row_id, stopped))
        raise
    except DatelierError as error:
        body = {"code": error.code, "message": error.detail, "hint": error.hint}
        await _fail(ctx, row_id, body)
    except Exception:
        log.exception("profile_failed", source_id=str(source_id))
        await _fail(ctx, row_id, {"code": "internal", "message": "The profile failed."})


async def _perform(ctx: Context, row_id: UUID, source_id: UUID, table: str) -> Answer:
    async def progress(data: bytes, rows: int) -> None:
        if not rows:
            return
        for batch in read_batches(data):
            done, total, step = (str(column[0]) for column in to_columnar_json(batch))
            body = {"done": int(done), "total": int(total), "step": step[:60]}
            async with ctx.begin() as tx:
                await _write(tx, row_id, {"progress": body}, only_running=True)

    gateway = ctx.resources.get(WorkerGateway)
    seconds = ctx.resources.settings.statement_timeout_s
    answer = await gateway.perform(
        ctx, source_id, "profile", {"table": table}, timeout_s=seconds, on_batch=progress
    )
    return answer.result


def _facts(answer: Answer) -> TableFacts:
    try:
        return TableFacts.model_validate({**answer, "columns": answer["profile"]})
    except (KeyError, TypeError, ValidationError):
        raise ActionFailed("The data worker's profile cannot be read.") from None


async def _fail(ctx: Context, row_id: UUID, error: dict[str, Any]) -> None:
    async with ctx.begin() as tx:
        ended = {"status": "failed", "error": error, "progress": null(), "finished_at": now()}
        await _write(tx, row_id, ended, only_running=True)


def under_way() -> list["asyncio.Task[None]"]:
    """Return the profiles that this process performs right now."""
    return list(_running.values())
