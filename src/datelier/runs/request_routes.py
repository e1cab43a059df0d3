"""HTTP doors for decisions: the run that waits goes on in the same transaction."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Query

from datelier.identity.access import needs
from datelier.inbox.rule_schemas import RuleIn, RuleOut, RuleProposal
from datelier.inbox.schemas import BulkIn, BulkOut, DecideIn, RequestDetail
from datelier.kit.context import Context
from datelier.runs import decide
from datelier.runs.previewing import PreviewIn, PreviewOut, preview_edited
from datelier.runs.ruling import propose_rule, save_rule

router = APIRouter(prefix="/requests", tags=["inbox"])

Decider = Annotated[Context, needs("request:decide", session=False)]
Ruler = Annotated[Context, needs("agent:manage", session=False, costly=True)]


@router.post("/bulk")
async def decide_requests(body: BulkIn, ctx: Decider) -> BulkOut:
    """Reject several requests, or approve several calls of one action below destructive."""
    return await decide.decide_bulk(ctx, body)


@router.post("/{request_id}/decide")
async def decide_request(request_id: UUID, body: DecideIn, ctx: Decider) -> RequestDetail:
    """Decide every action of a request, once; `already_decided` says who was faster and when."""
    return await decide.decide(ctx, request_id, body)


@router.post("/{request_id}/preview")
async def preview_request(
    request_id: UUID,
    body: PreviewIn,
    ctx: Annotated[Context, needs("query:run", session=False, costly=True)],
) -> PreviewOut:
    """Show what an action would do with edited arguments, before anybody approves them."""
    return await preview_edited(ctx, request_id, body)


@router.get("/{request_id}/rule")
async def propose_request_rule(
    request_id: UUID, ctx: Ruler, action_id: Annotated[str, Query(max_length=200)] = "1"
) -> RuleProposal:
    """Show the rule that would always allow calls like this one; 409 `no_rule` where none can."""
    return await propose_rule(ctx, request_id, action_id)


@router.post("/{request_id}/rule", status_code=201)
async def save_request_rule(request_id: UUID, body: RuleIn, ctx: Ruler) -> RuleOut:
    """Save that rule for the agent; the request itself still waits for a decision."""
    return await save_rule(ctx, request_id, body)


@router.post("/{request_id}/resume")
async def resume_request(
    request_id: UUID,
    body: Annotated[Any, Body()],
    ctx: Decider,
    decision_id: Annotated[UUID | None, Query()] = None,
) -> RequestDetail:
    """Decide a request with a reply in the dialect that it came in."""
    return await decide.resume_in_kind(ctx, request_id, decision_id, body)
