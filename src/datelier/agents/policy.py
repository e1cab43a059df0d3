"""Whether an agent may call a tool by itself."""

from datelier.agents.definition import AgentDefinition, Policy
from datelier.kit.tools import Effect, Tool

# A call that changes or destroys data is never made without a person, whatever was chosen.
ALWAYS_ASKED: frozenset[Effect] = frozenset({"write", "destructive"})

# Offered where the agent's memory is on, and nowhere else.
NEED_MEMORY: frozenset[str] = frozenset({"remember", "forget"})


def default_policy(tool: Tool) -> Policy:
    """Return the policy of a tool about which an agent says nothing."""
    if tool.partition == "documents":
        return "never"  # an agent writes documents only where somebody has decided so
    return "auto" if tool.effect == "read" else "ask"


def policy_of(definition: AgentDefinition, tool: Tool) -> Policy:
    """Return whether an agent calls a tool by itself, asks a person first, or has no such tool."""
    if tool.name in NEED_MEMORY and definition.memory == "off":
        return "never"
    chosen = definition.tools.get(tool.name) or default_policy(tool)
    return "ask" if chosen == "auto" and tool.effect in ALWAYS_ASKED else chosen
