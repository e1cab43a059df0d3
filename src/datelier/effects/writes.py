"""Making an approved write, exactly once: execute, keep, commit, settle."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, Final, Literal
from uuid import UUID

from datelier.effects import ledger, service
from datelier.effects.ledger import Entry, Intent, TakenOver
from datelier.kit.context import Context
from datelier.kit.errors import DatelierError
from datelier.kit.tools import OutcomeUnknown, ToolContext
from datelier.sources.errors import ActionFailed, NotWritten, NoWorker
from datelier.sources.gateway import ActionResult, Order, WorkerGateway
from datelier.sources.write_connection import WriteTarget, write_target
from datelier.wire.arrow import read_batches
from datelier.wire.columnar import to_columnar_json

_IDLE_S: Final = 60.0  # longer than a transaction may stay idle at the source
_FIND_S: Final = 600.0  # how long the source may be out of reach before a person is asked
_LOOK_S: Final = 0.5
_STOPPED_S: Final = 5.0  # how long a stop waits for a commit that is under way
_OUTCOME_S: Final = 15.0
_GLANCE_S: Final = 3.0
_UNDONE: Final = "The database undid it."
_ENDED: Final = "The process that made it ended while it was being committed."


@dataclass(frozen=True, slots=True)
class Written:
    """What a write changed; `again`: it was made by a process that did not live to say so."""

    rows: int | None
    verb: str
    table: str
    sql: str
    again: bool = False


async def open_write(ctx: Context, source_id: UUID) -> WriteTarget:
    """Return the write-enabled connection of a source; no transaction may be open."""
    async with ctx.begin() as tx:
        return await write_target(tx, source_id)


async def write(at: ToolContext, source_id: UUID, sql: str) -> Written:
    """Make a write that a person approved, unless it was made before.

    Raises:
        ActionFailed: It was not made; nothing was changed.
        OutcomeUnknown: It was begun, and how it ended cannot be found out.
    """
    allowed = await open_write(at.ctx, source_id)
    entry = await ledger.intend(at, Intent("sql", {"sql": sql}, source_id))
    if entry.state == "done":
        return _written(entry, again=True)
    if entry.state == "not_done":
        raise NotWritten(entry.note or _UNDONE)
    if entry.state == "unknown":
        raise OutcomeUnknown(entry.note)
    if entry.begun:
        return await _found_out(at, entry, allowed)
    return await _perform(at, entry, allowed, sql)


async def _perform(at: ToolContext, entry: Entry, allowed: WriteTarget, sql: str) -> Written:
    kept: dict[str, Any] = {}

    async def keep(data: bytes, _rows: int) -> None:
        marks, rows = to_columnar_json(next(iter(read_batches(data))))
        kept["txid"] = None if marks[0] is None else str(marks[0])
        kept["rows"] = int(str(rows[0]))
        # Once this returns the worker commits.
        await ledger.begin(at, entry, kept["txid"], {"rows": kept["rows"]})
        kept["begun"] = True

    most = min(allowed.max_rows, at.most_rows or allowed.max_rows)
    order = Order("write", {"sql": sql, "max_rows": most}, allowed.timeout_s)
    gateway = at.ctx.resources.get(WorkerGateway)
    # Where the agent may use some of the schemas only, the statement may name no others.
    target = allowed.target.within(at.schemas.get(entry.source_id) if entry.source_id else None)
    working = asyncio.create_task(gateway.perform_on(at.ctx, target, order, on_batch=keep))
    try:
        answer = await asyncio.shield(working)
    except TakenOver:
        raise
    except asyncio.CancelledError:
        if "rows" in kept:  # the ledger is told, or is about to be
            # Whoever stops a run wants to know whether this was still done.
            await asyncio.shield(_settle_stopped(at, working, _begun(entry, kept), allowed))
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        raise
    except (ActionFailed, NoWorker) as error:
        if kept.get("begun") and not isinstance(error, NotWritten):
            return await _found_out(at, _begun(entry, kept), allowed, _unsure(error))
        await ledger.settle(at, entry, "not_done", None, error.detail)
        raise
    return await _made(at, entry, answer)


async def _made(at: ToolContext, entry: Entry, answer: ActionResult) -> Written:
    result = answer.result
    outcome = {key: result.get(key) for key in ("rows", "verb", "table", "sql", "elapsed_ms")}
    await ledger.settle(at, entry, "done", outcome)
    return Written(
        int(result["rows"]), str(result["verb"]), str(result["table"]), str(result["sql"])
    )


def _begun(entry: Entry, kept: dict[str, Any]) -> Entry:
    detail = {**entry.detail, "rows": kept["rows"]}
    return replace(entry, txid=kept["txid"], begun=True, detail=detail)


def _unsure(error: ActionFailed | NoWorker) -> str:
    return f"It was being committed when this came in between: {error.detail}"


async def _found_out(
    at: ToolContext, entry: Entry, allowed: WriteTarget, note: str = _ENDED
) -> Written:
    """Ask the source how a transaction ended that was about to be committed; `note`: why."""
    ending = await _ending(at, entry.txid or "", allowed)
    if ending == "committed":
        outcome = {"rows": entry.detail.get("rows"), "sql": entry.detail.get("sql")}
        await ledger.settle(at, entry, "done", outcome, service.FOUND_OUT)
        return _written(entry, again=True)
    if ending == "aborted":
        await ledger.settle(at, entry, "not_done", None, _UNDONE)
        raise NotWritten("The connection was lost, and the database undid the statement.")
    await ledger.settle(at, entry, "unknown", None, note)
    raise OutcomeUnknown(note)


async def _settle_stopped(
    at: ToolContext, working: "asyncio.Task[ActionResult]", entry: Entry, allowed: WriteTarget
) -> None:
    """Settle a write that was stopped while it was being committed, if that can be found out.

    What cannot is left to the end of the run.
    """
    with suppress(TimeoutError, ActionFailed, NoWorker, OutcomeUnknown, TakenOver):
        async with asyncio.timeout(_STOPPED_S):
            try:
                await _made(at, entry, await asyncio.shield(working))
            except NotWritten as error:
                await ledger.settle(at, entry, "not_done", None, error.detail)
            except (ActionFailed, NoWorker) as error:
                await _found_out(at, entry, allowed, _unsure(error))


async def _ending(at: ToolContext, txid: str, allowed: WriteTarget) -> str:
    """Return how the transaction ended; `unknown` where nobody can tell.

    Also without a `txid` the source is asked: it says once nothing of the write is open any more,
    so that whoever looks at the rows then sees them as they stay.
    """
    gateway = at.ctx.resources.get(WorkerGateway)
    clock = asyncio.get_running_loop().time
    began = clock()
    heard: float | None = None
    while clock() - began < _FIND_S and (heard is None or clock() - heard < _IDLE_S):
        try:
            order = Order("outcome", {"mark": txid}, _OUTCOME_S)
            answer = await gateway.perform_on(at.ctx, allowed.target, order)
        except (ActionFailed, NoWorker):
            pass  # out of reach for now
        else:
            found = str(answer.result.get("ending"))
            if found != "in_progress":
                return found
            heard = heard or clock()
        await asyncio.sleep(_LOOK_S)
    return "unknown"


async def find_out_later(ctx: Context, left: service.Left) -> Literal["told", "later", "never"]:
    """Ask the source once what became of a write whose run has ended; no transaction may be open.

    Returns:
        `told`: it is settled; `later`: the source may tell when it is asked again; `never`.
    """
    try:
        allowed = await open_write(ctx, left.source_id)
        order = Order("outcome", {"mark": left.txid or ""}, _GLANCE_S)
        answer = await ctx.resources.get(WorkerGateway).perform_on(ctx, allowed.target, order)
    except (ActionFailed, NoWorker):
        return "later"
    except DatelierError:
        return "never"
    ending = str(answer.result.get("ending"))
    if ending not in {"committed", "aborted"}:
        return "later" if ending == "in_progress" else "never"
    async with ctx.begin() as tx:
        await service.found_out(tx, left, happened=ending == "committed")
    return "told"


def _written(entry: Entry, *, again: bool) -> Written:
    known = {**entry.detail, **(entry.outcome or {})}
    rows = known.get("rows")
    return Written(
        rows, known.get("verb") or "", known.get("table") or "", known.get("sql") or "", again
    )
