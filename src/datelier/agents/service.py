"""Verbs over agents. Every one needs an open transaction."""

from uuid import UUID

from datelier.agents.models import Agent
from datelier.agents.prompts import ANALYST_SLUG
from datelier.agents.schemas import AgentPatch
from datelier.identity.audit import record
from datelier.kit.context import Context
from datelier.kit.db import get_owned, owned
from datelier.kit.errors import NotFound
from datelier.llms.service import get_model


async def list_agents(ctx: Context) -> list[Agent]:
    """Return the organization's agents, oldest first."""
    return list((await ctx.session.execute(owned(ctx, Agent).order_by(Agent.id))).scalars())


async def get_agent(ctx: Context, agent_id: UUID | None = None) -> Agent:
    """Return one agent, or the built-in analyst when no id is given.

    Raises:
        NotFound: Unknown or foreign.
    """
    if agent_id is not None:
        return await get_owned(ctx, Agent, agent_id)
    row = await find_analyst(ctx)
    if row is None:
        raise NotFound("agent")
    return row


async def update_agent(ctx: Context, agent_id: UUID, patch: AgentPatch) -> Agent:
    """Change an agent's instructions or preferred model.

    Raises:
        NotFound: The agent or the model is unknown or foreign.
    """
    row = await get_owned(ctx, Agent, agent_id, for_update=True)
    fields = patch.model_fields_set
    if patch.instructions is not None:
        row.instructions = patch.instructions
    if "model_id" in fields:
        if patch.model_id is not None:
            await get_model(ctx, patch.model_id)
        row.model_id = patch.model_id
    await ctx.session.flush()
    await ctx.session.refresh(row)
    detail = {"fields": sorted(fields)}
    await record(ctx, action="agent.updated", target=("agent", row.id), detail=detail)
    return row


async def find_analyst(ctx: Context) -> Agent | None:
    """Return the built-in analyst, if the organization has it."""
    statement = owned(ctx, Agent).where(Agent.slug == ANALYST_SLUG)
    return (await ctx.session.execute(statement)).scalar_one_or_none()
