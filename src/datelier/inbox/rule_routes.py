"""HTTP doors of an agent's standing approvals; they are saved from a request."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from datelier.identity.access import needs
from datelier.inbox.rule_schemas import RuleOut
from datelier.inbox.rule_views import list_rules
from datelier.inbox.rules import delete_rule
from datelier.kit.context import Context
from datelier.kit.pagination import Page

router = APIRouter(prefix="/agents/{agent_id}/rules", tags=["inbox"])


@router.get("")
async def list_agent_rules(
    agent_id: UUID, ctx: Annotated[Context, needs("agent:get")]
) -> Page[RuleOut]:
    """List the calls that an agent makes without asking each time, who allowed them, and their use."""
    return Page(data=await list_rules(ctx, agent_id))


@router.delete("/{rule_id}", status_code=204)
async def delete_agent_rule(
    agent_id: UUID, rule_id: UUID, ctx: Annotated[Context, needs("agent:manage")]
) -> None:
    """Delete a rule: such calls are asked about again."""
    await delete_rule(ctx, agent_id, rule_id)
