"""Deciding a request and going on with the run that waits for it: one transaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text

from datelier.effects.service import ASKED, DO_NOW, UNKNOWN, answered
from datelier.inbox import service as inbox
from datelier.inbox.deciding import require_open, seen_revision
from datelier.inbox.dialects import answer, resume
from datelier.inbox.errors import BulkMixed
from datelier.inbox.hashing import canonical
from datelier.inbox.models import Request
from datelier.inbox.schemas import (
    ActionDecision,
    BulkIn,
    BulkOut,
    BulkResult,
    DecideIn,
    RequestDetail,
    Status,
)
from datelier.kit.context import Context
from datelier.kit.db import get_owned
from datelier.kit.errors import DatelierError
from datelier.kit.fail_points import reach
from datelier.kit.ids import uuid7
from datelier.kit.tools import Toolbox
from datelier.runs.append import append_parts
from datelier.runs.bus import QUEUE, Bus
from datelier.runs.destroying import people_needed, require
from datelier.runs.models import Run
from datelier.runs.request_part import request_part
from datelier.runs.start import tell_thread

_NOW = text("select clock_timestamp()")
_CHANGED = "The tool has changed since this was asked. Ask the agent to propose it again."
_QUEUE = text(
    "update run set status = 'queued', available_at = now(), resume = cast(:resume as jsonb), "
    "updated_at = now() where org_id = :org and id = :run and status = 'waiting'"
)


@dataclass(frozen=True, slots=True)
class Locked:
    """A request and the run that waits for it, both locked; always in this order."""

    request: Request
    run: Run | None


async def lock_request(ctx: Context, request_id: UUID) -> Locked:
    """Lock a request that the caller may see, and before it the run that it belongs to.

    Raises:
        NotFound: Unknown, foreign, or of somebody else's chat.
    """
    seen = await inbox.get_visible(ctx, request_id)
    run = None
    if seen.run_id is not None:
        run = await get_owned(ctx, Run, seen.run_id, for_update=True)
        await ctx.session.refresh(run)
    return Locked(await inbox.get_visible(ctx, request_id, for_update=True), run)


async def decide(ctx: Context, request_id: UUID, given: DecideIn) -> RequestDetail:
    """Decide a request, in a transaction of its own; the run that waits for it goes on.

    Raises:
        NotFound: Unknown, foreign, or of somebody else's chat.
        AlreadyDecided, RequestExpired, RequestWithdrawn, RequestSuperseded: Too late.
        RevisionConflict, DecisionIdReused, NotYours, Invalid, DecisionNotAllowed: Not like this.
    """
    async with ctx.begin() as tx:
        seen = await inbox.get_visible(tx, request_id)
    people = await people_needed(ctx, seen, given.decisions)
    async with ctx.begin() as tx:
        found = await lock_request(tx, request_id)
        decided = await _decide(tx, found, given, people)
        reach("decision.before_commit")
    reach("decision.after_commit")
    return decided


async def _decide(tx: Context, found: Locked, given: DecideIn, people: int) -> RequestDetail:
    row = found.request
    if await _end_if_void(tx, found):
        # What was found out is kept: the error below must not undo it.
        await tx.session.commit()
        require_open(row)
    _require_rights(tx, row, given)
    require(row, people)
    decided = await inbox.decide(tx, row, given)
    if decided.settled:
        await _settle_effect(tx, row)
    await _told(tx, found, went_on=decided.settled)
    return await inbox.detail(tx, row)


def _require_rights(tx: Context, row: Request, given: DecideIn) -> None:
    """Nobody lets an agent do what they may not do themselves.

    Raises:
        Forbidden: The caller lacks the right that a call to be made needs.
    """
    tools = {tool.name: tool for tool in tx.resources.get(Toolbox).tools}
    decided = {decision.action_id: decision for decision in given.decisions}
    for action in inbox.actions_of(row):
        decision = decided.get(action.id)
        if decision is None:
            continue
        name = None
        if decision.type in ("approve", "edit") and action.tool_call_id is not None:
            name = action.name
        elif action.name == UNKNOWN and decision.args == DO_NOW:
            name = str(action.args["tool"])
        tool = tools.get(name or "")
        if tool is not None:
            tx.require(tool.scope)


async def _settle_effect(tx: Context, row: Request) -> None:
    """Keep what a person found out about a call of which nobody knew what became of it."""
    if row.run_id is None:
        return
    asked = row.interrupt_id or ""
    for action in inbox.actions_of(row):
        call = action.args["call"] if action.name == UNKNOWN else None
        if asked.startswith(ASKED):
            call = asked.removeprefix(ASKED)
        given = (row.outcome or {}).get(action.id)
        if call is not None and given is not None:
            await answered(tx, row.run_id, call, ActionDecision.model_validate(given).args)


async def _end_if_void(tx: Context, found: Locked) -> bool:
    """End a request whose time is over or whose tool has changed; return whether it ended."""
    row = found.request
    if row.status != "pending":
        return False
    now = (await tx.session.execute(_NOW)).scalar_one()
    if row.expires_at is not None and row.expires_at <= now and row.on_expiry != "keep":
        return await expire(tx, found)
    known = {tool.name: tool.definition_hash for tool in tx.resources.get(Toolbox).tools}
    for action in inbox.actions_of(row):
        wanted = action.definition_hash
        if wanted is not None and known.get(action.name, wanted) != wanted:
            await end(tx, found, "superseded", _CHANGED)
            return True
    return False


async def expire(tx: Context, found: Locked) -> bool:
    """Do what a request says about its expiry, and go on with the run; return whether it ended."""
    ended = await inbox.expire(tx, found.request)
    await _told(tx, found, went_on=ended)
    return ended


async def end(tx: Context, found: Locked, status: Status, note: str) -> None:
    """End a request without a decision; the run goes on and learns why."""
    await inbox.end_request(tx, found.request, status, note)
    await _told(tx, found, went_on=True)


async def _told(tx: Context, found: Locked, *, went_on: bool) -> None:
    run = found.run
    if run is None or run.status != "waiting" or not found.request.awaited:
        return
    await append_parts(tx, run.id, [request_part(found.request)])
    if not went_on or await inbox.waiting_of_run(tx, run.id):
        return
    answers = {
        str(row.interrupt_id): _answer(row) for row in await inbox.interrupts_of_run(tx, run.id)
    }
    values = {
        "org": tx.org_id,
        "run": run.id,
        "resume": orjson.dumps({"answers": answers}).decode(),
    }
    await tx.session.execute(_QUEUE, values)
    bus, run_id = tx.resources.get(Bus), run.id
    tx.on_commit(lambda: bus.tell_all(QUEUE, (run_id.hex,)))
    tell_thread(tx, run.thread_id, "run")


def _answer(row: Request) -> str:
    """Return what the graph is given, as the text of JSON: jsonb would change some numbers."""
    actions = inbox.actions_of(row)
    decisions = None
    if row.outcome is not None:
        decisions = [ActionDecision.model_validate(row.outcome[action.id]) for action in actions]
    dialect: Any = row.dialect
    return canonical(answer(dialect, row.envelope, actions, decisions, row.note)).decode()


async def resume_in_kind(
    ctx: Context, request_id: UUID, decision_id: UUID | None, body: Any
) -> RequestDetail:
    """Decide a request with a reply in the dialect that it came in.

    Raises:
        Malformed: The reply is not one of that dialect.
        DatelierError: As :func:`decide`.
    """
    async with ctx.begin() as tx:
        seen = await inbox.get_visible(tx, request_id)
    dialect: Any = seen.dialect
    decisions = resume(dialect, seen.envelope, inbox.actions_of(seen), body)
    people = await people_needed(ctx, seen, decisions)
    async with ctx.begin() as tx:
        found = await lock_request(tx, request_id)
        row = found.request
        given = DecideIn.model_construct(
            decision_id=decision_id or uuid7(),
            revision=await seen_revision(tx, row, decision_id),
            decisions=decisions,
        )
        return await _decide(tx, found, given, people)


async def decide_bulk(ctx: Context, body: BulkIn) -> BulkOut:
    """Approve or reject several requests; each is decided for itself.

    Raises:
        NotFound: One of them is unknown or foreign; nothing is decided.
        BulkMixed: Approved together are only calls of one action with one schema, below
            destructive, that one person can decide.
    """
    ids = list(dict.fromkeys(body.ids))
    async with ctx.begin() as tx:
        rows = [await inbox.get_visible(tx, request_id) for request_id in ids]
    if body.type == "approve":
        _require_alike(rows)
    return BulkOut(results=[await _one_of_several(ctx, row, body) for row in rows])


def _require_alike(rows: Sequence[Request]) -> None:
    shapes = {
        canonical([[action.name, action.args_schema] for action in inbox.actions_of(row)])
        for row in rows
    }
    if len(shapes) > 1:
        raise BulkMixed("Only calls of the same action can be approved together.")
    if any(row.risk == "destructive" for row in rows):
        raise BulkMixed("What destroys data is approved one by one.")


async def _one_of_several(ctx: Context, row: Request, body: BulkIn) -> BulkResult:
    decisions = [
        ActionDecision(action_id=action.id, type=body.type, message=body.message)
        for action in inbox.actions_of(row)
    ]
    # The revision that was looked at above: what has changed since is not decided.
    given = DecideIn.model_construct(
        decision_id=uuid7(), revision=row.revision, decisions=decisions
    )
    try:
        shown = await decide(ctx, row.id, given)
    except DatelierError as error:
        async with ctx.begin() as tx:
            status: Any = (await inbox.get_visible(tx, row.id)).status
        return BulkResult(id=row.id, ok=False, status=status, code=error.code, message=error.detail)
    return BulkResult(id=row.id, ok=True, status=shown.status)
