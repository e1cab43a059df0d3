"""Which tools there are to give to an agent."""

from datelier.agents.definition import Policy
from datelier.agents.policy import ALWAYS_ASKED, default_policy
from datelier.agents.schemas import ToolOut
from datelier.kit.context import Context
from datelier.kit.tools import Tool, Toolbox


def list_tools(ctx: Context) -> list[ToolOut]:
    """Return every tool of the product with its effect and the policies it can have."""
    return [_shown(tool) for tool in ctx.resources.get(Toolbox).tools]


def _shown(tool: Tool) -> ToolOut:
    policies: list[Policy] = ["ask", "never"]
    if tool.effect not in ALWAYS_ASKED:
        policies.insert(0, "auto")
    return ToolOut(
        name=tool.name,
        title=tool.title,
        description=tool.description,
        effect=tool.effect,
        partition=tool.partition,
        contexts=sorted(tool.contexts, reverse=True),
        default=default_policy(tool),
        policies=policies,
    )
