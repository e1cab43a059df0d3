"""The agents API."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter

from datelier.agents import service
from datelier.agents.schemas import AgentOut, AgentPatch
from datelier.identity.access import needs
from datelier.kit.context import Context
from datelier.kit.pagination import Page

router = APIRouter(prefix="/agents", tags=["agents"])


@router.get("")
async def list_agents(ctx: Annotated[Context, needs("agent:get")]) -> Page[AgentOut]:
    """List the organization's agents."""
    rows = await service.list_agents(ctx)
    return Page(data=[AgentOut.model_validate(row) for row in rows])


@router.get("/{agent_id}")
async def get_agent(ctx: Annotated[Context, needs("agent:get")], agent_id: UUID) -> AgentOut:
    """Return one agent."""
    return AgentOut.model_validate(await service.get_agent(ctx, agent_id))


@router.patch("/{agent_id}")
async def update_agent(
    ctx: Annotated[Context, needs("agent:manage")], agent_id: UUID, body: AgentPatch
) -> AgentOut:
    """Change an agent's instructions or preferred model."""
    return AgentOut.model_validate(await service.update_agent(ctx, agent_id, body))
