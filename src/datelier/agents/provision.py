"""What a new organization gets: the built-in agents."""

from datelier.agents.models import Agent
from datelier.agents.prompts import ANALYST_INSTRUCTIONS, ANALYST_NAME, ANALYST_SLUG
from datelier.agents.service import find_analyst
from datelier.kit.context import Context
from datelier.kit.db import add_owned


async def ensure_builtin(ctx: Context) -> None:
    """Give the organization its built-in agents, once."""
    if await find_analyst(ctx) is None:
        await add_owned(
            ctx,
            Agent(
                name=ANALYST_NAME,
                slug=ANALYST_SLUG,
                instructions=ANALYST_INSTRUCTIONS,
                builtin=True,
            ),
        )
