"""Making a standing approval of a call that somebody sees in a request.

A rule is only ever made from a call that was shown: nobody writes one by hand.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ValidationError

from datelier.inbox import service as inbox
from datelier.inbox.models import Request
from datelier.inbox.rule_schemas import RuleIn, RuleOut, RuleProposal
from datelier.inbox.rule_views import described, show_rules, source_refs
from datelier.inbox.rules import MANAGE, NewRule, add_rule
from datelier.inbox.schemas import Action, PersonRef
from datelier.inbox.visibility import require_decider
from datelier.kit.context import Context
from datelier.kit.errors import Invalid
from datelier.kit.tools import NoTerms, Preview, PreviewRefused, Terms, Tool, Toolbox, ToolContext
from datelier.runs.fold import Part


@dataclass(frozen=True, slots=True)
class _Shown:
    """A call of a request, and the terms of a rule about it."""

    agent_id: UUID
    tool: Tool
    terms: Terms
    rows: int | None


async def propose_rule(ctx: Context, request_id: UUID, action_id: str) -> RuleProposal:
    """Return exactly the rule that would be saved; nothing is saved.

    Raises:
        NotFound: Unknown, foreign, or of somebody else's chat.
        Forbidden: The caller may not save such a rule.
        Invalid: The request has no such action.
        NoTerms: No rule can be made of this call.
    """
    row, shown = await _shown(ctx, request_id, action_id)
    async with ctx.begin() as tx:
        names = await source_refs(tx, [shown.terms.source_id])
        [request] = await inbox.describe(tx, [row])
    terms = described(shown.tool.name, shown.tool.title, shown.terms, names)
    return RuleProposal(
        **dict(terms),
        agent=request.agent or PersonRef(id=shown.agent_id, name=""),
        rows=shown.rows,
        asks_after_reading=not shown.terms.inward,
    )


async def save_rule(ctx: Context, request_id: UUID, given: RuleIn) -> RuleOut:
    """Save the rule of a request's action; the request itself still waits for a decision.

    Raises:
        DatelierError: As :func:`propose_rule`.
        Invalid: It says how many rows, and calls of this kind change none.
    """
    _, shown = await _shown(ctx, request_id, given.action_id)
    if given.max_rows is not None and not shown.terms.counted:
        raise Invalid.field("max_rows", "calls of this kind change no rows")
    most = given.max_rows or shown.rows
    if shown.terms.counted and most is None:
        raise Invalid.field("max_rows", "is needed: it is not known how many rows this changes")
    new = NewRule(
        agent_id=shown.agent_id,
        tool=shown.tool,
        terms=shown.terms,
        max_rows=max(1, most) if shown.terms.counted and most is not None else None,
        after_reading=shown.terms.inward or given.after_reading,
        request_id=request_id,
    )
    async with ctx.begin() as tx:
        [saved] = await show_rules(tx, [await add_rule(tx, new)])
    return saved


async def _shown(ctx: Context, request_id: UUID, action_id: str) -> tuple[Request, _Shown]:
    async with ctx.begin() as tx:
        row = await inbox.get_visible(tx, request_id)
        require_decider(tx, row)
    ctx.require(MANAGE)
    action = next((one for one in inbox.actions_of(row) if one.id == action_id), None)
    if action is None:
        raise Invalid.field("action_id", "is no action of this request")
    tools = {tool.name: tool for tool in ctx.resources.get(Toolbox).tools}
    tool = tools.get(action.name)
    if tool is None or tool.terms is None or row.agent_id is None or action.tool_call_id is None:
        raise NoTerms("Calls of this kind are asked about each time.")
    ctx.require(tool.scope)
    if action.definition_hash != tool.definition_hash:
        raise NoTerms("The tool has changed since this was asked.")
    parsed = _parsed(tool, action, row)
    at = _place(ctx, row, action)
    preview = await _preview(tool, at, parsed)
    if (preview.risk or tool.effect) == "destructive":
        raise NoTerms("What destroys data is asked about each time.")
    terms = await tool.terms(at, parsed)
    return row, _Shown(row.agent_id, tool, terms, preview.rows if terms.counted else None)


def _parsed(tool: Tool, action: Action, row: Request) -> BaseModel:
    """Return the arguments that were approved with edits, else those that were asked for."""
    said: dict[str, Any] = (row.outcome or {}).get(action.id) or {}
    args = said.get("args") if said.get("type") == "edit" else action.args
    try:
        return tool.input_model.model_validate(args)
    except ValidationError:
        raise NoTerms("The arguments do not fit the tool any more.") from None


async def _preview(tool: Tool, at: ToolContext, parsed: BaseModel) -> Preview:
    if tool.preview is None:
        return Preview()
    try:
        return await tool.preview(at, parsed)
    except PreviewRefused as error:
        raise NoTerms(error.detail, hint=error.hint) from None


def _place(ctx: Context, row: Request, action: Action) -> ToolContext:
    run_id = row.run_id or row.id
    return ToolContext(
        ctx=ctx,
        run_id=run_id,
        thread_id=row.thread_id or run_id,
        message_id=run_id,
        tool_call_id=action.tool_call_id or "",
        source_ids=(row.source_id,) if row.source_id is not None else (),
        emit=_nowhere,
        agent="",
    )


async def _nowhere(_part: Part) -> None:
    return
