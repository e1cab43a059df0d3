"""Calls that a standing rule allows, so that nobody is asked about them.

The gate only looks, because it may be run again; whether a rule holds is settled once more, and
noted, right before the call.
"""

from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from datelier.chat.turn import Turn, tool_context
from datelier.inbox.hashing import args_hash
from datelier.inbox.models import ApprovalRule
from datelier.inbox.rule_views import in_words
from datelier.inbox.rules import RuledCall, rule_for, rule_used, use_rule
from datelier.kit.context import Context
from datelier.kit.errors import DatelierError
from datelier.kit.tools import Preview, Tool
from datelier.runs.execution import ActiveRun

_SEEN: Final = "seen before a rule"


@dataclass(frozen=True, slots=True)
class AllowedByRule:
    """A call that a rule allows.

    Attributes:
        said: Whose rule, in words, for the work log.
        most_rows: The most rows that it may change.
        first: The call has not been begun before, by a process that did not live to say so.
    """

    said: str
    most_rows: int | None
    first: bool


async def is_ruled(
    run: ActiveRun, turn: Turn, tool: Tool, args: dict[str, Any], call_id: str, preview: Preview
) -> bool:
    """Whether a rule covers a call exactly, as far as can be told before it is made."""
    run.cache.setdefault(_SEEN, {})[call_id] = preview
    call = await _ruled(run, turn, tool, args, call_id)
    if call is None:
        return False
    async with run.ctx.begin() as tx:
        return await rule_for(tx, call) is not None


async def use_of_rule(
    run: ActiveRun, turn: Turn, tool: Tool, args: dict[str, Any], call_id: str
) -> AllowedByRule | None:
    """Note that a rule allows a call that is about to be made; None when none does.

    Raises:
        Fenced: Another process holds the run.
    """
    # What was begun goes on, so that the ledger can say how it ended.
    async with run.ctx.begin() as tx:
        begun = await rule_used(tx, run.id, call_id, args_hash(tool.name, args))
        if begun is not None:
            return await _allowed(tx, begun, first=False)
    call = await _ruled(run, turn, tool, args, call_id)
    if call is None:
        return None
    async with run.ctx.begin() as tx:
        await run.fence(tx)
        row = await use_rule(tx, call)
        return None if row is None else await _allowed(tx, row, first=True)


async def _allowed(tx: Context, row: ApprovalRule, *, first: bool) -> AllowedByRule:
    said = f"Allowed by rule {row.number} of {row.saved_by_name}: {await in_words(tx, row)}"
    return AllowedByRule(said, row.max_rows, first)


async def _ruled(
    run: ActiveRun, turn: Turn, tool: Tool, args: dict[str, Any], call_id: str
) -> RuledCall | None:
    """Return what a rule has to cover; None where none may: in tests, for what destroys."""
    claim = run.claim
    if claim.kind == "test" or claim.agent_id is None or tool.terms is None:
        return None
    at = tool_context(run, turn, call_id)
    try:
        parsed = tool.input_model.model_validate(args)
        preview = await _seen(run, turn, tool, parsed, call_id)
        if (preview.risk or tool.effect) == "destructive":
            return None
        terms = await tool.terms(at, parsed)
    except (ValidationError, DatelierError):
        return None
    return RuledCall(
        agent_id=claim.agent_id,
        run_id=run.id,
        tool_call_id=call_id,
        tool=tool,
        terms=terms,
        args_hash=args_hash(tool.name, args),
        rows=preview.rows,
        has_read=turn.has_read,
        started_by=run.ctx.actor.id,
    )


async def _seen(run: ActiveRun, turn: Turn, tool: Tool, parsed: BaseModel, call_id: str) -> Preview:
    """Return what the gate has seen of a call; another process looks again."""
    known: dict[str, Preview] = run.cache.get(_SEEN, {})
    if call_id in known:
        return known[call_id]
    if tool.preview is None:
        return Preview()
    return await tool.preview(tool_context(run, turn, call_id), parsed)
