"""What a new organization gets: the built-in agents."""

from datelier.agents.definition import AgentDefinition, Policy
from datelier.agents.models import Agent, AgentVersion
from datelier.agents.prompts import (
    ANALYST_DESCRIPTION,
    ANALYST_INSTRUCTIONS,
    ANALYST_NAME,
    ANALYST_SLUG,
    STEWARD_DESCRIPTION,
    STEWARD_INSTRUCTIONS,
    STEWARD_NAME,
    STEWARD_SLUG,
    STEWARD_STARTERS,
)
from datelier.agents.service import add_agent
from datelier.kit.context import Context
from datelier.kit.db import add_owned, owned

# Whoever asks questions changes nothing; who cares for the data may propose a correction.
_READS: dict[str, Policy] = {"write_sql": "never", "http_request": "never"}
_KEEPS: dict[str, Policy] = {"write_sql": "ask", "http_request": "never"}

_BUILTIN = (
    (ANALYST_SLUG, ANALYST_NAME, ANALYST_DESCRIPTION, ANALYST_INSTRUCTIONS, (), _READS),
    (
        STEWARD_SLUG,
        STEWARD_NAME,
        STEWARD_DESCRIPTION,
        STEWARD_INSTRUCTIONS,
        STEWARD_STARTERS,
        _KEEPS,
    ),
)


async def ensure_builtin(ctx: Context) -> None:
    """Give the organization its built-in agents, once; published, so that they can answer."""
    known = set(
        (await ctx.session.execute(owned(ctx, Agent).with_only_columns(Agent.slug))).scalars()
    )
    for slug, name, description, instructions, starters, tools in _BUILTIN:
        if slug in known:
            continue
        workflow = ctx.resources.settings.analyst_workflow if slug == ANALYST_SLUG else "plain"
        made = AgentDefinition(
            instructions=instructions,
            starters=list(starters),
            tools=dict(tools),
            workflow=workflow,
        )
        definition = made.stored()
        row = Agent(
            name=name, description=description, builtin=True, draft=definition, published_version=1
        )
        await add_agent(ctx, row, slug)
        await add_owned(ctx, AgentVersion(agent_id=row.id, version=1, definition=definition))
